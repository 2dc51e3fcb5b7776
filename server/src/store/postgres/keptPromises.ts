import type { KeptPromises, PromiseReader } from "../../domain/plans/promises.ts";
import { type Database, sql } from "../sql.ts";

/** A wait begins when a job is accepted, or when it may run; that of a job that never began lasts until it ended, or goes on. */
export function createPromiseReader(database: Database): PromiseReader {
	return {
		kept: (promisedWaitsMs, days) =>
			database.query<KeptPromises>(sql`
				with job as (select plan, status, started_at, extract(epoch from coalesce(started_at, finished_at, clock_timestamp())
						- greatest(created_at, run_after)) * 1000 as wait_ms
					from jobs where created_at >= clock_timestamp() - ${days}::int * interval '1 day')
				select j.plan, count(*) filter (where j.started_at is not null and p.ms is not null or j.wait_ms > p.ms) as waited,
					count(*) filter (where j.started_at is not null and j.wait_ms <= p.ms) as "begunInTime",
					count(*) filter (where j.status in ('succeeded', 'partial', 'failed')) as ended,
					count(*) filter (where j.status = 'succeeded') as succeeded
				from job j left join unnest(${Object.keys(promisedWaitsMs)}::text[], ${Object.values(promisedWaitsMs)}::bigint[]) as p(plan, ms) on p.plan = j.plan
				group by j.plan order by j.plan`),
	};
}
