import type { PoolLoads } from "../../domain/jobs/poolLoads.ts";
import type { PlacementSettings } from "../../domain/scheduling/placement.ts";
import type { QueueIndex } from "./queueIndex.ts";
import type { ReadWorkflow } from "./readWorkflow.ts";
import type { ServiceTimes } from "./serviceTimes.ts";

/** What deciding about tasks needs beyond the rows at hand. */
export interface Scheduling {
	readWorkflow: ReadWorkflow;
	/** A worker silent for longer than this does not count as live. */
	liveForMs: number;
	placement: PlacementSettings;
	index: QueueIndex;
	times: ServiceTimes;
	/** Predicted milliseconds to load a model: measured, else the operator's guess. */
	loadTimes(): Promise<(model: string) => number>;
	loads: PoolLoads;
	/** Optional steps of the pool are left out while its line is longer than this; null: never. */
	shedAfterMs(pool: string): number | null;
	/** What an hour of one of its workers costs the operator. */
	costMicroUsdPerHour(pool: string): number;
}
