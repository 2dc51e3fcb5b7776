import { virtualCost } from "../../../src/domain/scheduling/fairQueue.ts";
import { newId } from "../../../src/newId.ts";
import { type Database, sql } from "../../../src/store/sql.ts";

/** Rows of a queue written straight into the tables, so that a test decides every tag, clock and state itself. */
export interface Seed {
	tenant(plan?: string): Promise<string>;
	pool(id?: string): Promise<string>;
	worker(pools: string[], capabilities: string[], more?: { loadedModel?: string; slots?: number }): Promise<string>;
	/** In line as submit puts it there. Returns the job's id. */
	job(order: SeedOrder): Promise<string>;
	/** Hands the first tasks of the pool to a worker. */
	claim(workerId: string, pool: string, capabilities: string[], atMost?: number): Promise<Claimed[]>;
	/** A tenant's line: job, tag and whether it can be claimed, in order. */
	line(pool: string, tenantId?: string): Promise<{ id: number; jobId: string; key: number; claimable: boolean; tenantId: string }[]>;
}

export interface SeedOrder {
	tenantId: string;
	pool: string;
	capability?: string;
	pictures?: number;
	ms?: number;
	weight?: number;
	plan?: string;
	cap?: number | null;
	/** Steps of each picture, one after another, all in the pool. */
	steps?: number;
	/** The tag of the first picture starts at least here. */
	from?: number;
}

export interface Claimed {
	id: number;
	attempt: number;
	jobId: string;
}

export function seedQueue(database: Database): Seed {
	return {
		async tenant(plan = "starter") {
			const id = newId("ten");
			await database.query(sql`insert into tenants (id, name, plan, postpaid) values (${id}, 'Secret Ltd', ${plan}, true)`);
			return id;
		},
		async pool(id = newId("pool")) {
			await database.query(sql`insert into pools (id) values (${id})`);
			return id;
		},
		async worker(pools, capabilities, { loadedModel = null, slots = 1 }: { loadedModel?: string | null; slots?: number } = {}) {
			const id = newId("wrk");
			await database.query(sql`insert into workers (id, name, kind, pools, capabilities, loaded_model, slots, last_seen_at)
				values (${id}, 'rig of Secret Ltd', 'remote', ${pools}, ${capabilities}, ${loadedModel}, ${slots}, clock_timestamp())`);
			return id;
		},
		job: (order) => addJob(database, order),
		claim: (workerId, pool, capabilities, atMost = 1) =>
			database.query<Claimed>(sql`select (c.task).id, (c.task).attempt, (c.task).job_id as "jobId"
				from claim_tasks(${workerId}, ${pool}, ${capabilities}::text[], ${atMost}, 60000::float8, null) c`),
		line: (pool, tenantId) =>
			database.query(sql`select id, job_id as "jobId", order_key as key, claimable, tenant_id as "tenantId" from tasks
				where pool = ${pool} and status = 'ready' and (${tenantId ?? null}::text is null or tenant_id = ${tenantId ?? null}) order by order_key, id`),
	};
}

async function addJob(database: Database, order: SeedOrder): Promise<string> {
	const {
		tenantId,
		pool,
		capability = "generate:one",
		pictures = 1,
		ms = 1_000,
		weight = 1,
		plan = "starter",
		cap = null,
		steps = 1,
	} = order;
	const id = newId("job");
	const cost = virtualCost(ms * steps, weight);
	await database.transaction(async (tx) => {
		await tx.query(sql`insert into jobs (id, tenant_id, status, workflow, workflow_version, model, plan, weight, running_cap, request, metadata,
				quote, held_micro_usd) values (${id}, ${tenantId}, 'queued', 'picture', 1, 'one', ${plan}, ${weight}, ${cap},
				'{"prompt": "secret plans"}', '{}', '{}', 0)`);
		const [clock] = await tx.query<{ base: number; floor: number; taken: number }>(sql`select places_taken(${tenantId}) as taken,
			floor_tag(${tenantId}, ${pool}, ${capability}) as floor, greatest(${order.from ?? 0}::bigint, floor_tag(${tenantId}, ${pool}, ${capability}),
				(select last_key from line_tags where tenant_id = ${tenantId} and pool = ${pool} and capability = ${capability})) as base`);
		if (!clock) throw new Error("no clock");
		await tx.query(sql`insert into line_tags (tenant_id, pool, capability, last_key)
			values (${tenantId}, ${pool}, ${capability}, ${clock.base + pictures * cost}) on conflict (tenant_id, pool, capability) do update set last_key = excluded.last_key`);
		const free = cap === null ? pictures : Math.max(0, cap - clock.taken);
		await tx.query(sql`insert into image_runs (job_id, index, tenant_id, seed, active)
			select ${id}, n, ${tenantId}, n, ${cap !== null}::boolean and n < ${free} from generate_series(0, ${pictures - 1}::int) n`);
		const [kind = "", model = ""] = capability.split(":");
		await tx.query(sql`insert into tasks (job_id, run_index, tenant_id, plan, step_id, kind, model, capability, pool, optional, needs, status,
				order_key, floor_key, claimable, predicted_ms, price_micro_usd, max_attempts, ready_at)
			select ${id}, n, ${tenantId}, ${plan}, 'step' || s, ${kind}, ${model}, ${capability}, ${pool}, false,
				case when s = 0 then '{}'::text[] else array['step' || (s - 1)] end, case when s = 0 then 'ready' else 'waiting' end,
				case when s = 0 then ${clock.base}::bigint + (n + 1) * ${cost}::bigint end, ${clock.floor}::bigint, n < ${free}, ${ms}, 0, 5,
				case when s = 0 then clock_timestamp() end
			from generate_series(0, ${pictures - 1}::int) n, generate_series(0, ${steps - 1}::int) s order by n, s`);
	});
	return id;
}
