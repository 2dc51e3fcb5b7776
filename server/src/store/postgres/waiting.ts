import type { Job, Task } from "../../domain/jobs/job.ts";
import { endedJobStatuses } from "../../domain/jobs/job.ts";
import { estimate, type QueueSnapshot, type Waiting } from "../../domain/jobs/queueView.ts";
import { type Database, type Session, sql } from "../sql.ts";
import { isLive } from "./workers.ts";

interface LiveWorker {
	pools: string[];
	capabilities: string[];
	slots: number;
	loadedModel: string | null;
}

const readLive = (session: Session, liveForMs: number) =>
	session.query<LiveWorker>(sql`select pools, capabilities, slots, loaded_model as "loadedModel" from workers where ${isLive(liveForMs)}`);

/** Place, reason and outlook of each unfinished job. */
export async function readWaiting(database: Database, jobs: readonly Job[], liveForMs: number): Promise<Map<string, Waiting>> {
	const open = jobs.filter((job) => !endedJobStatuses.includes(job.status));
	if (open.length === 0) return new Map();
	const workers = await readLive(database, liveForMs);
	const views = new Map<string, Waiting>();
	for (const job of open) {
		const view = await viewOf(database, job, workers);
		if (view) views.set(job.id, view);
	}
	return views;
}

async function viewOf(database: Database, job: Job, workers: LiveWorker[]): Promise<Waiting | null> {
	const tasks = job.runs.flatMap((run) => run.tasks).filter((task) => ["running", "ready", "scheduled", "waiting"].includes(task.status));
	const task = tasks.find((entry) => entry.status === "running") ?? firstInLine(tasks) ?? tasks[0];
	if (!task) return null;
	const base: Waiting = { asOf: new Date(), pool: task.pool, place: null, aheadByPlan: {}, reason: null, eta: null };
	if (task.status === "scheduled")
		return { ...base, reason: { code: "scheduled", data: { run_after: job.runAfter?.toISOString() ?? null } } };
	const capable = workers.filter((worker) => worker.pools.includes(task.pool) && worker.capabilities.includes(task.capability));
	if (task.status !== "running" && capable.length === 0)
		return { ...base, reason: { code: "no_capable_worker", data: { pool: task.pool, capability: task.capability } } };
	const ahead = task.status === "ready" ? await readAhead(database, task, workers) : { byPlan: {}, ms: 0, count: 0 };
	const [state] = await database.query<{ leftMs: number; paused: boolean }>(sql`select
		coalesce((select sum(predicted_ms * (1 - progress)) from tasks where pool = ${task.pool} and status = 'running' and job_id <> ${job.id}), 0)::float8 as "leftMs",
		coalesce((select paused from pools where id = ${task.pool}), false) as paused`);
	if (state?.paused && task.status === "ready") return { ...base, reason: { code: "pool_paused", data: { pool: task.pool } } };
	const eta = estimate({
		workAheadMs: ahead.ms,
		runningLeftMs: state?.leftMs ?? 0,
		slots: capable.reduce((sum, worker) => sum + worker.slots, 0),
		ownLeftMs: tasks.reduce((sum, entry) => sum + entry.predictedMs * (1 - entry.progress), 0),
		ownRuns: job.runs.filter((run) => run.status === "pending").length,
	});
	if (task.status !== "ready") return { ...base, eta };
	return { ...base, place: ahead.count + 1, aheadByPlan: ahead.byPlan, reason: reasonOf(task, ahead.count), eta };
}

function firstInLine(tasks: Task[]): Task | undefined {
	return tasks.filter((task) => task.status === "ready").sort((a, b) => (a.orderKey ?? 0) - (b.orderKey ?? 0) || a.id - b.id)[0];
}

function reasonOf(task: Task, ahead: number): Waiting["reason"] {
	if (task.notBefore && task.notBefore.getTime() > Date.now())
		return {
			code: "retry_backoff",
			data: { attempt: task.attempt, not_before: task.notBefore.toISOString(), code: task.error?.code ?? null },
		};
	return ahead > 0 ? { code: "fair_share_turn", data: { ahead } } : { code: "workers_busy", data: { pool: task.pool } };
}

/** Tasks before ours that some live worker of the pool could run. */
async function readAhead(
	database: Database,
	task: Task,
	workers: LiveWorker[],
): Promise<{ byPlan: Record<string, number>; ms: number; count: number }> {
	const runnable = [...new Set(workers.filter((worker) => worker.pools.includes(task.pool)).flatMap((worker) => worker.capabilities))];
	const rows = await database.query<{
		plan: string;
		count: number;
		ms: number;
	}>(sql`select j.plan, count(*)::int as count, sum(t.predicted_ms)::float8 as ms
		from tasks t join jobs j on j.id = t.job_id
		where t.pool = ${task.pool} and t.status = 'ready' and (t.order_key, t.id) < (${task.orderKey}::bigint, ${task.id}::bigint)
			and t.capability = any(${runnable}::text[]) group by j.plan`);
	return {
		byPlan: Object.fromEntries(rows.map((row) => [row.plan, row.count])),
		ms: rows.reduce((sum, row) => sum + row.ms, 0),
		count: rows.reduce((sum, row) => sum + row.count, 0),
	};
}

interface Depth {
	pool: string;
	status: string;
	plan: string;
	model: string;
	capability: string;
	count: number;
}

/** The public picture of the queue: numbers only. */
export async function readSnapshot(database: Database, liveForMs: number): Promise<QueueSnapshot> {
	const pools = await database.query<{ id: string; paused: boolean }>(sql`select id, paused from pools order by id`);
	const workers = await readLive(database, liveForMs);
	const depths = await database.query<Depth>(sql`select t.pool, t.status, j.plan, t.model, t.capability, count(*)::int as count
		from tasks t join jobs j on j.id = t.job_id where t.status in ('ready', 'running') group by 1, 2, 3, 4, 5`);
	return {
		asOf: new Date(),
		pools: pools.map(({ id, paused }) => {
			const mine = workers.filter((worker) => worker.pools.includes(id));
			const ready = depths.filter((row) => row.pool === id && row.status === "ready");
			return {
				pool: id,
				paused,
				ready: total(ready),
				running: total(depths.filter((row) => row.pool === id && row.status === "running")),
				unrunnable: total(ready.filter((row) => !mine.some((worker) => worker.capabilities.includes(row.capability)))),
				readyByPlan: totals(ready, (row) => row.plan),
				readyByModel: totals(ready, (row) => row.model),
				workers: mine.length,
				loadedModels: mine.flatMap((worker) => worker.loadedModel ?? []),
			};
		}),
	};
}

const total = (rows: Depth[]): number => rows.reduce((sum, row) => sum + row.count, 0);

function totals(rows: Depth[], name: (row: Depth) => string): Record<string, number> {
	return Object.fromEntries([...Map.groupBy(rows, name)].map(([key, group]) => [key, total(group)]));
}
