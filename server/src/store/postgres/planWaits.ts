import type { PlanWait, PlanWaitReader } from "../../domain/status/planWaits.ts";
import { type Database, sql } from "../sql.ts";
import { keepFresh } from "./fresh.ts";

/** The newest this many jobs are looked at. */
const lookedAt = 50_000;
/** Of fewer, a median tells of somebody in particular. */
const fewest = 5;
const maxAgeMs = 15_000;

export function createPlanWaitReader(database: Database): PlanWaitReader {
	return {
		read: keepFresh(
			() =>
				database.query<PlanWait>(sql`
					with lately as (select plan, extract(epoch from started_at - greatest(created_at, run_after)) * 1000 as ms from jobs
						where created_at > statement_timestamp() - interval '24 hours' and started_at is not null order by created_at desc limit ${lookedAt})
					select plan, percentile_cont(0.5) within group (order by ms)::float8 as "p50Ms", percentile_cont(0.9) within group (order by ms)::float8 as "p90Ms"
					from lately group by plan having count(*) >= ${fewest} order by plan`),
			maxAgeMs,
		),
	};
}
