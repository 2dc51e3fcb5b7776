import type { PoolLoads } from "../../domain/jobs/poolLoads.ts";
import type { Workflow } from "../../domain/workflows/workflow.ts";
import type { QueueIndex } from "./queueIndex.ts";
import type { ServiceTimes } from "./serviceTimes.ts";

/** What deciding about tasks needs beyond the rows at hand. */
export interface Scheduling {
	workflows: readonly Workflow[];
	/** A worker silent for longer than this does not count as live. */
	liveForMs: number;
	/** Longest a task that is first in line for its model is passed over for models that are loaded. */
	maxPassOverMs: number;
	index: QueueIndex;
	times: ServiceTimes;
	loads: PoolLoads;
	/** Optional steps of the pool are left out while its line is longer than this; null: never. */
	shedAfterMs(pool: string): number | null;
	/** What an hour of one of its workers costs the operator. */
	costMicroUsdPerHour(pool: string): number;
}
