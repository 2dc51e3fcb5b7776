import type { Batch } from "../../../domain/batches/batch.ts";
import { GlassworksError } from "../../../domain/errors.ts";
import { type Query, type Session, sql } from "../../sql.ts";

/** Columns of the batch b of the tenant t, as the domain names them. */
export const batchColumns: Query = sql`b.id, b.tenant_id as "tenantId", b.key_id as "keyId", t.plan, b.name, b.state, b.pause_reason as "pauseReason",
	b.items, b.pictures, b.discount_percent as "discountPercent", b.quote, b.base, b.budget_micro_usd as "budgetMicroUsd", b.held_micro_usd as "heldMicroUsd",
	b.committed_micro_usd as "committedMicroUsd", b.spent_micro_usd as "spentMicroUsd", b.start_at as "startAt", b.off_peak as "offPeak",
	b.webhook, b.webhook_per_item as "webhookPerItem", b.metadata, b.created_at as "createdAt", b.started_at as "startedAt",
	b.finished_at as "finishedAt"`;

/** `which` is everything after `from batches b join tenants t`. */
export function readBatches(session: Session, which: Query): Promise<Batch[]> {
	return session.query<Batch>(sql`select ${batchColumns} from batches b join tenants t on t.id = b.tenant_id ${which}`);
}

/** @throws {GlassworksError} not_found, for another tenant's batch too */
export async function readBatch(session: Session, tenantId: string, batchId: string): Promise<Batch> {
	const [batch] = await readBatches(session, sql`where b.id = ${batchId} and b.tenant_id = ${tenantId}`);
	if (!batch) throw new GlassworksError("not_found", `No batch ${batchId}.`);
	return batch;
}

/** Locks tenant and batch, in this order, which everyone keeps. @throws {GlassworksError} not_found */
export async function lockBatch(tx: Session, tenantId: string, batchId: string): Promise<Batch> {
	await tx.query(sql`select 1 from tenants where id = ${tenantId} for no key update`);
	const [batch] = await readBatches(tx, sql`where b.id = ${batchId} and b.tenant_id = ${tenantId} for update of b`);
	if (!batch) throw new GlassworksError("not_found", `No batch ${batchId}.`);
	return batch;
}
