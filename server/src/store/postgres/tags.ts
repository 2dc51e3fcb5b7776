import { finishTag, virtualCost, virtualTime } from "../../domain/scheduling/fairQueue.ts";
import { type Query, type Session, sql } from "../sql.ts";

interface ReadyTask {
	id: number;
	jobId: string;
	runIndex: number;
	tenantId: string;
	pool: string;
	capability: string;
	weight: number;
}

/** Makes a task claimable at its place. The tenant's row must be locked: its tags follow one another. */
export async function makeReady(tx: Session, task: ReadyTask): Promise<void> {
	const key = (await tagOfRun(tx, task)) ?? (await nextTag(tx, task));
	await tx.query(sql`update tasks set status = 'ready', order_key = ${key}, ready_at = clock_timestamp() where id = ${task.id}`);
}

/** Later steps of a run in the same pool keep its tag: finish what was started. */
async function tagOfRun(tx: Session, { jobId, runIndex, pool }: ReadyTask): Promise<number | null> {
	const [row] = await tx.query<{ key: number | null }>(sql`select min(order_key) as key from tasks
		where job_id = ${jobId} and run_index = ${runIndex} and pool = ${pool} and order_key is not null`);
	return row?.key ?? null;
}

const served = (pool: string): Query => sql`greatest(coalesce((select served_key from pools where id = ${pool}), 0),
	coalesce((select max(order_key) from tasks where pool = ${pool} and status = 'running'), 0))::bigint`;

const smallestWaiting = (pool: string, capability: Query): Query =>
	sql`(select min(w.order_key) from tasks w where w.pool = ${pool} and w.capability = ${capability} and w.status = 'ready')`;

async function nextTag(tx: Session, { jobId, runIndex, tenantId, pool, capability, weight }: ReadyTask): Promise<number> {
	const [state] = await tx.query<{ served: number; waiting: number | null; last: number; predictedMs: number }>(sql`select
		${served(pool)} as served, ${smallestWaiting(pool, sql`${capability}`)} as waiting,
		coalesce((select last_key from tenant_tags where tenant_id = ${tenantId} and pool = ${pool}), 0)::bigint as last,
		(select sum(predicted_ms) from tasks where job_id = ${jobId} and run_index = ${runIndex} and pool = ${pool} and status <> 'skipped')::bigint as "predictedMs"`);
	const key = finishTag({
		virtualTime: virtualTime(state?.served ?? 0, state?.waiting ?? null),
		lastTag: state?.last ?? 0,
		predictedMs: state?.predictedMs ?? 0,
		weight,
	});
	await tx.query(sql`insert into tenant_tags (tenant_id, pool, last_key) values (${tenantId}, ${pool}, ${key})
		on conflict (tenant_id, pool) do update set last_key = excluded.last_key`);
	return key;
}

interface GoneRun {
	tenantId: string;
	pool: string;
	orderKey: number;
	predictedMs: number;
	weight: number;
}

/** A run that never started leaves the line: its tenant's later tags move up by its cost, all by the same. */
export async function giveBackTag(tx: Session, gone: GoneRun): Promise<void> {
	const cost = Math.min(virtualCost(gone.predictedMs, gone.weight), await roomBefore(tx, gone));
	await tx.query(sql`update tasks set order_key = order_key - ${cost}
		where tenant_id = ${gone.tenantId} and pool = ${gone.pool} and status = 'ready' and order_key > ${gone.orderKey}`);
	await tx.query(sql`update tenant_tags set last_key = last_key - ${cost}
		where tenant_id = ${gone.tenantId} and pool = ${gone.pool} and last_key >= ${gone.orderKey}`);
}

/**
 * How far the tenant's next run can move up without starting before V, where it would start had the gone one never been. Without this
 * bound a big job that waits banks time for the pile sent after it.
 */
async function roomBefore(tx: Session, { tenantId, pool, orderKey }: GoneRun): Promise<number> {
	const [next] = await tx.query<{ orderKey: number; predictedMs: number; weight: number; served: number; waiting: number | null }>(sql`
		select t.order_key as "orderKey", j.weight, ${served(pool)} as served, ${smallestWaiting(pool, sql`t.capability`)} as waiting,
			(select sum(r.predicted_ms) from tasks r where r.job_id = t.job_id and r.run_index = t.run_index and r.pool = t.pool
				and r.status <> 'skipped')::bigint as "predictedMs"
		from tasks t join jobs j on j.id = t.job_id
		where t.tenant_id = ${tenantId} and t.pool = ${pool} and t.status = 'ready' and t.order_key > ${orderKey} order by t.order_key, t.id limit 1`);
	if (!next) return Number.POSITIVE_INFINITY;
	const start = next.orderKey - virtualCost(next.predictedMs, next.weight);
	return Math.max(0, start - virtualTime(next.served, next.waiting));
}
