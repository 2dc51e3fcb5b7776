import type { Batch } from "../../../domain/batches/batch.ts";
import { type Database, type Query, type Session, sql } from "../../sql.ts";
import { lockBatch } from "./batchRows.ts";
import { emitBatchEvent } from "./emitBatchEvent.ts";
import { setAside } from "./setAside.ts";

interface Settled {
	unfinished: number;
	finished: boolean;
	/** Whether anything of it is not as it was. */
	changed: boolean;
}

const ended = sql`('succeeded', 'partial', 'failed', 'cancelled')`;

/** Notes which of a batch's jobs have ended and what they took. Ends the batch with its last item. */
export async function settleItems(database: Database, batch: Batch): Promise<Settled> {
	const before = await readOpen(database, batch.id);
	if (before.ended === 0 && (before.submitted > 0 || (before.waiting && batch.state !== "cancelled")))
		return { unfinished: before.submitted, finished: false, changed: false };
	return database.transaction(async (tx) => {
		const locked = await lockBatch(tx, batch.tenantId, batch.id);
		if (locked.finishedAt) return { unfinished: 0, finished: true, changed: false };
		await noteEnded(tx, batch.id);
		const { submitted, waiting } = await readOpen(tx, batch.id);
		const finished = submitted === 0 && !waiting;
		if (finished) await finishBatch(tx, await lockBatch(tx, batch.tenantId, batch.id));
		return { unfinished: submitted, finished, changed: true };
	});
}

/** How many of its items are jobs, how many of these jobs have ended, and whether any item still waits. */
async function readOpen(session: Session, batchId: string): Promise<{ submitted: number; ended: number; waiting: boolean }> {
	const [row] = await session.query<{ submitted: number; ended: number; waiting: boolean }>(sql`select count(*)::int as submitted,
			count(*) filter (where j.status in ${ended})::int as ended,
			exists (select 1 from batch_items w where w.batch_id = ${batchId} and w.state = 'waiting') as waiting
		from batch_items i join jobs j on j.id = i.job_id where i.batch_id = ${batchId} and i.state = 'submitted'`);
	return row ?? { submitted: 0, ended: 0, waiting: false };
}

/** Of a failure, what callers are told; null: none. */
export const told = (failure: Query): Query => sql`case when jsonb_typeof(${failure}) = 'object'
	then jsonb_build_object('code', ${failure}->>'code', 'message', ${failure}->>'message') end`;

async function noteEnded(tx: Session, batchId: string): Promise<void> {
	await tx.query(sql`with ended as (
			select i.index, j.status, j.error, j.held_micro_usd as held, coalesce((select sum(l.amount_micro_usd) from ledger_entries l
				where l.job_id = j.id and l.kind = 'settle' and l.unit = 'usd'), 0)::bigint as taken, j.finished_at
			from batch_items i join jobs j on j.id = i.job_id
			where i.batch_id = ${batchId} and i.state = 'submitted' and j.status in ${ended}),
		noted as (update batch_items i set state = e.status, error = e.error, charged_micro_usd = i.charged_micro_usd + e.taken, settled_at = e.finished_at
			from ended e where i.batch_id = ${batchId} and i.index = e.index
			returning i.index, i.attempt, i.state, i.job_id, e.error, e.taken, e.finished_at),
		told as (insert into batch_events (batch_id, seq, tenant_id, type, data)
			select b.id, b.event_seq + row_number() over (order by n.finished_at, n.index), b.tenant_id, 'item.' || n.state, jsonb_build_object('index', n.index,
				'attempt', n.attempt, 'job_id', n.job_id, 'charged_micro_usd', n.taken, 'error', ${told(sql`n.error`)})
			from noted n, batches b where b.id = ${batchId})
		update batches b set committed_micro_usd = b.committed_micro_usd - s.held, spent_micro_usd = b.spent_micro_usd + s.taken, event_seq = b.event_seq + s.n
		from (select coalesce(sum(held), 0) as held, coalesce(sum(taken), 0) as taken, count(*)::int as n from ended) s where b.id = ${batchId}`);
}

async function finishBatch(tx: Session, batch: Batch): Promise<void> {
	await setAside(tx, batch);
	const state = batch.state === "cancelled" ? "cancelled" : "completed";
	await tx.query(sql`update batches set state = ${state}, pause_reason = null, finished_at = clock_timestamp() where id = ${batch.id}`);
	await tx.query(sql`update result_mails set due_at = clock_timestamp() where subject_id = ${batch.id} and ended_at is null`);
	await emitBatchEvent(tx, `batch.${state}`, batch.id);
}
