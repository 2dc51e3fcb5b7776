import type { FinishEffects } from "./jobStore.ts";
import type { WorkerStatus } from "./workerStore.ts";

/** Workers that compete for the same steps: one of the operator's file, or a dedicated one that serves one tenant in its place. */
export interface Pool {
	id: string;
	paused: boolean;
	/** Dedicated: whose work it takes, and the pool of the operator's file whose steps it runs. Null for the pools of that file. */
	dedicated: { tenantId: string; base: string } | null;
}

/** `drain`: claims nothing more and finishes what it runs; `resume` undoes it and `pause`. */
export type WorkerOrder = "pause" | "resume" | "drain";

/** A tenant's plan as its unfinished work is to follow it. */
export interface PlanTerms {
	plan: string;
	weight: number;
	/** Pictures at once; null: no cap. */
	runningCap: number | null;
}

/** Jobs, pools and workers the operator, or for its own line a tenant, moves by hand. Every method is one transaction. */
export interface Steering {
	/** Pools of the operator's file first. */
	pools(): Promise<Pool[]>;
	/** Running steps go on; nothing more is claimed. @throws {GlassworksError} not_found */
	pausePool(id: string, paused: boolean): Promise<Pool>;
	/** @throws {GlassworksError} not_found */
	orderWorker(id: string, order: WorkerOrder): Promise<WorkerStatus>;
	/** From now on the tenant's steps of `base` go to a pool of its own. Asked again with the same names it changes nothing. @throws {GlassworksError} not_found, invalid_request */
	dedicatePool(pool: { id: string; base: string; tenantId: string }): Promise<Pool>;
	/**
	 * Ends a dedicated pool. Unfinished steps of it need `move`: they go to the base pool, tagged there as if they had come now; running
	 * ones go on. Its workers find nothing there any more. @throws {GlassworksError} not_found, invalid_request
	 */
	releasePool(id: string, options: { move: boolean }): Promise<FinishEffects & { moved: number }>;
	/** The tenant's own pools, by the pool of the operator's file they stand for. */
	dedicatedPools(tenantId: string): Promise<Record<string, string>>;
	/** The job's untouched pictures go before the tenant's other ones; nobody else's place changes. @throws {GlassworksError} not_found, job_not_movable */
	moveToFront(tenantId: string, jobId: string): Promise<FinishEffects>;
	/** Running steps of any tenant's job go back in line with their place. @throws {GlassworksError} not_found, job_not_movable */
	requeue(jobId: string): Promise<FinishEffects>;
	/** The tenant's unfinished work follows the new plan at once: weight, cap and place. @throws {GlassworksError} not_found */
	changePlan(tenantId: string, terms: PlanTerms): Promise<FinishEffects>;
}
