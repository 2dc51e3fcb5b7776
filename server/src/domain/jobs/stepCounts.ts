/** Steps that ended between two instants, for counters. */
export interface EndedStep {
	pool: string;
	model: string;
	outcome: "done" | "failed" | "skipped" | "shed";
	/** Null when it was not measured: a skipped step. */
	runMs: number | null;
	/** From ready to started, of steps that were started once; else null. */
	waitMs: number | null;
}

export interface StepCounts {
	/** Steps that ended after the last call; the first call answers none. At most two seconds late. Calls do not overlap. */
	endedSinceLast(): Promise<EndedStep[]>;
	/** Sums of the ledger over all tenants. Money in micro-dollars, quotas in units. */
	ledgerTotals(): Promise<{ unit: string; account: string; amount: number }[]>;
}
