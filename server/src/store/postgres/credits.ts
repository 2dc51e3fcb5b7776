import { GlassworksError } from "../../domain/errors.ts";
import type { LedgerEntry } from "../../domain/plans/accountStore.ts";
import { type QuotaUnit, quotaUnits } from "../../domain/plans/operatorConfig.ts";
import type { QuotaUsage } from "../../domain/pricing/drawQuotas.ts";
import { type Database, type Session, sql } from "../sql.ts";
import { readBalance } from "./ledger.ts";

interface CreditMove {
	tenantId: string;
	kind: "credit" | "withdrawal";
	amountMicroUsd: number;
	note: string;
	/** Set: done once, however often it is asked for. */
	reference: string | null;
}

/** Adds credit, or takes back what is free. Under the tenant's lock, as every hold: what is free cannot be spent meanwhile. */
export async function moveCredit(database: Database, move: CreditMove): Promise<void> {
	const { tenantId, kind, amountMicroUsd, note, reference } = move;
	await database.transaction(async (tx) => {
		const [tenant] = await tx.query<{ isDeleted: boolean }>(
			sql`select deletion_asked_at is not null as "isDeleted" from tenants where id = ${tenantId} for no key update`,
		);
		if (!tenant) throw new GlassworksError("not_found", `There is no tenant ${tenantId}.`);
		// What is left can still be paid out.
		if (tenant.isDeleted && kind === "credit") throw new GlassworksError("account_deleted", `The account ${tenantId} was deleted.`);
		if (reference !== null && (await wasMoved(tx, move, reference))) return;
		if (kind === "withdrawal") await requireCredit(tx, tenantId, amountMicroUsd);
		const [debit, credit] = kind === "credit" ? ["funding", "credit"] : ["credit", "funding"];
		await tx.query(sql`insert into ledger_entries (tenant_id, kind, debit, credit, amount_micro_usd, note, reference)
			values (${tenantId}, ${kind}, ${debit}, ${credit}, ${amountMicroUsd}, ${note}, ${reference})`);
	});
}

async function wasMoved(tx: Session, { tenantId, kind, amountMicroUsd, note }: CreditMove, reference: string): Promise<boolean> {
	const [earlier] = await tx.query<{
		same: boolean;
	}>(sql`select kind = ${kind} and amount_micro_usd = ${amountMicroUsd} and note = ${note} as same
		from ledger_entries where tenant_id = ${tenantId} and reference = ${reference}`);
	if (earlier && !earlier.same)
		throw new GlassworksError("idempotency_key_reused", "This Idempotency-Key was used for another amount, note or direction.");
	return earlier !== undefined;
}

async function requireCredit(tx: Session, tenantId: string, amountMicroUsd: number): Promise<void> {
	const { creditMicroUsd } = await readBalance(tx, tenantId);
	if (creditMicroUsd >= amountMicroUsd) return;
	throw new GlassworksError("insufficient_credit", `Only credit that is free can be taken: ${creditMicroUsd} micro-dollars.`, {
		credit_micro_usd: creditMicroUsd,
		asked_micro_usd: amountMicroUsd,
	});
}

/** This month's draw on the quotas, by the database's clock, UTC. */
export async function readQuotaUsage(session: Session, tenantId: string): Promise<QuotaUsage> {
	const rows = await session.query<{ period: string; resetsAt: Date; unit: QuotaUnit | null; used: number; held: number }>(sql`
		with month as (select date_trunc('month', clock_timestamp() at time zone 'UTC') as first)
		select to_char(m.first, 'YYYY-MM') as period, (m.first + interval '1 month') at time zone 'UTC' as "resetsAt", b.unit,
			coalesce(sum(b.amount) filter (where b.account = 'used'), 0)::bigint as used,
			coalesce(sum(b.amount) filter (where b.account = 'held'), 0)::bigint as held
		from month m left join balances b on b.tenant_id = ${tenantId} and b.unit <> 'usd' and b.period = to_char(m.first, 'YYYY-MM')
		group by m.first, b.unit`);
	const [row] = rows;
	if (!row) throw new Error("the database has no clock");
	const of = (unit: QuotaUnit) => rows.find((entry) => entry.unit === unit) ?? { used: 0, held: 0 };
	const units = Object.fromEntries(quotaUnits.map((unit) => [unit, { used: of(unit).used, held: of(unit).held }]));
	return { period: row.period, resetsAt: row.resetsAt, units: units as QuotaUsage["units"] };
}

export function readEntries(session: Session, tenantId: string, limit: number): Promise<LedgerEntry[]> {
	return session.query<LedgerEntry>(sql`select id, kind, unit, amount_micro_usd as amount, job_id as "jobId", note, created_at as "createdAt"
		from ledger_entries where tenant_id = ${tenantId} order by id desc limit ${limit}`);
}
