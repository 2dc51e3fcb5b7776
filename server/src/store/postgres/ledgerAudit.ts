import type { BookRule, Finding, Verification } from "../../domain/pricing/books.ts";
import { type Query, type Session, sql } from "../sql.ts";

/** At most so many findings are told one by one. */
const told = 100;

/** Every rule as a query of what breaks it. All run in one statement, so that they see one moment. */
const rules: Record<BookRule, Query> = {
	balance_differs: sql`select coalesce(s.tenant_id, b.tenant_id) as tenant, null as job, format('%s %s %s: kept %s, entries say %s',
			coalesce(s.unit, b.unit), coalesce(s.period, b.period), coalesce(s.account, b.account), coalesce(b.amount, 0), coalesce(s.amount, 0)) as detail
		from sums s full join balances b using (tenant_id, unit, period, account) where coalesce(s.amount, 0) <> coalesce(b.amount, 0)`,
	negative_balance: sql`select s.tenant_id, null, format('%s %s %s: %s', s.unit, s.period, s.account, s.amount)
		from sums s join tenants t on t.id = s.tenant_id
		where s.amount < 0 and (s.account in ('held', 'used', 'revenue') or s.account = 'credit' and not t.postpaid)`,
	hold_differs: sql`select j.tenant_id, j.id, format('the job holds %s, its entries say %s', j.held_micro_usd, h.held)
		from jobs j left join per_job h on h.job_id = j.id and h.unit = 'usd' where h.held is distinct from j.held_micro_usd
		union all select b.tenant_id, null, format('batch %s has %s set aside, its entries say %s', b.id, b.held_micro_usd, coalesce(e.held, 0))
		from batches b left join (select batch_id, sum(case kind when 'hold' then amount_micro_usd else -amount_micro_usd end)::bigint as held
			from ledger_entries where batch_id is not null and unit = 'usd' group by batch_id) e on e.batch_id = b.id
		where coalesce(e.held, 0) <> b.held_micro_usd`,
	hold_not_released: sql`select h.tenant_id, h.job_id, format('%s: held %s, taken %s, given back %s (%s)', h.unit, h.held, h.settled, h.released,
			coalesce(j.status, 'missing'))
		from per_job h left join jobs j on j.id = h.job_id
		where case when j.status in ('succeeded', 'partial', 'failed', 'cancelled') or j.id is null and h.tenant_id in (select id from deleted)
				then h.releases <> 1 or h.held <> h.settled + h.released
			else h.releases <> 0 or h.held < h.settled end`,
	charged_twice: sql`select min(tenant_id), min(job_id), format('step %s: %s times in %s', task_id, count(*), unit)
		from ledger_entries where kind = 'settle' group by task_id, unit having count(*) > 1`,
	charged_wrongly: sql`select s.tenant_id, s.job_id, format('step %s (%s, picture %s): %s taken in %s, its price is %s', s.task_id, coalesce(t.status, 'missing'),
			coalesce(r.status, 'missing'), s.amount_micro_usd, s.unit, t.price_micro_usd)
		from ledger_entries s left join tasks t on t.id = s.task_id and t.job_id = s.job_id and t.tenant_id = s.tenant_id
		left join image_runs r on r.job_id = t.job_id and r.index = t.run_index
		where s.kind = 'settle' and not (t.id is null and s.tenant_id in (select id from deleted)) and (t.status is distinct from 'done' or r.status is distinct from 'succeeded'
			or s.amount_micro_usd <> case when s.unit = 'usd' then t.price_micro_usd when s.unit = any(t.quota_units) then 1 else 0 end)`,
	not_charged: sql`select t.tenant_id, t.job_id, format('step %s: nothing taken in %s', t.id, u.unit)
		from tasks t join image_runs r on r.job_id = t.job_id and r.index = t.run_index and r.status = 'succeeded'
		cross join lateral (select 'usd' as unit union all select unnest(t.quota_units)) u
		where t.status = 'done' and not exists (select 1 from ledger_entries s where s.kind = 'settle' and s.task_id = t.id and s.unit = u.unit)`,
};

/** Adds up the whole ledger again and looks for what breaks its rules. */
export async function verifyLedger(session: Session): Promise<Verification> {
	const [first, ...rest] = Object.entries(rules).map(
		([rule, query]) => sql`(select ${rule}::text as rule, f.* from (${query}) as f(tenant, job, detail))`,
	);
	if (!first) throw new Error("there are no rules");
	const all = rest.reduce((sum, query) => sql`${sum} union all ${query}`, first);
	const [row] = await session.query<Verification>(sql`
		with moves as materialized (
			select tenant_id, unit, period, credit as account, amount_micro_usd as amount from ledger_entries
			union all select tenant_id, unit, period, debit, -amount_micro_usd from ledger_entries),
		sums as materialized (select tenant_id, unit, period, account, sum(amount)::bigint as amount from moves group by 1, 2, 3, 4),
		deleted as materialized (select id from tenants where deletion_asked_at is not null),
		per_job as materialized (select job_id, unit, min(tenant_id) as tenant_id, coalesce(sum(amount_micro_usd) filter (where kind = 'hold'), 0)::bigint as held,
			coalesce(sum(amount_micro_usd) filter (where kind = 'settle'), 0)::bigint as settled,
			coalesce(sum(amount_micro_usd) filter (where kind = 'release'), 0)::bigint as released,
			count(*) filter (where kind = 'release') as releases
			from ledger_entries where job_id is not null group by job_id, unit),
		findings as materialized (${all})
		select clock_timestamp() as "asOf", (select count(*) from ledger_entries)::int as entries, (select count(*) from sums)::int as balances,
			(select count(distinct job_id) from per_job)::int as jobs, (select count(*) from findings)::int as found,
			coalesce((select jsonb_agg(jsonb_build_object('rule', rule, 'tenantId', tenant, 'jobId', job, 'detail', detail))
				from (select * from findings order by rule, tenant, job limit ${told}) f), '[]') as findings`);
	if (!row) throw new Error("the ledger could not be read");
	return row satisfies { findings: Finding[] };
}
