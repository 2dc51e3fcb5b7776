import type { ClaimRequest } from "../../domain/jobs/jobStore.ts";
import { modelOf, needsLoading } from "../../domain/scheduling/modelOf.ts";
import { choosePlacement, type ModelQueue, type Placement } from "../../domain/scheduling/placement.ts";
import { type Database, json, sql } from "../sql.ts";
import { type Fleet, leftMs, readFleet } from "./fleet.ts";
import type { Scheduling } from "./scheduling.ts";

/** What of its capabilities a worker takes tasks of now. With one model or none to load it is everything, and nothing is asked. */
export async function placeWorker(database: Database, request: ClaimRequest, scheduling: Scheduling): Promise<string[]> {
	const capabilities = [...request.capabilities];
	if (new Set(capabilities.filter(needsLoading).map(modelOf)).size < 2) return capabilities;
	const heads = await readHeads(database, request, scheduling.liveForMs);
	// Most looks find nothing: who else works need not be known for that.
	if (heads.length === 0) return [];
	const [loadMs, fleet] = await Promise.all([scheduling.loadTimes(), readFleet(database, scheduling.liveForMs)]);
	const queues = toQueues(heads, { fleet, request, loadMs });
	const placement = choosePlacement({ loadedModel: request.loadedModel, queues }, scheduling.placement);
	await markPassed(database, queues, placement);
	return capabilities.filter((capability) => placement.models.includes(modelOf(capability)));
}

/** The first claimable task of a capability, and the work before the first one the worker could run without loading. */
interface Head {
	capability: string;
	headKey: number;
	headId: number;
	passedMs: number;
	dueMs: number;
	/** Workers that it is not left to, though they may hold its model. */
	outOfMemoryOn: string[];
}

/** How many tasks are added up at most: far more than pay for loading a model. */
const farthest = 200;
/** Above every order key. */
const noEnd = 2 ** 53;

async function readHeads(
	database: Database,
	{ workerId, pool, capabilities, loadedModel }: ClaimRequest,
	liveForMs: number,
): Promise<Head[]> {
	const asked = capabilities.map((capability) => ({ capability, loads: needsLoading(capability) && modelOf(capability) !== loadedModel }));
	return database.query<Head>(sql`
		with can as materialized (select abilities_of(w) as abilities from workers w where w.id = ${workerId}),
		heads as (
			select c.capability, c.loads, h.* from jsonb_to_recordset(${json(asked)}::jsonb) as c(capability text, loads boolean),
			lateral (select t.order_key, t.id, t.passed_at, t.out_of_memory_on from tasks t where t.pool = ${pool} and t.capability = c.capability and t.status = 'ready'
				and t.claimable and (t.not_before is null or t.not_before <= clock_timestamp())
				and (t.requires is null or fits((select abilities from can)->c.capability, t.requires))
				and (t.out_of_memory_on is null or not left_to_others(t, ${workerId}, ${liveForMs}::float8)) order by t.order_key, t.id limit 1) h),
		own as (select order_key, id from heads where not loads order by order_key, id limit 1)
		select h.capability, h.order_key as "headKey", h.id as "headId", coalesce(h.out_of_memory_on, '{}') as "outOfMemoryOn",
			coalesce(extract(epoch from clock_timestamp() - h.passed_at) * 1000, 0)::float8 as "passedMs", coalesce(due.ms, 0)::float8 as "dueMs"
		from heads h left join own on true,
		lateral (select sum(d.predicted_ms) as ms from (select t.predicted_ms from tasks t where t.pool = ${pool} and t.capability = h.capability
			and t.status = 'ready' and t.claimable and (t.order_key, t.id) < (coalesce(own.order_key, ${noEnd}::bigint), coalesce(own.id, 0))
			order by t.order_key, t.id limit ${farthest}) d) due`);
}

interface Facts {
	fleet: Fleet;
	request: ClaimRequest;
	loadMs(model: string): number;
}

/** Capabilities that share a model in memory share a queue. */
function toQueues(heads: readonly Head[], { fleet, request, loadMs }: Facts): ModelQueue[] {
	const others = fleet.workers.filter((worker) => worker.id !== request.workerId && worker.pools.includes(request.pool));
	return [...Map.groupBy(heads, (head) => modelOf(head.capability))].flatMap(([model, group]) => {
		const first = group.toSorted((a, b) => a.headKey - b.headKey || a.headId - b.headId)[0];
		if (!first) return [];
		const isHeld = !needsLoading(first.capability) || model === request.loadedModel;
		const holdersFreeInMs = others.flatMap((worker) => {
			const loading = worker.running.find((task) => task.loadsModel && modelOf(task.capability) === model);
			if ((worker.loadedModel !== model && !loading) || first.outOfMemoryOn.includes(worker.id)) return [];
			return [Math.max(0, ...worker.running.map((task) => leftMs(task, loadMs(modelOf(task.capability)))))];
		});
		const dueMs = group.reduce((sum, head) => sum + head.dueMs, 0);
		const { headKey, headId, passedMs: headPassedMs } = first;
		return [{ model, headKey, headId, headPassedMs, dueMs, loadMs: isHeld ? 0 : loadMs(model), holdersFreeInMs }];
	});
}

/** Heads before what is taken now wait for a model: since when is kept, so that they wait no longer than the operator allows. */
async function markPassed(database: Database, queues: readonly ModelQueue[], { models }: Placement): Promise<void> {
	const taken = queues.filter((queue) => models.includes(queue.model)).sort(byTag)[0];
	const passed = queues.filter((queue) => !models.includes(queue.model) && queue.headPassedMs === 0 && (!taken || byTag(queue, taken) < 0));
	if (passed.length === 0) return;
	await database.query(sql`update tasks set passed_at = clock_timestamp() where id = any(${passed.map((queue) => queue.headId)}::bigint[])
		and passed_at is null and status = 'ready'`);
}

const byTag = (a: ModelQueue, b: ModelQueue): number => a.headKey - b.headKey || a.headId - b.headId;
