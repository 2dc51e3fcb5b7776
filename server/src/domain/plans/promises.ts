/** How a plan's jobs of a while fared against what it promises. */
export interface KeptPromises {
	plan: string;
	/** Jobs that began, or have waited for longer than promised; counted only where a wait is promised. */
	waited: number;
	/** Of them, those that began in time. */
	begunInTime: number;
	/** Jobs that ended otherwise than by being cancelled. */
	ended: number;
	/** Of them, those of which every picture succeeded. */
	succeeded: number;
}

export interface PromiseReader {
	/** Jobs accepted in the last `days`, by plan. Reads all of them: for a report, not for a page. */
	kept(promisedWaitsMs: Readonly<Record<string, number | null>>, days: number): Promise<KeptPromises[]>;
}
