import type { Earning, Earnings } from "../../domain/pricing/books.ts";
import { type Session, sql } from "../sql.ts";

/**
 * What ended steps brought in and cost. What the plan paid for is read from the quote: a line that the plan may cover is covered for the
 * first pictures of the request, as many as the line that takes it off says.
 */
export async function readEarnings(session: Session, days: number): Promise<Earnings> {
	const [window] = await session.query<{ since: Date; until: Date }>(
		sql`select t - ${days}::int * interval '1 day' as since, t as until from clock_timestamp() t`,
	);
	if (!window) throw new Error("the database has no clock");
	const steps = await session.query<Earning>(sql`
		with ended as (
			select t.id, t.model, t.kind, t.step_id, t.job_id, t.run_index, t.list_micro_usd as list, coalesce(t.cost_micro_usd, 0) as cost,
				(select s.amount_micro_usd from ledger_entries s where s.task_id = t.id and s.kind = 'settle' and s.unit = 'usd') as taken
			from tasks t where t.status in ('done', 'failed', 'skipped') and (t.status = 'done' or t.cost_micro_usd > 0) and t.finished_at > ${window.since} and t.finished_at <= ${window.until}),
		counted as (
			select e.*, case when e.taken is null or e.taken = e.list then 0 else (
				select coalesce(sum(l."unitMicroUsd"), 0)
				from jobs j, jsonb_to_recordset(j.quote->'lines') as l(kind text, step text, covers text, "unitMicroUsd" bigint)
				join jsonb_to_recordset(j.quote->'lines') as i(kind text, covers text, count int) on i.covers = l.covers and i.kind = 'included'
				where j.id = e.job_id and l.kind = 'list' and l.step = e.step_id and e.run_index < i.count) end as included
			from ended e)
		select model, kind, count(*)::int as count, sum(list)::bigint as "listMicroUsd", coalesce(sum(taken), 0)::bigint as "takenMicroUsd",
			sum(included)::bigint as "includedMicroUsd",
			coalesce(sum(list - taken - included) filter (where taken is not null), 0)::bigint as "discountMicroUsd",
			coalesce(sum(list) filter (where taken is null), 0)::bigint as "lostMicroUsd", sum(cost)::bigint as "costMicroUsd"
		from counted group by model, kind order by 5 desc, 4 desc, model, kind`);
	return { ...window, steps };
}
