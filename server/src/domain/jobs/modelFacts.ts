/** What was measured of one model over the last day, or since `since` where the day held more steps than are looked at. */
export interface ModelFacts {
	/** Median time of a run that did not have to load the model first; null: none yet. */
	runMs: number | null;
	/** Time to load it, learnt from runs that began with it; null: none yet. */
	loadMs: number | null;
	/** From ready to started, of first attempts. */
	waitP50Ms: number | null;
	waitP95Ms: number | null;
	/** Failed for good, of all that ended, 0 to 1. */
	failureRate: number | null;
	/** Steps that ended. */
	samples: number;
	since: Date;
}

export interface ModelFactsReader {
	/** By model, of steps that draw; a model without an entry was not measured. Some seconds old. */
	read(): Promise<ReadonlyMap<string, ModelFacts>>;
}
