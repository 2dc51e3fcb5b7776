import { type Query, type Session, sql } from "../sql.ts";

interface ReadyTask {
	id: number;
	jobId: string;
	runIndex: number;
	tenantId: string;
	pool: string;
	capability: string;
	weight: number;
	runningCap: number | null;
}

/** Makes a task claimable at its place, or lets it wait there for one of its tenant's running places. The tenant's row must be locked. */
export async function makeReady(tx: Session, task: ReadyTask): Promise<void> {
	const key = (await tagOfRun(tx, task)) ?? (await nextTag(tx, task));
	await tx.query(sql`update tasks set status = 'ready', order_key = ${key}, ready_at = clock_timestamp(), claimable = ${await takePlace(tx, task)}
		where id = ${task.id}`);
}

/** A picture that runs keeps its place; another takes one when its tenant's plan has one free. */
async function takePlace(tx: Session, { tenantId, jobId, runIndex, runningCap }: ReadyTask): Promise<boolean> {
	if (runningCap === null) return true;
	const taken = await tx.query(sql`update image_runs set active = true where job_id = ${jobId} and index = ${runIndex}
		and (active or places_taken(${tenantId}) < ${runningCap}) returning index`);
	return taken.length > 0;
}

/** Later steps of a run in the same pool keep its tag: finish what was started. */
async function tagOfRun(tx: Session, { jobId, runIndex, pool }: ReadyTask): Promise<number | null> {
	const [row] = await tx.query<{ key: number | null }>(sql`select min(order_key) as key from tasks
		where job_id = ${jobId} and run_index = ${runIndex} and pool = ${pool} and order_key is not null`);
	return row?.key ?? null;
}

/** max(V, the tenant's last tag) + the run's cost in the pool. As finishTag in domain/scheduling/fairQueue.ts. */
async function nextTag(tx: Session, { jobId, runIndex, tenantId, pool, capability, weight }: ReadyTask): Promise<number> {
	const [row] = await tx.query<{ key: number }>(sql`insert into tenant_tags as t (tenant_id, pool, last_key)
		select ${tenantId}, ${pool}, greatest(virtual_time(${pool}, ${capability}), coalesce((select last_key from tenant_tags
			where tenant_id = ${tenantId} and pool = ${pool}), 0)) + virtual_cost(${costOfRun(jobId, runIndex, pool)}, ${weight}::float8)
		on conflict (tenant_id, pool) do update set last_key = excluded.last_key returning last_key as key`);
	if (!row) throw new Error("a tag was not written");
	return row.key;
}

const costOfRun = (jobId: string, runIndex: number, pool: string): Query => sql`(select sum(predicted_ms)::bigint from tasks
	where job_id = ${jobId} and run_index = ${runIndex} and pool = ${pool} and status <> 'skipped')`;

interface GoneRun {
	tenantId: string;
	pool: string;
	orderKey: number;
	predictedMs: number;
	weight: number;
}

/** A run that never started leaves the line: its tenant's later tags move up by its cost, all by the same. */
export async function giveBackTag(tx: Session, gone: GoneRun): Promise<void> {
	const { tenantId, pool, orderKey } = gone;
	const [moved] = await tx.query<{ by: number }>(sql`select least(virtual_cost(${gone.predictedMs}::bigint, ${gone.weight}::float8),
		${await roomBefore(tx, gone)}::bigint) as by`);
	await tx.query(sql`update tasks set order_key = order_key - ${moved?.by ?? 0}::bigint
		where tenant_id = ${tenantId} and pool = ${pool} and status = 'ready' and order_key > ${orderKey}`);
	await tx.query(sql`update tenant_tags set last_key = last_key - ${moved?.by ?? 0}::bigint
		where tenant_id = ${tenantId} and pool = ${pool} and last_key >= ${orderKey}`);
}

/**
 * How far the tenant's next run can move up without starting before V, where it would start had the gone one never been. Without this
 * bound a big job that waits banks time for the pile sent after it. Null: nothing follows.
 */
async function roomBefore(tx: Session, { tenantId, pool, orderKey }: GoneRun): Promise<number | null> {
	const [next] = await tx.query<{ room: number }>(sql`
		select greatest(0, t.order_key - virtual_cost((select sum(r.predicted_ms)::bigint from tasks r where r.job_id = t.job_id
			and r.run_index = t.run_index and r.pool = t.pool and r.status <> 'skipped'), j.weight) - virtual_time(t.pool, t.capability)) as room
		from tasks t join jobs j on j.id = t.job_id
		where t.tenant_id = ${tenantId} and t.pool = ${pool} and t.status = 'ready' and t.order_key > ${orderKey} order by t.order_key, t.id limit 1`);
	return next?.room ?? null;
}
