import type { PoolLoad, PoolLoads } from "../../domain/jobs/poolLoads.ts";
import { type Database, sql } from "../sql.ts";
import { readFleet } from "./fleet.ts";
import type { QueueIndex } from "./queueIndex.ts";

export interface MeasuredLoads extends PoolLoads {
	/** Looks again. Called about once a second. */
	refresh(): Promise<void>;
}

/** How long each pool's line is, in work and time. Answers at once from the last look, so that it can be asked inside a transaction. */
export function createPoolLoads(database: Database, index: QueueIndex, liveForMs: number): MeasuredLoads {
	let loads = new Map<string, PoolLoad>();
	return {
		of: (pool) => loads.get(pool) ?? { waiting: 0, waitMs: 0 },
		async refresh() {
			const [fleet, pools] = await Promise.all([readFleet(database, liveForMs), database.query<{ id: string }>(sql`select id from pools`)]);
			const measured = pools.map(async ({ id }): Promise<[string, PoolLoad]> => {
				const workers = fleet.workers.filter((worker) => worker.pools.includes(id));
				const runnable = new Set(workers.flatMap((worker) => worker.capabilities));
				const shares = (await index.of(id)).all;
				const slots = workers.reduce((sum, worker) => sum + worker.slots, 0);
				const workMs = shares.filter((share) => runnable.has(share.capability)).reduce((sum, share) => sum + share.ms, 0);
				return [id, { waiting: shares.reduce((sum, share) => sum + share.count, 0), waitMs: slots > 0 ? workMs / slots : 0 }];
			});
			loads = new Map(await Promise.all(measured));
		},
	};
}
