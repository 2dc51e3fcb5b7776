import type { Batch, ItemDraw } from "../../../domain/batches/batch.ts";
import type { Fed, ItemRef } from "../../../domain/batches/batchStore.ts";
import type { Failure } from "../../../domain/jobs/job.ts";
import type { JobDraft } from "../../../domain/jobs/jobStore.ts";
import { type Database, json, type Session, sql } from "../../sql.ts";
import { insertJob } from "../insertJob.ts";
import type { ReadWorkflow } from "../readWorkflow.ts";
import { lockBatch } from "./batchRows.ts";
import { emitBatchEvent } from "./emitBatchEvent.ts";
import { moveDraws, moveHold } from "./setAside.ts";
import { told } from "./settleItems.ts";

class Moved extends Error {}

/**
 * Makes an item a job: what was set aside for it becomes the job's hold, and the item names the job, in one transaction. So whoever is killed
 * whenever, an attempt of an item is one job or none.
 */
export async function feedItem(database: Database, item: ItemRef, draft: JobDraft, readWorkflow: ReadWorkflow): Promise<Fed> {
	try {
		return await database.transaction(async (tx): Promise<Fed> => {
			const batch = await lockBatch(tx, item.tenantId, item.batchId);
			const draws = await lockWaiting(tx, batch, item);
			if (!draws) return { kind: "gone" };
			const priceMicroUsd = draft.quote.totalMicroUsd;
			const { budgetMicroUsd, committedMicroUsd, spentMicroUsd, heldMicroUsd } = batch;
			if (budgetMicroUsd !== null && committedMicroUsd + spentMicroUsd + priceMicroUsd > budgetMicroUsd) {
				await pauseBatch(tx, batch.id, "budget_paused");
				return { kind: "paused" };
			}
			const fromHold = Math.min(heldMicroUsd, priceMicroUsd);
			await moveHold(tx, batch, -fromHold);
			await moveDraws(tx, batch, "release", draws);
			const webhook = batch.webhookPerItem ? batch.webhook : null;
			const job = await insertJob(tx, { ...draft, webhook }, readWorkflow);
			if (!job) throw new Moved();
			await tx.query(sql`with bound as (update batch_items set state = 'submitted', job_id = ${job.id}, job_ids = job_ids || ${job.id}::text
					where batch_id = ${batch.id} and index = ${item.index})
				update batches set held_micro_usd = held_micro_usd - ${fromHold}, committed_micro_usd = committed_micro_usd + ${priceMicroUsd},
					started_at = coalesce(started_at, clock_timestamp()) where id = ${batch.id}`);
			if (batch.startedAt === null) await emitBatchEvent(tx, "batch.started", batch.id);
			return { kind: "job", job };
		});
	} catch (error) {
		if (error instanceof Moved) return { kind: "moved" };
		throw error;
	}
}

/** What is set aside for the item, when it is still this attempt's to be made a job. Null: it is not. */
async function lockWaiting(tx: Session, batch: Batch, { index, attempt }: ItemRef): Promise<ItemDraw[] | null> {
	if (batch.state !== "running") return null;
	const [row] = await tx.query<{ draws: ItemDraw[] }>(sql`select draws from batch_items
		where batch_id = ${batch.id} and index = ${index} and attempt = ${attempt} and state = 'waiting' for update`);
	return row?.draws ?? null;
}

export async function pauseBatch(tx: Session, batchId: string, reason: NonNullable<Batch["pauseReason"]>): Promise<void> {
	await tx.query(sql`update batches set state = 'paused', pause_reason = ${reason} where id = ${batchId}`);
	await emitBatchEvent(tx, "batch.paused", batchId);
}

/** Ends an item that cannot be made a job; what the plan's month set aside for it comes back, money when the batch ends. */
export async function refuseItem(database: Database, item: ItemRef, failure: Failure): Promise<void> {
	await database.transaction(async (tx) => {
		const batch = await lockBatch(tx, item.tenantId, item.batchId);
		const draws = await lockWaiting(tx, batch, item);
		if (!draws) return;
		await moveDraws(tx, batch, "release", draws);
		await tx.query(sql`update batch_items set state = 'failed', error = ${json(failure)}::jsonb, settled_at = clock_timestamp()
			where batch_id = ${batch.id} and index = ${item.index}`);
		await tx.query(sql`with numbered as (update batches set event_seq = event_seq + 1 where id = ${batch.id} returning id, event_seq, tenant_id)
			insert into batch_events (batch_id, seq, tenant_id, type, data) select id, event_seq, tenant_id, 'item.failed', jsonb_build_object(
				'index', ${item.index}::int, 'attempt', ${item.attempt}::int, 'job_id', null, 'charged_micro_usd', 0, 'error', ${told(sql`${json(failure)}::jsonb`)})
			from numbered`);
	});
}
