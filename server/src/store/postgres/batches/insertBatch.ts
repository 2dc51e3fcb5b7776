import type { Batch, BatchDraft } from "../../../domain/batches/batch.ts";
import { commonFields, differenceFrom } from "../../../domain/batches/storedRequest.ts";
import { type Database, json, type Session, sql } from "../../sql.ts";
import { lockBatch } from "./batchRows.ts";
import { emitBatchEvent } from "./emitBatchEvent.ts";
import { hasQuotaFor, moveDraws, setAside, tellQuotas } from "./setAside.ts";

/** Rows of one statement. */
const chunk = 1_000;

class Moved extends Error {}

/** Accepts a batch with all its items, or nothing. Items are written before the tenant is locked: its other requests wait only for the money. */
export async function insertBatch(database: Database, draft: BatchDraft): Promise<Batch | null> {
	try {
		return await database.transaction(async (tx) => {
			const base = commonFields(draft.items.map(({ request }) => request));
			await insertRow(tx, draft, base);
			await insertItems(tx, draft, base);
			const batch = await lockBatch(tx, draft.tenantId, draft.id);
			const draws = draft.items.flatMap((item) => item.draws);
			if (!(await hasQuotaFor(tx, draft.tenantId, draft.quotaLimits, draws))) throw new Moved();
			await setAside(tx, batch);
			await moveDraws(tx, batch, "hold", draws);
			await tellQuotas(tx, draft.tenantId, draft.quotaLimits);
			if (draft.webhook)
				await tx.query(sql`insert into request_webhooks (subject_id, tenant_id, url, types)
					values (${draft.id}, ${draft.tenantId}, ${draft.webhook.url}, ${draft.webhook.types}::text[])`);
			if (draft.mailTo !== null)
				await tx.query(
					sql`insert into result_mails (subject_id, tenant_id, address) values (${draft.id}, ${draft.tenantId}, ${draft.mailTo})`,
				);
			await emitBatchEvent(tx, "batch.created", draft.id);
			if (draft.idempotencyKey !== null)
				await tx.query(
					sql`update idempotency_keys set job_id = ${draft.id} where tenant_id = ${draft.tenantId} and key = ${draft.idempotencyKey}`,
				);
			return lockBatch(tx, draft.tenantId, draft.id);
		});
	} catch (error) {
		if (error instanceof Moved) return null;
		throw error;
	}
}

async function insertRow(tx: Session, draft: BatchDraft, base: object): Promise<void> {
	const { id, tenantId, keyId, name, items, pictures, discountPercent, quote, budgetMicroUsd, startAt, offPeak } = draft;
	await tx.query(sql`insert into batches (id, tenant_id, key_id, name, items, pictures, discount_percent, quote, base, budget_micro_usd, start_at, off_peak,
			webhook, webhook_per_item, metadata)
		values (${id}, ${tenantId}, ${keyId}, ${name}, ${items.length}, ${pictures}, ${discountPercent}, ${json(quote)}::jsonb, ${json(base)}::jsonb,
			${budgetMicroUsd}, ${startAt}, ${offPeak}, ${draft.webhook && json(draft.webhook)}::jsonb, ${draft.webhookPerItem}, ${json(draft.metadata)}::jsonb)`);
}

async function insertItems(tx: Session, { id, items, order }: BatchDraft, base: BatchDraft["items"][number]["request"]): Promise<void> {
	const places = new Map(order.map((index, place) => [index, place]));
	for (let from = 0; from < items.length; from += chunk) {
		const rows = items.slice(from, from + chunk).map(({ index, request, pictures, priceMicroUsd, draws }) => ({
			...{ index, pictures, draws, place: places.get(index), price: priceMicroUsd, request: differenceFrom(base, request) },
		}));
		await tx.query(sql`insert into batch_items (batch_id, index, place, pictures, request, draws, price_micro_usd)
			select ${id}, r.index, r.place, r.pictures, r.request, r.draws, r.price
			from jsonb_to_recordset(${json(rows)}::jsonb) as r(index int, place int, pictures int, request jsonb, draws jsonb, price bigint)`);
	}
}
