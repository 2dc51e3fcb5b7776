/** How much waits in a pool. */
export interface PoolLoad {
	/** Tasks in line, whoever could run them. */
	waiting: number;
	/** Predicted run time of those that live workers can run, over their slots. */
	waitMs: number;
}

/** At most some seconds old; asked without waiting. */
export interface PoolLoads {
	of(pool: string): PoolLoad;
}
