import type { Waiting } from "../../domain/jobs/queueView.ts";
import { type Calibration, calibrate, calibrationWindow, horizonOf, type Outcome } from "../../domain/scheduling/eta/calibration.ts";
import { type Database, json, type Session, sql } from "../sql.ts";
import { keepFresh } from "./fresh.ts";

/** What was measured of a pool lately, to make forecasts with. */
export interface Experience {
	calibration: Calibration;
	/** Milliseconds of loading models per millisecond of running, over the last ten minutes. */
	loadPerRun: number;
}

export interface Forecasts {
	of(pool: string): Promise<Experience>;
}

const maxAgeMs = 10_000;

export function createForecasts(database: Database): Forecasts {
	async function read(pool: string): Promise<Experience> {
		const outcomes =
			await database.query<Outcome>(sql`select f.plan, f.point_ms as "pointMs", f.p10_ms as "lowMs", f.p90_ms as "highMs", f.actual_ms as "actualMs",
				coalesce(f.gave_up_ms, extract(epoch from clock_timestamp() - f.made_at) * 1000)::float8 as "ageMs"
			from (select distinct plan from tenants) p, generate_series(0, 6) h(horizon), lateral (select * from forecasts
				where pool = ${pool} and plan = p.plan and horizon = h.horizon order by made_at desc limit ${calibrationWindow}) f`);
		const [ran] = await database.query<{ loadPerRun: number }>(sql`select coalesce(greatest(0,
				sum(run_ms - predicted_ms) filter (where loads_model)) / nullif(sum(predicted_ms), 0), 0)::float8 as "loadPerRun"
			from tasks where status = 'done' and pool = ${pool} and finished_at > statement_timestamp() - interval '10 minutes'`);
		return { calibration: calibrate(outcomes), loadPerRun: ran?.loadPerRun ?? 0 };
	}

	const fresh = new Map<string, () => Promise<Experience>>();
	return {
		of(pool) {
			const known = fresh.get(pool) ?? keepFresh(() => read(pool), maxAgeMs);
			fresh.set(pool, known);
			return known();
		},
	};
}

/** Keeps forecasts that were made now, to be compared with what happens. */
export async function keepForecasts(session: Session, outlooks: ReadonlyMap<string, Waiting>): Promise<void> {
	const made = [...outlooks].flatMap(([jobId, { pool, eta }]) => (eta ? [{ jobId, pool, horizon: horizonOf(eta.pointMs), ...eta }] : []));
	if (made.length === 0) return;
	await session.query(sql`insert into forecasts (job_id, pool, plan, horizon, point_ms, p10_ms, p50_ms, p90_ms)
		select j.id, m.pool, j.plan, m.horizon, m."pointMs", m."p10Ms", m."p50Ms", m."p90Ms"
		from jsonb_to_recordset(${json(made)}::jsonb) as m("jobId" text, pool text, horizon int, "pointMs" float8, "p10Ms" float8, "p50Ms" float8, "p90Ms" float8)
		join jobs j on j.id = m."jobId" and j.status in ('queued', 'running')`);
}
