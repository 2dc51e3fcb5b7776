import type { Failure } from "../../domain/jobs/job.ts";
import type { FinishEffects, Lease, TaskOutcome } from "../../domain/jobs/jobStore.ts";
import { type Database, json, type Session, sql } from "../sql.ts";
import { type Advancing, advanceRun } from "./advanceRun.ts";
import { appendEvents } from "./appendEvents.ts";
import { closeJob, failRun } from "./closeJob.ts";
import { leaseLost } from "./leases.ts";

interface RunningTask {
	jobId: string;
	tenantId: string;
	runIndex: number;
	stepId: string;
	capability: string;
	pool: string;
	optional: boolean;
	failures: number;
	maxAttempts: number;
	orderKey: number;
}

/** Ends one attempt and does all that follows, in one transaction. A late or foreign attempt is refused. */
export async function finishTask(database: Database, lease: Lease, outcome: TaskOutcome, advancing: Advancing): Promise<FinishEffects> {
	return database.transaction(async (tx) => {
		const task = await lockRunning(tx, lease);
		const pools = new Set([task.pool]);
		let stoppedTaskIds: number[] = [];
		if (outcome.kind === "released") await giveBack(tx, lease.taskId);
		else if (outcome.kind === "succeeded") {
			await markDone(tx, lease.taskId, task, outcome);
			for (const pool of await advanceRun(tx, task, advancing)) pools.add(pool);
		} else if (outcome.retryable && task.failures + 1 < task.maxAttempts) await retryLater(tx, lease, task, outcome);
		else stoppedTaskIds = await giveUp(tx, lease.taskId, task, outcome.failure, advancing, pools);
		await closeJob(tx, task.jobId);
		return { jobIds: [task.jobId], pools: [...pools], stoppedTaskIds };
	});
}

/** Locks tenant, task and job, in the order everyone keeps. */
async function lockRunning(tx: Session, { taskId, attempt, workerId }: Lease): Promise<RunningTask> {
	await tx.query(sql`select 1 from tenants where id = (select tenant_id from tasks where id = ${taskId}) for no key update`);
	const [task] =
		await tx.query<RunningTask>(sql`select job_id as "jobId", tenant_id as "tenantId", run_index as "runIndex", step_id as "stepId",
		capability, pool, optional, failures, max_attempts as "maxAttempts", order_key as "orderKey" from tasks
		where id = ${taskId} and attempt = ${attempt} and worker_id = ${workerId} and status = 'running' for update`);
	if (!task) throw leaseLost();
	await tx.query(sql`select 1 from jobs where id = ${task.jobId} for update`);
	return task;
}

async function giveBack(tx: Session, taskId: number): Promise<void> {
	await tx.query(sql`update tasks set status = 'ready', worker_id = null, lease_until = null, progress = 0 where id = ${taskId}`);
}

async function markDone(
	tx: Session,
	taskId: number,
	task: RunningTask,
	{ outputs, data, ms }: Extract<TaskOutcome, { kind: "succeeded" }>,
): Promise<void> {
	await tx.query(sql`update tasks set status = 'done', outputs = ${json(outputs)}::jsonb, data = ${json(data)}::jsonb, progress = 1, lease_until = null,
		finished_at = clock_timestamp() where id = ${taskId}`);
	await tx.query(sql`delete from task_uploads where task_id = ${taskId}`);
	await appendEvents(tx, task.jobId, [{ type: "step.finished", data: { n: task.runIndex, step: task.stepId, ms: Math.round(ms) } }]);
	await learnServiceTime(tx, task.capability, ms);
	// V reads the running tasks and this value: without it a pool whose tasks are shorter than a look would stand still.
	await tx.query(sql`update pools set served_key = ${task.orderKey} where id = ${task.pool} and served_key < ${task.orderKey}`);
}

/** Online median: a step up or down, large at first and never below 2 %. */
async function learnServiceTime(tx: Session, capability: string, ms: number): Promise<void> {
	const seen = Math.max(1, ms);
	await tx.query(sql`insert into service_times as s (capability, median_ms, samples) values (${capability}, ${seen}, 1)
		on conflict (capability) do update set samples = s.samples + 1,
			median_ms = greatest(1, s.median_ms + sign(excluded.median_ms - s.median_ms) * least(abs(excluded.median_ms - s.median_ms),
				s.median_ms * greatest(0.02, 1.0 / (s.samples + 1))))`);
}

async function retryLater(
	tx: Session,
	{ taskId, attempt }: Lease,
	task: RunningTask,
	outcome: Extract<TaskOutcome, { kind: "failed" }>,
): Promise<void> {
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
	advancing: Advancing,
	pools: Set<string>,
): Promise<number[]> {
	const status = task.optional ? "skipped" : "failed";
	await tx.query(sql`update tasks set status = ${status}, failures = failures + 1, skip_reason = ${task.optional ? "step_failed" : null}, lease_until = null,
		error = ${json(failure)}::jsonb, finished_at = clock_timestamp() where id = ${taskId}`);
	if (!task.optional) return failRun(tx, task.jobId, task.runIndex, failure);
	await appendEvents(tx, task.jobId, [
		{ type: "step.skipped", data: { n: task.runIndex, step: task.stepId, reason: "step_failed", code: failure.code } },
	]);
	for (const pool of await advanceRun(tx, task, advancing)) pools.add(pool);
	return [];
}
