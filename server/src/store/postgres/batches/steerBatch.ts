import type { Batch, BatchDraft, ItemDraw, PauseReason, PricedItem } from "../../../domain/batches/batch.ts";
import { GlassworksError } from "../../../domain/errors.ts";
import { type Database, json, type Session, sql } from "../../sql.ts";
import { lockBatch } from "./batchRows.ts";
import { emitBatchEvent } from "./emitBatchEvent.ts";
import { pauseBatch } from "./feedItem.ts";
import { hasQuotaFor, moveDraws, setAside, tellQuotas } from "./setAside.ts";

export async function pause(database: Database, tenantId: string, batchId: string, reason: PauseReason): Promise<void> {
	await database.transaction(async (tx) => {
		const batch = await lockOpen(tx, tenantId, batchId);
		if (batch.state === "running") await pauseBatch(tx, batchId, reason);
	});
}

export async function resume(
	database: Database,
	tenantId: string,
	batchId: string,
	budgetMicroUsd: number | null | undefined,
): Promise<void> {
	await database.transaction(async (tx) => {
		const found = await lockOpen(tx, tenantId, batchId);
		const batch = { ...found, budgetMicroUsd: budgetMicroUsd === undefined ? found.budgetMicroUsd : budgetMicroUsd };
		await requireBudget(tx, batch);
		await tx.query(sql`update batches set budget_micro_usd = ${batch.budgetMicroUsd}, state = 'running', pause_reason = null,
			feed_after = clock_timestamp() where id = ${batchId}`);
		await setAside(tx, batch);
		await emitBatchEvent(tx, "batch.resumed", batchId);
	});
}

/** Resuming into the same wall would look like doing nothing. */
async function requireBudget(tx: Session, { id, budgetMicroUsd, committedMicroUsd, spentMicroUsd }: Batch): Promise<void> {
	if (budgetMicroUsd === null) return;
	const [next] = await tx.query<{ priceMicroUsd: number }>(sql`select price_micro_usd as "priceMicroUsd" from batch_items
		where batch_id = ${id} and state = 'waiting' order by place limit 1`);
	const leftMicroUsd = Math.max(0, budgetMicroUsd - committedMicroUsd - spentMicroUsd);
	if (!next || next.priceMicroUsd <= leftMicroUsd) return;
	throw new GlassworksError(
		"budget_too_low",
		`The next item costs $${next.priceMicroUsd / 1e6}, and of the budget of $${budgetMicroUsd / 1e6} $${leftMicroUsd / 1e6} is left: raise it.`,
		{ next_micro_usd: next.priceMicroUsd, left_micro_usd: leftMicroUsd },
	);
}

export async function cancel(database: Database, tenantId: string, batchId: string): Promise<string[]> {
	return database.transaction(async (tx) => {
		const batch = await lockBatch(tx, tenantId, batchId);
		if (batch.state === "cancelled") return batch.finishedAt ? [] : unfinishedJobs(tx, batchId);
		if (batch.finishedAt) throw ended(batch);
		const waiting = await tx.query<{ draws: ItemDraw[] }>(sql`update batch_items set state = 'cancelled', settled_at = clock_timestamp()
			where batch_id = ${batchId} and state = 'waiting' returning draws`);
		await moveDraws(
			tx,
			batch,
			"release",
			waiting.flatMap(({ draws }) => draws),
		);
		await tx.query(sql`update batches set state = 'cancelled', pause_reason = null, feed_after = clock_timestamp() where id = ${batchId}`);
		await setAside(tx, batch);
		return unfinishedJobs(tx, batchId);
	});
}

export async function unfinishedJobs(session: Session, batchId: string): Promise<string[]> {
	const rows = await session.query<{ id: string }>(sql`select j.id from batch_items i join jobs j on j.id = i.job_id
		where i.batch_id = ${batchId} and i.state = 'submitted' and j.status not in ('succeeded', 'partial', 'failed', 'cancelled') order by i.index`);
	return rows.map(({ id }) => id);
}

export type RetriedItem = Pick<PricedItem, "index" | "priceMicroUsd" | "draws"> & { attempt: number };

export async function retry(
	database: Database,
	{ tenantId, batchId }: { tenantId: string; batchId: string },
	items: readonly RetriedItem[],
	limits: BatchDraft["quotaLimits"],
): Promise<number | null> {
	return database
		.transaction(async (tx) => {
			const batch = await lockBatch(tx, tenantId, batchId);
			if (batch.state === "cancelled") throw ended(batch);
			const rows = items.map(({ index, attempt, priceMicroUsd, draws }) => ({ index, attempt, draws, price: priceMicroUsd }));
			const changed = await tx.query<{ draws: ItemDraw[] }>(sql`update batch_items i set state = 'waiting', attempt = i.attempt + 1,
				price_micro_usd = r.price, draws = r.draws, job_id = null, error = null, settled_at = null
			from jsonb_to_recordset(${json(rows)}::jsonb) as r(index int, attempt int, draws jsonb, price bigint)
			where i.batch_id = ${batchId} and i.index = r.index and i.attempt = r.attempt and i.state in ('failed', 'partial', 'cancelled')
			returning i.draws`);
			if (changed.length === 0) return 0;
			const draws = changed.flatMap((row) => row.draws);
			if (!(await hasQuotaFor(tx, tenantId, limits, draws))) throw new QuotaMoved();
			await tx.query(sql`update batches set state = case when state = 'completed' then 'running' else state end, finished_at = null,
			feed_after = clock_timestamp() where id = ${batchId}`);
			await setAside(tx, batch);
			await moveDraws(tx, batch, "hold", draws);
			await tellQuotas(tx, tenantId, limits);
			await emitBatchEvent(tx, "batch.retried", batchId);
			return changed.length;
		})
		.catch((error: unknown) => {
			if (error instanceof QuotaMoved) return null;
			throw error;
		});
}

class QuotaMoved extends Error {}

async function lockOpen(tx: Session, tenantId: string, batchId: string): Promise<Batch> {
	const batch = await lockBatch(tx, tenantId, batchId);
	if (batch.state === "running" || batch.state === "paused") return batch;
	throw ended(batch);
}

function ended({ state }: Batch): GlassworksError {
	return new GlassworksError("batch_ended", `The batch is ${state}.`, { state });
}
