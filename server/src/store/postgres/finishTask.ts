import type { ErrorCode } from "../../domain/errors.ts";
import type { Failure } from "../../domain/jobs/job.ts";
import type { FinishEffects, Lease, TaskOutcome } from "../../domain/jobs/jobStore.ts";
import { costMicroUsd } from "../../domain/pricing/cost.ts";
import { type Database, json, type Session, sql } from "../sql.ts";
import { advanceRun, type Decision, decide, type OpenRun, openRunOf } from "./advanceRun.ts";
import { appendEvents } from "./appendEvents.ts";
import { closeJob, failRun, fillPlaces } from "./closeJob.ts";
import { leaseLost } from "./leases.ts";
import type { Scheduling } from "./scheduling.ts";
import { learnTimes } from "./serviceTimes.ts";
import { keepClock } from "./tags.ts";

type Succeeded = Extract<TaskOutcome, { kind: "succeeded" }>;
type Failed = Extract<TaskOutcome, { kind: "failed" }>;

interface RunningTask {
	jobId: string;
	tenantId: string;
	runIndex: number;
	stepId: string;
	pool: string;
	capability: string;
	optional: boolean;
	failures: number;
	maxAttempts: number;
	runningCap: number | null;
}

/** Ends one attempt and does all that follows, in one transaction. A late or foreign attempt is refused. */
export async function finishTask(database: Database, lease: Lease, outcome: TaskOutcome, scheduling: Scheduling): Promise<FinishEffects> {
	return outcome.kind === "succeeded" ? succeed(database, lease, outcome, scheduling) : stop(database, lease, outcome, scheduling);
}

/** How often another step of the same picture may end between the look and the end of this one: they have fewer siblings than that. */
const mostLooks = 100;

async function succeed(database: Database, lease: Lease, outcome: Succeeded, scheduling: Scheduling): Promise<FinishEffects> {
	for (let look = 0; look < mostLooks; look++) {
		const step = await readStep(database, lease);
		const answer = await finishStep(database, lease, outcome, {
			decisions: await decide(database, withItsOwn(step, outcome), scheduling),
			costMicroUsd: costMicroUsd(outcome.ms, scheduling.costMicroUsdPerHour(step.pool)),
		});
		if (answer.refused === "lease_lost") throw leaseLost();
		if (answer.refused === "moved") continue;
		// Apart from the transaction: the row of a busy capability would make all its workers wait for one another. The step is done, so
		// a database that goes away now must not make it look failed: one measurement is lost, and whatever is wrong the next call says.
		await learnTimes(database, lease).catch(() => {});
		return { jobIds: [step.jobId], pools: [...new Set(answer.pools)], stoppedTaskIds: [] };
	}
	throw new Error(`the picture of task ${lease.taskId} does not hold still`);
}

interface RunningStep {
	jobId: string;
	stepId: string;
	pool: string;
	/** Null: nothing waits. */
	run: OpenRun | null;
}

/** The step and what waits in its picture, without a lock: who ends it checks that no more does. */
async function readStep(database: Database, { taskId, attempt, workerId }: Lease): Promise<RunningStep> {
	const [step] = await database.query<RunningStep>(sql`select f.job_id as "jobId", f.step_id as "stepId", f.pool,
			${openRunOf(sql`f.job_id`, sql`f.run_index`)} as run from tasks f join jobs j on j.id = f.job_id
		where f.id = ${taskId} and f.attempt = ${attempt} and f.worker_id = ${workerId} and f.status = 'running'`);
	if (!step) throw leaseLost();
	return step;
}

/** The picture as it will be once this step has ended. */
function withItsOwn({ run, stepId }: RunningStep, { outputs, data }: Succeeded): OpenRun | null {
	return run && { ...run, ended: { ...run.ended, [stepId]: { outputs, data } } };
}

type Finished = { refused: "lease_lost" } | { refused: "moved" } | { refused?: undefined; pools: string[] };

async function finishStep(
	database: Database,
	{ taskId, attempt, workerId }: Lease,
	{ outputs, data, ms }: Succeeded,
	{ decisions, costMicroUsd }: { decisions: Decision[]; costMicroUsd: number },
): Promise<Finished> {
	const [row] = await database.query<{
		answer: Finished;
	}>(sql`select finish_step(${taskId}, ${attempt}, ${workerId}, ${json(outputs)}::jsonb,
		${json(data)}::jsonb, ${Math.max(1, Math.round(ms))}, ${costMicroUsd}, ${json(decisions)}::jsonb) as answer`);
	if (!row) throw new Error("finish_step answered nothing");
	return row.answer;
}

/** The attempt ended without a result: its work is given back, tried again, left out, or fails the picture. */
async function stop(
	database: Database,
	lease: Lease,
	outcome: Exclude<TaskOutcome, Succeeded>,
	scheduling: Scheduling,
): Promise<FinishEffects> {
	return database.transaction(async (tx) => {
		const task = await lockRunning(tx, lease);
		const pools = new Set([task.pool]);
		let stoppedTaskIds: number[] = [];
		await addLostCost(tx, lease.taskId, scheduling.costMicroUsdPerHour(task.pool));
		if (outcome.kind === "released") await giveBack(tx, lease, task);
		else if ((await mayTryAgain(tx, lease, outcome, scheduling)) && task.failures + 1 < task.maxAttempts)
			await retryLater(tx, lease, task, outcome);
		else stoppedTaskIds = await giveUp(tx, lease.taskId, task, outcome.failure, scheduling, pools);
		await closeJob(tx, task.jobId);
		for (const pool of await fillPlaces(tx, task)) pools.add(pool);
		return { jobIds: [task.jobId], pools: [...pools], stoppedTaskIds };
	});
}

/** Locks tenant, task and job, in the order everyone keeps: each part waits for what the one before it found. */
async function lockRunning(tx: Session, { taskId, attempt, workerId }: Lease): Promise<RunningTask> {
	const [task] = await tx.query<RunningTask>(sql`with owner as (select id from tenants
			where id = (select tenant_id from tasks where id = ${taskId}) for no key update),
		running as (select job_id, tenant_id, run_index, step_id, pool, capability, optional, failures, max_attempts from tasks
			where (select count(*) from owner) > 0 and id = ${taskId} and attempt = ${attempt} and worker_id = ${workerId} and status = 'running' for update),
		job as (select running_cap from jobs where id = (select job_id from running) for update)
		select r.job_id as "jobId", r.tenant_id as "tenantId", r.run_index as "runIndex", r.step_id as "stepId", r.pool, r.capability, r.optional,
			r.failures, r.max_attempts as "maxAttempts", (select running_cap from job) as "runningCap" from running r`);
	if (!task) throw leaseLost();
	return task;
}

/** What an attempt in vain cost the operator; its user pays nothing for it. */
async function addLostCost(tx: Session, taskId: number, costMicroUsdPerHour: number): Promise<void> {
	if (costMicroUsdPerHour === 0) return;
	await tx.query(sql`update tasks set cost_micro_usd = coalesce(cost_micro_usd, 0)
		+ ceil(extract(epoch from clock_timestamp() - started_at) * ${costMicroUsdPerHour}::float8 / 3600)::bigint where id = ${taskId}`);
}

async function giveBack(tx: Session, { taskId, workerId }: Lease, { pool, capability }: RunningTask): Promise<void> {
	await keepClock(tx, { pool, capability, workerId });
	await tx.query(sql`update tasks set status = 'ready', worker_id = null, lease_until = null, progress = 0 where id = ${taskId}`);
}

/** Failures of one worker that another may not meet. */
const perhapsNotElsewhere: readonly ErrorCode[] = ["out_of_memory", "engine_down", "timeout", "model_missing"];

/** Leaves the step to other workers, where another may do better. What the worker itself cannot do is tried again only if there is one. */
async function mayTryAgain(
	tx: Session,
	{ taskId, workerId }: Lease,
	{ failure: { code }, retryable }: Failed,
	{ liveForMs }: Scheduling,
): Promise<boolean> {
	if (!perhapsNotElsewhere.includes(code)) return retryable;
	// The column's name is of when only memory counted.
	const [task] = await tx.query<{ isLeft: boolean }>(sql`update tasks t set out_of_memory_on = array_append(out_of_memory_on, ${workerId})
		where id = ${taskId} returning left_to_others(t, ${workerId}, ${liveForMs}::float8) as "isLeft"`);
	return retryable || (code === "model_missing" && task?.isLeft === true);
}

async function retryLater(tx: Session, { taskId, attempt, workerId }: Lease, task: RunningTask, outcome: Failed): Promise<void> {
	const { pool, capability } = task;
	await keepClock(tx, { pool, capability, workerId });
	await tx.query(sql`update tasks set status = 'ready', failures = failures + 1, worker_id = null, lease_until = null, progress = 0,
		error = ${json(outcome.failure)}::jsonb, not_before = clock_timestamp() + ${outcome.delayMs}::float8 * interval '1 millisecond' where id = ${taskId}`);
	const data = { n: task.runIndex, step: task.stepId, attempt, code: outcome.failure.code, delay_ms: outcome.delayMs };
	await appendEvents(tx, task.jobId, [{ type: "step.retrying", data }]);
}

/** An optional step keeps its input and says so; any other takes its picture with it. Returns the tasks that must stop. */
async function giveUp(
	tx: Session,
	taskId: number,
	task: RunningTask,
	failure: Failure,
	scheduling: Scheduling,
	pools: Set<string>,
): Promise<number[]> {
	const status = task.optional ? "skipped" : "failed";
	await tx.query(sql`update tasks set status = ${status}, failures = failures + 1, skip_reason = ${task.optional ? "step_failed" : null}, lease_until = null,
		error = ${json(failure)}::jsonb, finished_at = clock_timestamp() where id = ${taskId}`);
	if (!task.optional) return failRun(tx, task.jobId, task.runIndex, failure);
	await appendEvents(tx, task.jobId, [
		{ type: "step.skipped", data: { n: task.runIndex, step: task.stepId, reason: "step_failed", code: failure.code } },
	]);
	for (const pool of await advanceRun(tx, task, scheduling)) pools.add(pool);
	return [];
}
