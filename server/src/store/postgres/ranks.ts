import type { Task } from "../../domain/jobs/job.ts";
import { type Database, json, sql } from "../sql.ts";
import type { PoolIndex, QueueIndex, Share } from "./queueIndex.ts";
import type { Look } from "./waiting.ts";

/** What stands before a task in its pool's order, whoever could run it. */
export interface Rank {
	asOf: Date;
	ahead: readonly Share[];
}

/** A place in a pool's order: where a task stands, or would stand if it became ready now. */
interface Spot {
	taskId: number;
	pool: string;
	capability: string;
	/** Null: not in line yet. */
	orderKey: number | null;
	/** For a step not in line yet: what its run costs in that pool, and the job's share. */
	predictedMs: number;
	weight: number;
}

/** How far a step that is not in line yet is looked for: beyond it, the estimate is already hours. */
const farthest = 5_000;

/** By task id: of the task whose place is shown, and of the first step of the last picture in each pool. */
export async function readRanks(database: Database, index: QueueIndex, looks: readonly Look[]): Promise<Map<number, Rank>> {
	const spots = looks.flatMap(spotsOf);
	if (spots.length === 0) return new Map();
	const pools = [...new Set(spots.map((spot) => spot.pool))];
	const indexes = new Map(await Promise.all(pools.map(async (pool) => [pool, await index.of(pool)] as const)));
	const bases = new Map(spots.map((spot) => [spot.taskId, baseOf(indexes.get(spot.pool), spot.orderKey)]));
	const asked = spots.map((spot) => ({ ...spot, mark: bases.get(spot.taskId)?.mark ?? -1 }));
	const rows = await database.query<{ taskId: number; asOf: Date; shares: Share[] | null }>(sql`
		select s."taskId", statement_timestamp() as "asOf", near.shares
		from jsonb_to_recordset(${json(asked)}::jsonb) as s("taskId" bigint, pool text, capability text, "orderKey" bigint, "predictedMs" bigint,
			weight float8, mark bigint),
		lateral (select coalesce(s."orderKey", virtual_time(s.pool, s.capability) + virtual_cost(s."predictedMs", s.weight)) as key) spot,
		lateral (select jsonb_agg(jsonb_build_object('capability', capability, 'plan', plan, 'count', count, 'ms', ms)) as shares from (
			select capability, plan, count(*) as count, sum(predicted_ms) as ms from (
				select w.capability, w.plan, w.predicted_ms from tasks w where w.pool = s.pool and w.status = 'ready' and w.order_key > 0
					and w.order_key > s.mark and (w.order_key, w.id) < (spot.key, s."taskId")
				order by w.order_key, w.id limit case when s."orderKey" is null then ${farthest}::bigint end) as before
			group by capability, plan) as grouped) near`);
	return new Map(rows.map(({ taskId, asOf, shares }) => [taskId, toRank(asOf, shares ?? [], bases.get(taskId))]));
}

function spotsOf({ job, task, steps }: Look): Spot[] {
	const firsts = steps.filter((step, at) => step.status !== "running" && steps.findIndex((other) => other.pool === step.pool) === at);
	const wanted = task.status === "ready" && !firsts.includes(task) ? [task, ...firsts] : firsts;
	return wanted.map((step) => ({
		taskId: step.id,
		pool: step.pool,
		capability: step.capability,
		orderKey: step.status === "ready" ? step.orderKey : null,
		predictedMs: inPool(steps, step.pool).reduce((sum, other) => sum + other.predictedMs, 0),
		weight: job.weight,
	}));
}

const inPool = (steps: readonly Task[], pool: string): Task[] => steps.filter((step) => step.pool === pool);

interface Base {
	mark: number;
	asOf: Date;
	upTo: readonly Share[];
}

/** The last mark below a key, by halving. */
function baseOf(index: PoolIndex | undefined, orderKey: number | null): Base | null {
	if (!index || orderKey === null) return null;
	let [low, high] = [0, index.marks.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((index.marks[middle] ?? 0) < orderKey) low = middle + 1;
		else high = middle;
	}
	const mark = index.marks[low - 1];
	const upTo = index.upTo[low - 1];
	return mark === undefined || !upTo ? null : { mark, asOf: index.asOf, upTo };
}

/** Before the first mark everything was counted now. */
function toRank(now: Date, near: readonly Share[], base: Base | null | undefined): Rank {
	if (!base) return { asOf: now, ahead: near };
	return { asOf: base.asOf, ahead: [...base.upTo, ...near] };
}
