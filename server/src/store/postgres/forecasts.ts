import type { Eta } from "../../domain/jobs/queueView.ts";
import { type Calibration, calibrate, calibrationWindow, horizonOf, type Outcome } from "../../domain/scheduling/eta/calibration.ts";
import { type Database, type Session, sql } from "../sql.ts";

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
	const pools = new Map<string, { experience: Promise<Experience>; readAt: number }>();

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

	return {
		of(pool) {
			const kept = pools.get(pool);
			if (kept && performance.now() - kept.readAt < maxAgeMs) return kept.experience;
			const experience = read(pool);
			pools.set(pool, { experience, readAt: performance.now() });
			experience.catch(() => pools.delete(pool));
			return experience;
		},
	};
}

/** Keeps a forecast that was made now, to be compared with what happens. */
export async function keepForecast(session: Session, jobId: string, pool: string, eta: Eta): Promise<void> {
	await session.query(sql`insert into forecasts (job_id, pool, plan, horizon, point_ms, p10_ms, p50_ms, p90_ms)
		select id, ${pool}, plan, ${horizonOf(eta.pointMs)}, ${eta.pointMs}, ${eta.p10Ms}, ${eta.p50Ms}, ${eta.p90Ms} from jobs
		where id = ${jobId} and status in ('queued', 'running')`);
}

/**
 * The job has ended: its forecasts are over. What failed or was cancelled says nothing about time, but for those whose range was over by then:
 * perhaps they were cancelled for that. The job's row must be locked.
 */
export async function closeForecasts(tx: Session, jobId: string, status: string): Promise<void> {
	if (status === "succeeded")
		await tx.query(sql`update forecasts set actual_ms = extract(epoch from clock_timestamp() - made_at) * 1000
			where job_id = ${jobId} and actual_ms is null`);
	else {
		await tx.query(
			sql`delete from forecasts where job_id = ${jobId} and actual_ms is null and made_at + p90_ms * interval '1 millisecond' > clock_timestamp()`,
		);
		await tx.query(sql`update forecasts set gave_up_ms = extract(epoch from clock_timestamp() - made_at) * 1000
			where job_id = ${jobId} and actual_ms is null`);
	}
}
