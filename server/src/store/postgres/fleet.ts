import { type Database, type Session, sql } from "../sql.ts";
import { isLive } from "./workers.ts";

/** A task in a worker's hands. */
export interface Running {
	pool: string;
	capability: string;
	predictedMs: number;
	/** Since it was claimed. */
	elapsedMs: number;
	progress: number;
	loadsModel: boolean;
}

/** A live worker that takes work: not paused, not draining. */
export interface FleetWorker {
	id: string;
	pools: string[];
	capabilities: string[];
	slots: number;
	loadedModel: string | null;
	running: Running[];
}

export interface Fleet {
	workers: FleetWorker[];
	pausedPools: string[];
}

/** Who can work now and what they hold. A few rows, whatever the length of the queue. */
export async function readFleet(session: Session | Database, liveForMs: number): Promise<Fleet> {
	const [row] = await session.query<Fleet>(sql`
		with held as (select worker_id, jsonb_agg(jsonb_build_object('pool', pool, 'capability', capability, 'predictedMs', predicted_ms,
				'elapsedMs', extract(epoch from clock_timestamp() - started_at) * 1000, 'progress', progress, 'loadsModel', loads_model)) as running
			from tasks where status = 'running' group by worker_id)
		select (select coalesce(jsonb_agg(jsonb_build_object('id', w.id, 'pools', w.pools, 'capabilities', w.capabilities, 'slots', w.slots,
				'loadedModel', w.loaded_model, 'running', coalesce(h.running, '[]')) order by w.id), '[]')
			from workers w left join held h on h.worker_id = w.id where ${isLive(liveForMs)} and not w.paused and not w.draining) as workers,
		(select coalesce(array_agg(id), '{}') from pools where paused) as "pausedPools"`);
	return row ?? { workers: [], pausedPools: [] };
}

/** What is left of a running task, by its progress where it says any, else by the clock; a tenth of it when it is overdue. */
export function leftMs({ predictedMs, elapsedMs, progress, loadsModel }: Running, loadMs: number): number {
	if (progress > 0) return predictedMs * (1 - progress);
	const wholeMs = predictedMs + (loadsModel ? loadMs : 0);
	return Math.max(predictedMs / 10, wholeMs - elapsedMs);
}
