import type { EventType } from "../../../domain/webhooks/eventTypes.ts";
import { type Session, sql } from "../../sql.ts";

/** Tells whoever listens of a batch, with how many of its items are what, in the transaction that makes it true. */
export async function emitBatchEvent(tx: Session, type: EventType & `batch.${string}`, batchId: string): Promise<void> {
	await tx.query(sql`select emit_event(b.tenant_id, ${type}, b.id, jsonb_build_object('id', b.id, 'object', 'batch', 'name', b.name, 'state', b.state, 'pause_reason', b.pause_reason,
			'items', b.items, 'pictures', b.pictures, 'charged_micro_usd', b.spent_micro_usd, 'metadata', b.metadata,
			'counts', (select coalesce(jsonb_object_agg(state, n), '{}') from (select state, count(*) as n from batch_items where batch_id = b.id group by state) c)))
		from batches b where b.id = ${batchId}`);
}
