import { explainWait } from "../../domain/jobs/explainWait.ts";
import { endedJobStatuses, type Job, type Task } from "../../domain/jobs/job.ts";
import type { Eta, Waiting } from "../../domain/jobs/queueView.ts";
import { estimateMs, type PoolOutlook, type StepOutlook } from "../../domain/scheduling/eta/estimate.ts";
import { forecast } from "../../domain/scheduling/eta/forecast.ts";
import { modelOf, needsLoading } from "../../domain/scheduling/modelOf.ts";
import type { Database } from "../sql.ts";
import { type Fleet, leftMs, readFleet } from "./fleet.ts";
import type { Experience, Forecasts } from "./forecasts.ts";
import type { Share } from "./queueIndex.ts";
import { type Rank, readRanks } from "./ranks.ts";
import type { Scheduling } from "./scheduling.ts";
import { type Able, readAble } from "./shortfalls.ts";

export interface Outlooks extends Scheduling {
	forecasts: Forecasts;
}

/** Place, reason and outlook of each unfinished job. Its cost does not grow with the queue. */
export async function readWaiting(database: Database, jobs: readonly Job[], outlooks: Outlooks): Promise<Map<string, Waiting>> {
	const open = jobs.filter((job) => !endedJobStatuses.includes(job.status)).flatMap(toLook);
	if (open.length === 0) return new Map();
	const { ranks, facts, able } = await readFacts(database, open, outlooks);
	return new Map(open.map((look) => [look.job.id, viewOf({ ...look, able: able(look) }, ranks, facts)]));
}

/** The same for a job that is in no line: its other pictures are added to what is ahead of its last, and a free worker is no reason to wait. */
export async function foreseeWaiting(database: Database, job: Job, outlooks: Outlooks): Promise<Waiting | null> {
	const [look] = toLook(job);
	if (!look) return null;
	const { ranks, facts, able } = await readFacts(database, [look], outlooks);
	const own = look.job.runs.slice(0, -1).flatMap((run) => run.tasks.filter((task) => task.status === "ready"));
	for (const step of look.steps) {
		const rank = ranks.get(step.id);
		const before = own.filter(({ pool }) => pool === step.pool);
		const shares = before.map(({ capability, predictedMs }): Share => ({ capability, plan: job.plan, count: 1, ms: predictedMs }));
		if (rank && step.id !== look.task.id) ranks.set(step.id, { ...rank, ahead: [...rank.ahead, ...shares] });
	}
	const view = viewOf({ ...look, able: able(look) }, ranks, facts);
	return view.reason?.code === "workers_busy" && isTakenAtOnce(able(look), facts.fleet) ? { ...view, reason: null } : view;
}

const isTakenAtOnce = (able: Able, { workers }: Fleet): boolean =>
	workers.some((worker) => able.workers.includes(worker.id) && worker.running.length < worker.slots);

async function readFacts(
	database: Database,
	open: readonly Look[],
	outlooks: Outlooks,
): Promise<{ ranks: Map<number, Rank>; facts: Facts; able(look: Look): Able }> {
	const pools = [...new Set(open.flatMap((look) => [look.task, ...look.steps].map((step) => step.pool)))];
	const [fleet, ranks, loadTime, ables, ...experiences] = await Promise.all([
		readFleet(database, outlooks.liveForMs),
		readRanks(database, outlooks.index, open),
		outlooks.loadTimes(),
		readAble(
			database,
			open.map((look) => look.task),
			outlooks.liveForMs,
		),
		...pools.map((pool) => outlooks.forecasts.of(pool)),
	]);
	const loadMs = (capability: string) => (needsLoading(capability) ? loadTime(modelOf(capability)) : 0);
	const facts: Facts = { fleet, loadMs, experience: new Map(pools.map((pool, index) => [pool, experiences[index] as Experience])) };
	return { ranks, facts, able: (look) => ables[open.indexOf(look)] ?? nobody };
}

const nobody: Able = { workers: [], shortfall: { missing: "worker", lacking: [] } };

interface Facts {
	fleet: Fleet;
	/** Predicted time to load a capability's model. */
	loadMs(capability: string): number;
	experience: Map<string, Experience>;
}

/** What to look at: the step whose place is shown, and the steps of the picture that will be last. */
export interface Look {
	job: Job;
	/** The job's task that runs, is first in line, or comes next. */
	task: Task;
	/** Unfinished steps of its last picture, in order. */
	steps: Task[];
}

const unfinished = (task: Task): boolean => ["running", "ready", "scheduled", "waiting"].includes(task.status);

function toLook(job: Job): Look[] {
	const runs = job.runs.map((run) => run.tasks.filter(unfinished)).filter((tasks) => tasks.length > 0);
	const tasks = runs.flat();
	const task =
		tasks.find((entry) => entry.status === "running") ?? tasks.filter((entry) => entry.status === "ready").sort(byTag)[0] ?? tasks[0];
	const steps = runs.at(-1);
	return task && steps ? [{ job, task, steps }] : [];
}

const byTag = (a: Task, b: Task): number => (a.orderKey ?? 0) - (b.orderKey ?? 0) || a.id - b.id;

function viewOf(look: Look & { able: Able }, ranks: ReadonlyMap<number, Rank>, facts: Facts): Waiting {
	const { job, task, able } = look;
	const rank = ranks.get(task.id);
	const inPool = facts.fleet.workers.filter((worker) => worker.pools.includes(task.pool));
	const runnable = new Set(inPool.flatMap((worker) => worker.capabilities));
	const ahead = (rank?.ahead ?? []).filter((share) => runnable.has(share.capability));
	const base: Waiting = { asOf: rank?.asOf ?? new Date(), pool: task.pool, place: null, aheadByPlan: {}, reason: null, eta: null };
	const isPaused = facts.fleet.pausedPools.includes(task.pool);
	const count = ahead.reduce((sum, share) => sum + share.count, 0);
	const situation = { job, task, workers: inPool, able, ahead: count, isPaused, now: new Date() };
	const reason = task.status === "running" ? null : explainWait(situation);
	if (reason && ["scheduled", "no_capable_worker", "pool_paused"].includes(reason.code)) return { ...base, reason };
	const eta = etaOf(look, ranks, facts);
	if (task.status !== "ready") return { ...base, reason, eta };
	return { ...base, place: count + 1, aheadByPlan: countByPlan(ahead), reason, eta };
}

function countByPlan(ahead: readonly Share[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const { plan, count } of ahead) counts[plan] = (counts[plan] ?? 0) + count;
	return counts;
}

/** Until the job's last picture. Its other pictures are among the work ahead, unless its plan lets too few of them run at once. */
function etaOf({ job, task, steps }: Look, ranks: ReadonlyMap<number, Rank>, facts: Facts): Eta | null {
	const outlooks = steps.map((step): StepOutlook => {
		const rank = ranks.get(step.id);
		return {
			model: modelOf(step.capability),
			loadMs: facts.loadMs(step.capability),
			ownMs: step.status === "running" ? ownLeftMs(step, facts) : step.predictedMs,
			queue: rank ? poolOutlook(step.pool, rank.ahead, facts) : null,
		};
	});
	const queueMs = estimateMs(outlooks);
	const experience = facts.experience.get(task.pool);
	if (queueMs === null || !experience) return null;
	const pointMs = Math.max(1, queueMs, job.runningCap ? ownWorkMs(job) / job.runningCap : 0);
	return { pointMs, ...forecast(pointMs, job.plan, experience.calibration) };
}

/** Of a running step. By the clock alone where its worker is not of the fleet: it drains, is paused or has gone. */
function ownLeftMs(step: Task, { fleet, loadMs }: Facts): number {
	const running = fleet.workers.flatMap((worker) => worker.running).find(({ taskId }) => taskId === step.id);
	const elapsedMs = step.startedAt ? Date.now() - step.startedAt.getTime() : 0;
	return leftMs(running ?? { ...step, elapsedMs, loadsModel: false }, loadMs(step.capability));
}

const ownWorkMs = (job: Job): number =>
	job.runs.flatMap((run) => run.tasks.filter(unfinished)).reduce((sum, task) => sum + task.predictedMs * (1 - task.progress), 0);

function poolOutlook(pool: string, ahead: readonly Share[], { fleet, loadMs, experience }: Facts): PoolOutlook {
	const work = Map.groupBy(ahead, (share) => modelOf(share.capability));
	return {
		workers: fleet.workers
			.filter((worker) => worker.pools.includes(pool))
			.map((worker) => ({
				models: new Set(worker.capabilities.map(modelOf)),
				loadedModel: worker.loadedModel,
				slotsLeftMs: Array.from({ length: worker.slots }, (_, slot) => {
					const running = worker.running.filter((task) => task.pool === pool)[slot];
					return running ? leftMs(running, loadMs(running.capability)) : 0;
				}),
			})),
		ahead: [...work].map(([model, shares]) => ({
			model,
			workMs: shares.reduce((sum, share) => sum + share.ms, 0),
			loadMs: loadMs(shares[0]?.capability ?? ""),
		})),
		loadPerRun: experience.get(pool)?.loadPerRun ?? 0,
	};
}
