import type { Lease } from "../../domain/jobs/jobStore.ts";
import type { RunningMedian } from "../../domain/scheduling/eta/serviceTime.ts";
import type { TimeTable } from "../../domain/scheduling/timeKeys.ts";
import { type Database, sql } from "../sql.ts";
import { keepFresh } from "./fresh.ts";

/** Measured times by key, read again every few seconds. */
export interface ServiceTimes {
	read(): Promise<TimeTable>;
}

const maxAgeMs = 2_000;

export function createServiceTimes(database: Database): ServiceTimes {
	return {
		read: keepFresh(async () => {
			const rows = await database.query<RunningMedian & { key: string }>(sql`select key, value, samples from measured_times`);
			return new Map(rows.map(({ key, value, samples }) => [key, { value, samples }]));
		}, maxAgeMs),
	};
}

/**
 * Learns from a finished attempt: its run at every level, or, when it began by loading its model, what was over the run known so far as
 * the time of the load. The step is `learn` of domain/scheduling/eta/serviceTime.ts; a test compares the two. Keys in order: no deadlock.
 */
export async function learnTimes(database: Database, { taskId, attempt }: Lease): Promise<void> {
	await database.query(sql`
		with ran as (
			select t.time_key, t.capability, t.model, t.run_ms, t.prior_ms, t.loads_model, coalesce(w.name, t.worker_id) as worker,
				(select s.value from measured_times s where s.key = 'run ' || t.time_key) as known_ms
			from tasks t left join workers w on w.id = t.worker_id
			where t.id = ${taskId} and t.attempt = ${attempt} and t.run_ms is not null and t.time_key <> ''),
		samples as (
			select 'run ' || time_key as key, run_ms::float8 as sample from ran where not loads_model
			union all select 'run ' || time_key || ' on ' || worker, run_ms from ran where not loads_model
			union all select 'ratio ' || capability, run_ms::float8 / prior_ms from ran where not loads_model and prior_ms > 0
			union all select 'load ' || model, run_ms - known_ms from ran where loads_model and known_ms < run_ms)
		insert into measured_times as s (key, value, samples) select key, sample, 1 from samples order by key
		on conflict (key) do update set updated_at = clock_timestamp(), samples = s.samples + 1,
			value = s.value * exp(greatest(0.15, 1.0 / (s.samples + 1)) * least(greatest(0.4, 3.0 / (s.samples + 1)),
				greatest(-greatest(0.4, 3.0 / (s.samples + 1)), ln(excluded.value / s.value))))`);
}
