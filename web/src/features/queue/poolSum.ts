import type { Queue } from "@glassworks/sdk";

/** Over all pools, to a tenth at most. */
export function poolSum(queue: Queue, pick: (pool: Queue["pools"][number]) => number): number {
	return Math.round(queue.pools.reduce((sum, pool) => sum + pick(pool), 0) * 10) / 10;
}
