import { predictMs, type RunningMedian } from "../../domain/scheduling/eta/serviceTime.ts";
import { type Database, type Session, sql } from "../sql.ts";
import { isLive } from "./isLive.ts";

/** A task in a worker's hands. */
export interface Running {
	taskId: number;
	pool: string;
	capability: string;
	/** On this very worker. */
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
	const [row] = await session.query<FleetRow>(sql`
		with held as (select t.worker_id, jsonb_agg(jsonb_build_object('taskId', t.id, 'pool', t.pool, 'capability', t.capability,
				'predictedMs', t.predicted_ms, 'elapsedMs', extract(epoch from clock_timestamp() - t.started_at) * 1000, 'progress', t.progress,
				'loadsModel', t.loads_model, 'onWorker', case when m.key is null then null
					else jsonb_build_object('value', m.value, 'samples', m.samples) end)) as running
			from tasks t left join workers w on w.id = t.worker_id
			left join measured_times m on m.key = 'run ' || t.time_key || ' on ' || coalesce(w.name, t.worker_id)
			where t.status = 'running' group by t.worker_id)
		select (select coalesce(jsonb_agg(jsonb_build_object('id', w.id, 'pools', w.pools, 'capabilities', w.capabilities,
				'slots', w.slots,
				'loadedModel', w.loaded_model, 'running', coalesce(h.running, '[]')) order by w.id), '[]')
			from workers w left join held h on h.worker_id = w.id where ${isLive(liveForMs)} and not w.paused and not w.draining) as workers,
		(select coalesce(array_agg(id), '{}') from pools where paused) as "pausedPools"`);
	const { workers, pausedPools } = row ?? { workers: [], pausedPools: [] };
	return { workers: workers.map((worker) => ({ ...worker, running: worker.running.map(onItsWorker) })), pausedPools };
}

interface FleetRow extends Omit<Fleet, "workers"> {
	/** `predictedMs` is for any worker; `onWorker` what was measured on this one. */
	workers: (Omit<FleetWorker, "running"> & { running: (Running & { onWorker: RunningMedian | null })[] })[];
}

const onItsWorker = ({ onWorker, ...running }: FleetRow["workers"][number]["running"][number]): Running => ({
	...running,
	predictedMs: predictMs({ worker: onWorker }, running.predictedMs),
});

/** What is left of a running task, by its progress where it says any, else by the clock; a tenth of it when it is overdue. */
export function leftMs({ predictedMs, elapsedMs, progress, loadsModel }: Omit<Running, "taskId">, loadMs: number): number {
	if (progress > 0) return predictedMs * (1 - progress);
	const wholeMs = predictedMs + (loadsModel ? loadMs : 0);
	return Math.max(predictedMs / 10, wholeMs - elapsedMs);
}
