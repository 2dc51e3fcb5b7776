import { json, type Session, sql } from "../sql.ts";
import type { NewEvent } from "./rows.ts";

/** Appends to a job's log, in this order. */
export async function appendEvents(tx: Session, jobId: string, events: readonly NewEvent[]): Promise<void> {
	if (events.length === 0) return;
	await tx.query(sql`select append_event(${jobId}, e.item->>'type', e.item->'data')
		from jsonb_array_elements(${json(events)}::jsonb) with ordinality as e(item, place) order by place`);
}
