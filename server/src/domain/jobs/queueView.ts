import type { JsonObject } from "../json.ts";

/** Why a job is not being worked on right now. @see docs/glossary.md */
export type WaitReason =
	| "no_capable_worker"
	| "workers_busy"
	| "model_loading"
	| "fair_share_turn"
	| "plan_concurrency_cap"
	| "rate_limited"
	| "scheduled"
	| "budget_paused"
	| "retry_backoff"
	| "pool_paused"
	| "dependency";

/** A job's place and outlook at one instant. */
export interface Waiting {
	asOf: Date;
	pool: string;
	/** 1 is next; null while running, scheduled or when nobody can run it. Counts only tasks some live worker could run. */
	place: number | null;
	/** Tasks ahead by the plan of their tenant. */
	aheadByPlan: Record<string, number>;
	reason: { code: WaitReason; data: JsonObject } | null;
	/** Milliseconds until the last picture, from now; null when it cannot be said and `reason` says why. */
	eta: Eta | null;
}

export interface Eta {
	p50Ms: number;
	p90Ms: number;
	/** How it was made, in words a user can read: an estimate never looks better than it is. */
	method: string;
}

/** What a job waits for, as read from the store: the numbers an estimate is made of. */
export interface Outlook {
	/** Predicted work of runnable tasks before ours in the pool's order. */
	workAheadMs: number;
	/** What is left of tasks now running in the pool, all together. */
	runningLeftMs: number;
	/** Live worker slots in the pool that can run the task. */
	slots: number;
	/** Predicted time of all this job's own remaining steps. */
	ownLeftMs: number;
	/** Pictures of this job still to finish: with more slots they overlap. */
	ownRuns: number;
}

/**
 * Time until the job ends. p50 = (work ahead + running) / slots + own work over the slots it can use; p90 widens it by a fixed
 * prior factor until coverage is measured. Work is counted once: running time is never in two terms.
 * @see docs/decisions/0008-eta-prior.md
 */
export function estimate(outlook: Outlook): Eta | null {
	if (outlook.slots < 1) return null;
	const own = outlook.ownLeftMs / Math.max(1, Math.min(outlook.ownRuns, outlook.slots));
	const p50Ms = Math.round((outlook.workAheadMs + outlook.runningLeftMs) / outlook.slots + own);
	return {
		p50Ms,
		p90Ms: Math.round(p50Ms * 1.8 + 250),
		method: "work ahead over live workers; the upper bound is a prior, not yet measured",
	};
}

/** The public picture of the queue. Holds no tenant's data. */
export interface QueueSnapshot {
	asOf: Date;
	pools: {
		pool: string;
		paused: boolean;
		ready: number;
		running: number;
		/** Ready tasks no live worker can run. */
		unrunnable: number;
		readyByPlan: Record<string, number>;
		readyByModel: Record<string, number>;
		workers: number;
		loadedModels: string[];
	}[];
}
