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
	const { key, floor } = (await tagOfRun(tx, task)) ?? (await nextTag(tx, task));
	await tx.query(sql`update tasks set status = 'ready', order_key = ${key}, floor_key = ${floor}, ready_at = clock_timestamp(),
		claimable = ${await takePlace(tx, task)} where id = ${task.id}`);
}

/**
 * Writes down how far the capability's clock has got, before work that ran waits again with its old tag: else the clock would fall back to
 * that tag, and who comes next would start in the past. Under the worker's own name, so that workers do not wait for one another.
 */
export async function keepClock(
	tx: Session,
	{ pool, capability, workerId }: { pool: string; capability: string; workerId: string },
): Promise<void> {
	await tx.query(sql`insert into served_tags as s (pool, worker_id, capability, order_key)
		values (${pool}, ${workerId}, ${capability}, virtual_time(${pool}, ${capability}))
		on conflict (pool, worker_id, capability) do update set order_key = greatest(s.order_key, excluded.order_key)`);
}

interface Tag {
	key: number;
	floor: number | null;
}

/** A picture that runs keeps its place; another takes one when its tenant's plan has one free. */
async function takePlace(tx: Session, { tenantId, jobId, runIndex, runningCap }: ReadyTask): Promise<boolean> {
	if (runningCap === null) return true;
	const taken = await tx.query(sql`update image_runs set active = true where job_id = ${jobId} and index = ${runIndex}
		and (active or places_taken(${tenantId}) < ${runningCap}) returning index`);
	return taken.length > 0;
}

/** Later steps of a run in the same pool keep its tag: finish what was started. */
async function tagOfRun(tx: Session, { jobId, runIndex, pool }: ReadyTask): Promise<Tag | null> {
	const [tag] = await tx.query<Tag>(sql`select order_key as key, floor_key as floor from tasks
		where job_id = ${jobId} and run_index = ${runIndex} and pool = ${pool} and order_key is not null order by order_key, id limit 1`);
	return tag ?? null;
}

/** Floor or last tag of the line, + the run's cost in the pool. As finishTag in domain/scheduling/fairQueue.ts. */
async function nextTag(tx: Session, { jobId, runIndex, tenantId, pool, capability, weight }: ReadyTask): Promise<Tag> {
	const [row] = await tx.query<Tag>(sql`with floored as (select floor_tag(${tenantId}, ${pool}, ${capability}) as floor),
		tagged as (insert into line_tags as t (tenant_id, pool, capability, last_key)
			select ${tenantId}, ${pool}, ${capability}, greatest(f.floor, (select last_key from line_tags where tenant_id = ${tenantId}
				and pool = ${pool} and capability = ${capability})) + virtual_cost(${costOfRun(jobId, runIndex, pool)}, ${weight}::float8) from floored f
			on conflict (tenant_id, pool, capability) do update set last_key = excluded.last_key returning last_key)
		select last_key as key, floor from tagged, floored`);
	if (!row) throw new Error("a tag was not written");
	return row;
}

const costOfRun = (jobId: string, runIndex: number, pool: string): Query => sql`(select sum(predicted_ms)::bigint from tasks
	where job_id = ${jobId} and run_index = ${runIndex} and pool = ${pool} and status <> 'skipped')`;
