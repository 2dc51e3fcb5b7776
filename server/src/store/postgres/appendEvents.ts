import { json, type Session, sql } from "../sql.ts";
import type { NewEvent } from "./rows.ts";

/** Appends to a job's log. The job's row gives the next number, so readers never see a gap that fills later. */
export async function appendEvents(tx: Session, jobId: string, events: readonly NewEvent[]): Promise<void> {
	if (events.length === 0) return;
	await tx.query(sql`with numbered as (update jobs set event_seq = event_seq + ${events.length} where id = ${jobId} returning id, tenant_id, event_seq)
		insert into job_events (job_id, seq, tenant_id, type, data)
		select n.id, n.event_seq - ${events.length} + e.place, n.tenant_id, e.item->>'type', e.item->'data'
		from numbered n, jsonb_array_elements(${json(events)}::jsonb) with ordinality as e(item, place)`);
}
