import type { BatchEventType } from "../../../domain/batches/batch.ts";
import { eventTypes } from "../../../domain/webhooks/eventTypes.ts";
import { type Session, sql } from "../../sql.ts";

/**
 * Notes what happened to a batch, with how many of its items are what, in the transaction that makes it true; followers see it, and webhooks are told
 * what is theirs. The batch must be locked.
 */
export async function emitBatchEvent(tx: Session, type: BatchEventType & `batch.${string}`, batchId: string): Promise<void> {
	const told = type in eventTypes;
	await tx.query(sql`with numbered as (update batches set event_seq = event_seq + 1 where id = ${batchId} returning *),
		happened as (insert into batch_events (batch_id, seq, tenant_id, type, data)
			select b.id, b.event_seq, b.tenant_id, ${type}, jsonb_build_object('id', b.id, 'object', 'batch', 'name', b.name, 'state', b.state, 'pause_reason', b.pause_reason,
				'items', b.items, 'pictures', b.pictures, 'charged_micro_usd', b.spent_micro_usd, 'metadata', b.metadata,
				'counts', (select coalesce(jsonb_object_agg(state, n), '{}') from (select state, count(*) as n from batch_items where batch_id = b.id group by state) c))
			from numbered b returning tenant_id, type, batch_id, data)
		select case when ${told}::bool then emit_event(tenant_id, type, batch_id, data) end from happened`);
}
