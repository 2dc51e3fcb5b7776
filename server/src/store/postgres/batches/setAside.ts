import { type Batch, type BatchDraft, type ItemDraw, setAsideFor } from "../../../domain/batches/batch.ts";
import { GlassworksError } from "../../../domain/errors.ts";
import { json, type Session, sql } from "../../sql.ts";
import { readBalance } from "../ledger.ts";

type Money = Pick<Batch, "id" | "tenantId" | "heldMicroUsd" | "budgetMicroUsd" | "committedMicroUsd" | "spentMicroUsd">;

/**
 * Sets aside what the batch's waiting items may still take, or gives back what is too much. Under the tenant's lock.
 * @throws {GlassworksError} insufficient_credit
 */
export async function setAside(tx: Session, batch: Money): Promise<void> {
	const [row] = await tx.query<{ waitingMicroUsd: number }>(sql`select coalesce(sum(price_micro_usd), 0)::bigint as "waitingMicroUsd"
		from batch_items where batch_id = ${batch.id} and state = 'waiting'`);
	const wantedMicroUsd = setAsideFor(batch, row?.waitingMicroUsd ?? 0);
	const moreMicroUsd = wantedMicroUsd - batch.heldMicroUsd;
	if (moreMicroUsd > 0) await requireCredit(tx, batch.tenantId, moreMicroUsd);
	await moveHold(tx, batch, moreMicroUsd);
	await tx.query(sql`update batches set held_micro_usd = ${wantedMicroUsd} where id = ${batch.id}`);
}

async function requireCredit(tx: Session, tenantId: string, microUsd: number): Promise<void> {
	const [tenant] = await tx.query<{ postpaid: boolean }>(sql`select postpaid from tenants where id = ${tenantId}`);
	if (!tenant) throw new GlassworksError("unauthenticated", "This account no longer exists.");
	if (tenant.postpaid) return;
	const { creditMicroUsd } = await readBalance(tx, tenantId);
	if (creditMicroUsd >= microUsd) return;
	throw new GlassworksError(
		"insufficient_credit",
		`$${microUsd / 1e6} has to be set aside for this; $${creditMicroUsd / 1e6} of credit is left. A budget would let it begin with less.`,
		{ price_micro_usd: microUsd, credit_micro_usd: creditMicroUsd },
	);
}

/** Above zero: from credit. Below: back to it. */
export async function moveHold(tx: Session, { id, tenantId }: Pick<Batch, "id" | "tenantId">, microUsd: number): Promise<void> {
	if (microUsd === 0) return;
	const [kind, debit, credit] = microUsd > 0 ? ["hold", "credit", "held"] : ["release", "held", "credit"];
	await tx.query(sql`insert into ledger_entries (tenant_id, batch_id, kind, debit, credit, amount_micro_usd)
		values (${tenantId}, ${id}, ${kind}, ${debit}, ${credit}, ${Math.abs(microUsd)})`);
}

/** Sets units of the plan's month aside for items, or gives them back. */
export async function moveDraws(
	tx: Session,
	{ id, tenantId }: Pick<Batch, "id" | "tenantId">,
	kind: "hold" | "release",
	draws: readonly ItemDraw[],
): Promise<void> {
	if (draws.length === 0) return;
	const [debit, credit] = kind === "hold" ? ["plan", "held"] : ["held", "plan"];
	await tx.query(sql`insert into ledger_entries (tenant_id, batch_id, kind, debit, credit, amount_micro_usd, unit, period)
		select ${tenantId}, ${id}, ${kind}, ${debit}, ${credit}, sum(d.drawn), d.unit, d.period
		from jsonb_to_recordset(${json(draws)}::jsonb) as d(unit text, period text, drawn bigint) group by d.unit, d.period`);
}

/** Whether the plan's month still has what the items draw. Under the tenant's lock. */
export async function hasQuotaFor(
	tx: Session,
	tenantId: string,
	limits: BatchDraft["quotaLimits"],
	draws: readonly ItemDraw[],
): Promise<boolean> {
	for (const { unit, period, limit } of limits) {
		const [row] = await tx.query<{ drawn: number }>(sql`select coalesce(sum(amount), 0)::bigint as drawn from balances
			where tenant_id = ${tenantId} and unit = ${unit} and period = ${period} and account in ('held', 'used')`);
		const wanted = draws.filter((draw) => draw.unit === unit).reduce((sum, draw) => sum + draw.drawn, 0);
		if ((row?.drawn ?? 0) + wanted > limit) return false;
	}
	return true;
}

/** Tells a tenant whose month is nearly drawn. */
export async function tellQuotas(tx: Session, tenantId: string, limits: BatchDraft["quotaLimits"]): Promise<void> {
	for (const { unit, period, limit } of limits) await tx.query(sql`select tell_quota(${tenantId}, ${unit}, ${period}, ${limit})`);
}
