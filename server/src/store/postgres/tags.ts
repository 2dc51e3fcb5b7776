import { finishTag, virtualCost, virtualTime } from "../../domain/scheduling/fairQueue.ts";
import { type Session, sql } from "../sql.ts";

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

async function nextTag(tx: Session, { jobId, runIndex, tenantId, pool, capability, weight }: ReadyTask): Promise<number> {
	const [state] = await tx.query<{ served: number; waiting: number | null; last: number; predictedMs: number }>(sql`select
		greatest(coalesce((select served_key from pools where id = ${pool}), 0),
			coalesce((select max(order_key) from tasks where pool = ${pool} and status = 'running'), 0))::bigint as served,
		(select min(order_key) from tasks where pool = ${pool} and capability = ${capability} and status = 'ready') as waiting,
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

/** A run that never started leaves the line: its tenant's later tags move up by its cost. Never recomputed from V: that could be abused. */
export async function giveBackTag(
	tx: Session,
	gone: { tenantId: string; pool: string; orderKey: number; predictedMs: number; weight: number },
): Promise<void> {
	const cost = virtualCost(gone.predictedMs, gone.weight);
	await tx.query(sql`update tasks set order_key = order_key - ${cost}
		where tenant_id = ${gone.tenantId} and pool = ${gone.pool} and status = 'ready' and order_key > ${gone.orderKey}`);
	await tx.query(sql`update tenant_tags set last_key = last_key - ${cost}
		where tenant_id = ${gone.tenantId} and pool = ${gone.pool} and last_key >= ${gone.orderKey}`);
}
