import { GlassworksError } from "../../domain/errors.ts";
import type { FinishEffects } from "../../domain/jobs/jobStore.ts";
import type { Pool } from "../../domain/jobs/steering.ts";
import { finishTag, floorTag } from "../../domain/scheduling/fairQueue.ts";
import { type Database, type Session, sql } from "../sql.ts";
import { openJobs } from "./openJobs.ts";

const columns = sql`id, paused, case when tenant_id is null then null else jsonb_build_object('tenantId', tenant_id, 'base', base) end as dedicated`;

export const readPools = (session: Session): Promise<Pool[]> =>
	session.query<Pool>(sql`select ${columns} from pools order by tenant_id is not null, id`);

export async function pausePool(session: Session, id: string, paused: boolean): Promise<Pool> {
	const [pool] = await session.query<Pool>(sql`update pools set paused = ${paused} where id = ${id} returning ${columns}`);
	if (!pool) throw new GlassworksError("not_found", `No pool ${id}.`);
	return pool;
}

/** One row by its key: read at every submit. */
export async function dedicatedPools(session: Session, tenantId: string): Promise<Record<string, string>> {
	const [row] = await session.query<{ pools: Record<string, string> }>(
		sql`select dedicated_pools as pools from tenants where id = ${tenantId}`,
	);
	return row?.pools ?? {};
}

export function dedicatePool(database: Database, { id, base, tenantId }: { id: string; base: string; tenantId: string }): Promise<Pool> {
	return database.transaction(async (tx) => {
		const [tenant] = await tx.query<{ pools: Record<string, string> }>(
			sql`select dedicated_pools as pools from tenants where id = ${tenantId} for no key update`,
		);
		if (!tenant) throw new GlassworksError("not_found", `No tenant ${tenantId}.`);
		const pools = await readPools(tx);
		if (!pools.some((pool) => pool.id === base && !pool.dedicated)) throw new GlassworksError("not_found", `No pool ${base}.`);
		const same = pools.find((pool) => pool.id === id);
		if (same?.dedicated?.tenantId === tenantId && same.dedicated.base === base) return same;
		if (same) throw taken("name", `A pool named ${id} exists.`);
		if (tenant.pools[base]) throw taken("tenant", `The tenant has a pool of its own for ${base} already: ${tenant.pools[base]}.`);
		await tx.query(
			sql`update tenants set dedicated_pools = dedicated_pools || jsonb_build_object(${base}::text, ${id}::text) where id = ${tenantId}`,
		);
		const [made] = await tx.query<Pool>(
			sql`insert into pools (id, tenant_id, base) values (${id}, ${tenantId}, ${base}) on conflict do nothing returning ${columns}`,
		);
		if (!made) throw taken("name", `A pool named ${id} exists.`);
		return made;
	});
}

const taken = (field: string, message: string) => new GlassworksError("invalid_request", message, {}, [{ path: [field], message }]);

/** Tenant, tasks by id, then the pool's row: nobody waits for that row while holding it and wanting a task. */
export function releasePool(database: Database, id: string, { move }: { move: boolean }): Promise<FinishEffects & { moved: number }> {
	return database.transaction(async (tx) => {
		const [pool] = await tx.query<{ tenantId: string | null; base: string }>(
			sql`select tenant_id as "tenantId", base from pools where id = ${id}`,
		);
		if (!pool?.tenantId) throw new GlassworksError("not_found", `No dedicated pool ${id}.`);
		const { tenantId, base } = pool;
		await tx.query(sql`select 1 from tenants where id = ${tenantId} for no key update`);
		const tasks = await tx.query<{ jobId: string; status: string }>(sql`select job_id as "jobId", status from tasks
			where job_id in ${openJobs(tenantId)} and pool = ${id} and status in ('waiting', 'scheduled', 'ready', 'running') order by id for update`);
		if (tasks.length > 0 && !move) {
			const message = `${tasks.length} unfinished ${tasks.length === 1 ? "step is" : "steps are"} in the pool: true moves them to ${base}.`;
			throw new GlassworksError("pool_in_use", `move: ${message}`, { unfinished: tasks.length }, [{ path: ["move"], message }]);
		}
		if (tasks.length > 0) await moveTasks(tx, { tenantId, pool: id, base });
		await tx.query(sql`update tenants set dedicated_pools = dedicated_pools - ${base}::text where id = ${tenantId}`);
		await tx.query(sql`delete from line_tags where pool = ${id}`);
		await tx.query(sql`delete from served_tags where pool = ${id}`);
		await tx.query(sql`delete from pools where id = ${id}`);
		return { jobIds: [...new Set(tasks.map((task) => task.jobId))], pools: [base], stoppedTaskIds: [], moved: tasks.length };
	});
}

interface Move {
	tenantId: string;
	pool: string;
	base: string;
}

interface TaggedRun {
	jobId: string;
	runIndex: number;
	predictedMs: number;
	weight: number;
	touched: boolean;
	capability: string;
	/** V of its first step's capability in the base pool. */
	virtualTime: number;
}

/** As if the pictures had become ready in the base pool now, in their order. One that was begun owes nothing more: it stands at V. */
async function moveTasks(tx: Session, { tenantId, pool, base }: Move): Promise<void> {
	const runs = await tx.query<TaggedRun>(sql`with line as (
			select t.job_id, t.run_index, min(t.order_key) as key, min(t.id) as id, (array_agg(t.capability order by t.id))[1] as capability
			from tasks t where t.job_id in ${openJobs(tenantId)} and t.pool = ${pool} and t.status in ('ready', 'running') group by 1, 2),
		clocks as (select capability, virtual_time(${base}, capability) as at from (select distinct capability from line) c)
		select l.job_id as "jobId", l.run_index as "runIndex", l.capability, c.at as "virtualTime", j.weight,
			(select sum(t.predicted_ms) filter (where t.status <> 'skipped')::bigint from tasks t
				where t.job_id = l.job_id and t.run_index = l.run_index and t.pool = ${pool}) as "predictedMs",
			(select max(t.attempt) > 0 from tasks t where t.job_id = l.job_id and t.run_index = l.run_index and t.pool = ${pool}) as touched
		from line l join clocks c using (capability) join jobs j on j.id = l.job_id order by l.key, l.id`);
	const lasts = await tx.query<{ capability: string; lastTag: number }>(sql`select capability, last_key as "lastTag" from line_tags
		where tenant_id = ${tenantId} and pool = ${base}`);
	const lines = new Map(lasts.map((last) => [last.capability, last.lastTag]));
	const tags = runs.map(({ capability, virtualTime, touched, predictedMs, weight }) => {
		if (touched) return { key: Math.max(1, virtualTime), floor: virtualTime };
		// Behind all of its own that waits there, whoever could run it.
		const floor = floorTag(virtualTime, [...lines.values()]);
		const key = finishTag({ floor, lastTag: 0 }, predictedMs, weight);
		lines.set(capability, key);
		return { key, floor };
	});
	await tx.query(sql`update tasks t set order_key = m.key, floor_key = m.floor
		from unnest(${runs.map((run) => run.jobId)}::text[], ${runs.map((run) => run.runIndex)}::int[], ${tags.map((tag) => tag.key)}::bigint[],
			${tags.map((tag) => tag.floor)}::bigint[]) as m(job_id, run_index, key, floor)
		where t.job_id = m.job_id and t.run_index = m.run_index and t.pool = ${pool} and t.order_key is not null`);
	await tx.query(sql`update tasks set pool = ${base} where pool = ${pool} and (job_id, run_index) in (
		select job_id, run_index from tasks where job_id in ${openJobs(tenantId)} and pool = ${pool}
			and status in ('waiting', 'scheduled', 'ready', 'running'))`);
	await tx.query(sql`insert into line_tags as g (tenant_id, pool, capability, last_key)
		select ${tenantId}, ${base}, * from unnest(${[...lines.keys()]}::text[], ${[...lines.values()]}::bigint[])
		on conflict (tenant_id, pool, capability) do update set last_key = greatest(g.last_key, excluded.last_key)`);
}
