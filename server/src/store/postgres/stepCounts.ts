import type { EndedStep, StepCounts } from "../../domain/jobs/stepCounts.ts";
import { type Database, sql } from "../sql.ts";
import { keepFresh } from "./fresh.ts";

/** A transaction that takes longer than this to commit after its step ended is not counted. */
const lateMs = 2_000;

export function createStepCounts(database: Database): StepCounts {
	let upTo: string | null = null;
	let reading: Promise<unknown> = Promise.resolve();

	/** The clock's own text: a Date would cut microseconds off and count steps twice. */
	async function readEnded(): Promise<EndedStep[]> {
		const [clock] = await database.query<{ until: string }>(
			sql`select (clock_timestamp() - ${lateMs}::float8 * interval '1 millisecond')::text as until`,
		);
		if (!clock) return [];
		const after = upTo ?? clock.until;
		const steps = await database.query<EndedStep>(sql`select pool, model, run_ms::float8 as "runMs",
				case when skip_reason = 'overload' then 'shed' else status end as outcome,
				case when attempt = 1 then extract(epoch from started_at - ready_at)::float8 * 1000 end as "waitMs"
			from tasks where status in ('done', 'failed', 'skipped') and finished_at > ${after}::timestamptz and finished_at <= ${clock.until}::timestamptz`);
		upTo = clock.until;
		return steps;
	}

	return {
		endedSinceLast() {
			const next = reading.then(readEnded, readEnded);
			reading = next;
			return next;
		},
		ledgerTotals: keepFresh(
			() => database.query(sql`select unit, account, sum(amount)::float8 as amount from balances group by 1, 2 order by 1, 2`),
			5_000,
		),
	};
}
