import type { Batch, BatchEvent, BatchItem, ItemStatus, itemStatuses } from "../../../domain/batches/batch.ts";
import type { BatchStore, Progress, WaitingItem } from "../../../domain/batches/batchStore.ts";
import { type Database, sql } from "../../sql.ts";
import type { ReadWorkflow } from "../readWorkflow.ts";
import { readBatch, readBatches } from "./batchRows.ts";
import { feedItem, refuseItem } from "./feedItem.ts";
import { insertBatch } from "./insertBatch.ts";
import { settleItems } from "./settleItems.ts";
import { cancel, pause, resume, retry, unfinishedJobs } from "./steerBatch.ts";

export function createBatchStore(database: Database, readWorkflow: ReadWorkflow): BatchStore {
	return {
		create: (draft) => insertBatch(database, draft),
		get: (tenantId, batchId) => readBatch(database, tenantId, batchId),
		async list(tenantId, { limit, before }) {
			const after = before
				? sql`and (b.created_at, b.id) < (select c.created_at, c.id from batches c where c.id = ${before} and c.tenant_id = ${tenantId})`
				: sql``;
			const batches = await readBatches(
				database,
				sql`where b.tenant_id = ${tenantId} ${after} order by b.created_at desc, b.id desc limit ${limit + 1}`,
			);
			return { batches: batches.slice(0, limit), next: batches.length > limit ? (batches[limit - 1]?.id ?? null) : null };
		},
		events: (tenantId, batchId, after, limit) =>
			database.query<BatchEvent>(sql`select batch_id as "batchId", seq, type, data, created_at as "createdAt" from batch_events
				where batch_id = ${batchId} and tenant_id = ${tenantId} and seq > ${after} order by seq limit ${limit}`),
		progress: (batchIds) => readProgress(database, batchIds),
		items: (batch, page) => readItems(database, batch, page),
		pause: (tenantId, batchId, reason) => pause(database, tenantId, batchId, reason),
		resume: (tenantId, batchId, budgetMicroUsd) => resume(database, tenantId, batchId, budgetMicroUsd),
		cancel: (tenantId, batchId) => cancel(database, tenantId, batchId),
		retry: (tenantId, batchId, items, limits) => retry(database, { tenantId, batchId }, items, limits),
		takeDue: (leaseMs) => takeDue(database, leaseMs),
		async lookAgain(batchId, inMs) {
			// Whoever resumed it meanwhile wants it sooner.
			await database.query(sql`update batches set feed_after = clock_timestamp() + ${inMs}::float8 * interval '1 millisecond'
				where id = ${batchId} and feed_after > clock_timestamp()`);
		},
		settle: (batch) => settleItems(database, batch),
		waitingItems: ({ id, tenantId }, limit) =>
			database.query<WaitingItem>(sql`select batch_id as "batchId", ${tenantId} as "tenantId", index, attempt, request,
					price_micro_usd as "priceMicroUsd", draws
				from batch_items where batch_id = ${id} and state = 'waiting' order by place limit ${limit}`),
		feed: (item, draft) => feedItem(database, item, draft, readWorkflow),
		refuse: (item, failure) => refuseItem(database, item, failure),
		unfinishedJobs: (batchId) => unfinishedJobs(database, batchId),
	};
}

async function takeDue(database: Database, leaseMs: number): Promise<Batch | null> {
	const [taken] = await database.query<{
		id: string;
	}>(sql`update batches set feed_after = clock_timestamp() + ${leaseMs}::float8 * interval '1 millisecond'
		where id = (select id from batches where finished_at is null and feed_after <= clock_timestamp() order by feed_after, id limit 1 for update skip locked)
		returning id`);
	if (!taken) return null;
	const [batch] = await readBatches(database, sql`where b.id = ${taken.id}`);
	return batch ?? null;
}

const status = sql`case when i.state = 'submitted' then coalesce(j.status, 'queued') else i.state end`;
const withJob = sql`batch_items i left join jobs j on i.state = 'submitted' and j.id = i.job_id`;

interface ProgressRow {
	batchId: string;
	counts: Progress["counts"];
	pictures: number;
	paceItems: number;
	paceMs: number | null;
	lastJobId: string | null;
}

async function readProgress(database: Database, batchIds: readonly string[]): Promise<Map<string, Progress>> {
	const rows = await database.query<ProgressRow>(sql`select b.id as "batchId",
			(select jsonb_object_agg(c.status, c.n) from (select ${status} as status, count(*) as n from ${withJob} where i.batch_id = b.id group by 1) c) as counts,
			(select coalesce(sum(i.pictures), 0)::int from batch_items i where i.batch_id = b.id and i.state = 'succeeded')
				+ (select count(*)::int from batch_items i join image_runs r on r.job_id = i.job_id and r.status = 'succeeded'
					where i.batch_id = b.id and i.state in ('partial', 'submitted')) as pictures,
			p.items as "paceItems", p.ms as "paceMs",
			(select i.job_id from batch_items i where i.batch_id = b.id and i.state = 'submitted' order by i.place desc limit 1) as "lastJobId"
		from batches b cross join lateral (select count(*)::int as items,
				extract(epoch from clock_timestamp() - greatest(min(settled_at), b.started_at))::float8 * 1000 as ms
			from (select settled_at from batch_items i where i.batch_id = b.id and i.settled_at is not null and i.job_id is not null
				order by settled_at desc limit 200) s) p
		where b.id = any(${[...batchIds]}::text[])`);
	return new Map(
		rows.map(({ batchId, counts, pictures, paceItems, paceMs, lastJobId }) => [
			batchId,
			{ counts: counts ?? {}, pictures, lastJobId, pace: paceItems > 0 && paceMs !== null ? { items: paceItems, ms: paceMs } : null },
		]),
	);
}

async function readItems(
	database: Database,
	batch: Batch,
	{ limit, after, status: wanted }: Parameters<BatchStore["items"]>[1],
): Promise<{ items: BatchItem[]; next: number | null }> {
	const of = wanted === null ? sql`` : isLive(wanted) ? sql`and i.state = 'submitted' and j.status = ${wanted}` : onlyEnded(wanted);
	const rows =
		await database.query<BatchItem>(sql`select i.index, ${status} as status, i.attempt, i.pictures, i.request, i.price_micro_usd as "priceMicroUsd",
			i.charged_micro_usd as "chargedMicroUsd", i.job_id as "jobId", i.job_ids as "jobIds", coalesce(i.error, j.error) as error
		from ${withJob} where i.batch_id = ${batch.id} and i.index > ${after ?? -1} ${of} order by i.index limit ${limit + 1}`);
	const items = rows.slice(0, limit).map((row) => ({ ...row, request: { ...batch.base, ...row.request } }));
	return { items, next: rows.length > limit ? (items.at(-1)?.index ?? null) : null };
}

const isLive = (wanted: ItemStatus): boolean => ["scheduled", "queued", "running"].includes(wanted);

/** A job that has just ended counts, whether that was noted yet or not. */
function onlyEnded(wanted: (typeof itemStatuses)[number]) {
	return wanted === "waiting"
		? sql`and i.state = 'waiting'`
		: sql`and (i.state = ${wanted} or i.state = 'submitted' and j.status = ${wanted})`;
}
