import type { Database } from "../../server/src/store/sql.ts";
import { json, type Query, sql } from "../../server/src/store/sql.ts";
import { capabilityOf, pictureMicroUsd, pictureMs, requestBody, type Tenant } from "./crowd.ts";

export interface Backlog {
	pool: string;
	/** Job n belongs to tenant n mod their number. */
	tenants: readonly Tenant[];
	/** Each tenant asks for one after the other. */
	models: readonly string[];
	count: number;
}

const chunk = 100_000;

/**
 * Puts one-picture jobs in line by a few statements instead of one submit each, and leaves what submits in turn would have left: job, run,
 * task with its tag, hold, first event and the tenants' last tags.
 */
export async function fillQueue(database: Database, backlog: Backlog): Promise<void> {
	// The balances are added up once at the end: a trigger for each of a million entries would take longer than everything else.
	await database.query(sql`alter table ledger_entries disable trigger ledger_entries_balances`);
	for (let from = 0; from < backlog.count; from += chunk) {
		const rows = numbered(backlog, from, Math.min(backlog.count, from + chunk));
		await database.transaction(async (tx) => {
			for (const statement of statements(backlog, rows)) await tx.query(statement);
		});
	}
	await database.query(sql`alter table ledger_entries enable trigger ledger_entries_balances`);
	await database.query(sql`insert into balances (tenant_id, unit, period, account, amount)
		select tenant_id, unit, period, account, sum(amount) from (select tenant_id, unit, period, credit as account, amount_micro_usd as amount from ledger_entries
			union all select tenant_id, unit, period, debit, -amount_micro_usd from ledger_entries) as moves group by 1, 2, 3, 4
		on conflict (tenant_id, unit, period, account) do update set amount = excluded.amount`);
	await database.query(sql`insert into line_tags (tenant_id, pool, capability, last_key)
		select tenant_id, pool, capability, max(order_key) from tasks where pool = ${backlog.pool} group by 1, 2, 3
		on conflict (tenant_id, pool, capability) do update set last_key = greatest(line_tags.last_key, excluded.last_key)`);
	await database.query(sql`vacuum analyze`);
	// What the load left to be written is not to be written during the measurement.
	await database.query(sql`checkpoint`);
}

/** Job, tenant, model and finish tag of each row: a tenant's k-th picture ends at k times its cost over its weight. */
function numbered({ tenants, models }: Backlog, from: number, to: number): Query {
	return sql`(select 'job_bulk' || lpad(n::text, 18, '0') as job_id, who.id as tenant_id, who.plan, who.weight,
			(${models}::text[])[1 + n / ${tenants.length}::int % ${models.length}::int] as model,
			ceil((n / ${tenants.length}::int + 1) * ${pictureMs * 1_000}::float8 / who.weight)::bigint as order_key
		from generate_series(${from}::int, ${to - 1}::int) as n
		join unnest(${tenants.map(({ id }) => id)}::text[], ${tenants.map(({ plan }) => plan)}::text[], ${tenants.map(({ weight }) => weight)}::float8[])
			with ordinality as who (id, plan, weight, place) on who.place = 1 + n % ${tenants.length}::int
		order by n) as bulk`;
}

function statements(backlog: Backlog, rows: Query): Query[] {
	const request = json(requestBody(""));
	const quote = json({ lines: [], totalMicroUsd: pictureMicroUsd, skipped: [] });
	return [
		sql`insert into jobs (id, tenant_id, status, workflow, workflow_version, model, plan, weight, request, metadata, quote, held_micro_usd, event_seq)
			select job_id, tenant_id, 'queued', 'picture', 1, model, plan, weight, ${request}::jsonb || jsonb_build_object('model', model), '{}',
				${quote}::jsonb, ${pictureMicroUsd}::bigint, 1 from ${rows}`,
		sql`insert into image_runs (job_id, index, tenant_id, seed) select job_id, 0, tenant_id, 1 from ${rows}`,
		sql`insert into tasks (job_id, run_index, tenant_id, plan, step_id, kind, model, capability, pool, optional, needs, status, order_key,
				predicted_ms, price_micro_usd, list_micro_usd, max_attempts, ready_at)
			select job_id, 0, tenant_id, plan, 'generate', 'generate', model, ${capabilityOf("")} || model, ${backlog.pool}, false, '{}', 'ready', order_key,
				${pictureMs}::bigint, ${pictureMicroUsd}::bigint, ${pictureMicroUsd}::bigint, 5, clock_timestamp() from ${rows}`,
		sql`insert into ledger_entries (tenant_id, job_id, kind, debit, credit, amount_micro_usd)
			select tenant_id, job_id, 'hold', 'credit', 'held', ${pictureMicroUsd}::bigint from ${rows}`,
		sql`insert into job_events (job_id, seq, tenant_id, type, data)
			select job_id, 1, tenant_id, 'job.created', '{"status": "queued", "pictures": 1}' from ${rows}`,
	];
}
