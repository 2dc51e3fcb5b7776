/** How long jobs of a plan waited lately, in milliseconds from being accepted (or due) to being begun. */
export interface PlanWait {
	plan: string;
	p50Ms: number;
	p90Ms: number;
}

export interface PlanWaitReader {
	/** Of the last 24 hours; plans with too few jobs for a median that tells of nobody in particular are left out. Some seconds old. */
	read(): Promise<PlanWait[]>;
}
