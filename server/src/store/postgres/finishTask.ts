import type { Failure } from "../../domain/jobs/job.ts";
import type { FinishEffects, Lease, TaskOutcome } from "../../domain/jobs/jobStore.ts";
import { costMicroUsd } from "../../domain/pricing/cost.ts";
import { type Database, json, type Session, sql } from "../sql.ts";
import { advanceRun } from "./advanceRun.ts";
import { appendEvents } from "./appendEvents.ts";
import { closeJob, failRun, fillPlaces } from "./closeJob.ts";
import { leaseLost } from "./leases.ts";
import type { Scheduling } from "./scheduling.ts";
import { learnTimes } from "./serviceTimes.ts";
import { keepClock } from "./tags.ts";

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
	const effects = await database.transaction(async (tx) => {
		const task = await lockRunning(tx, lease);
		const pools = new Set([task.pool]);
		let stoppedTaskIds: number[] = [];
		if (outcome.kind !== "succeeded") await addLostCost(tx, lease.taskId, scheduling.costMicroUsdPerHour(task.pool));
		if (outcome.kind === "released") await giveBack(tx, lease, task);
		else if (outcome.kind === "succeeded") {
			await markDone(tx, lease.taskId, task, outcome, scheduling.costMicroUsdPerHour(task.pool));
			for (const pool of await advanceRun(tx, task, scheduling)) pools.add(pool);
		} else if (outcome.retryable && task.failures + 1 < task.maxAttempts) await retryLater(tx, lease, task, outcome);
		else stoppedTaskIds = await giveUp(tx, lease.taskId, task, outcome.failure, scheduling, pools);
		await closeJob(tx, task.jobId);
		for (const pool of await fillPlaces(tx, task)) pools.add(pool);
		return { jobIds: [task.jobId], pools: [...pools], stoppedTaskIds };
	});
	// Apart from the transaction: the row of a busy capability would make all its workers wait for one another. The step is done, so
	// a database that goes away now must not make it look failed: one measurement is lost, and whatever is wrong the next call says.
	if (outcome.kind === "succeeded") await learnTimes(database, lease).catch(() => {});
	return effects;
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

async function markDone(
	tx: Session,
	taskId: number,
	task: RunningTask,
	{ outputs, data, ms }: Extract<TaskOutcome, { kind: "succeeded" }>,
	costMicroUsdPerHour: number,
): Promise<void> {
	await tx.query(sql`with taken as (delete from task_uploads where task_id = ${taskId})
		update tasks set status = 'done', outputs = ${json(outputs)}::jsonb, data = ${json(data)}::jsonb, progress = 1, lease_until = null,
		run_ms = ${Math.max(1, Math.round(ms))}, cost_micro_usd = coalesce(cost_micro_usd, 0) + ${costMicroUsd(ms, costMicroUsdPerHour)}, finished_at = clock_timestamp() where id = ${taskId}`);
	await appendEvents(tx, task.jobId, [{ type: "step.finished", data: { n: task.runIndex, step: task.stepId, ms: Math.round(ms) } }]);
}

async function retryLater(
	tx: Session,
	{ taskId, attempt, workerId }: Lease,
	task: RunningTask,
	outcome: Extract<TaskOutcome, { kind: "failed" }>,
): Promise<void> {
	const { pool, capability } = task;
	await keepClock(tx, { pool, capability, workerId });
	const outOfMemory =
		outcome.failure.code === "out_of_memory" ? sql`, out_of_memory_on = array_append(out_of_memory_on, ${workerId})` : sql``;
	await tx.query(sql`update tasks set status = 'ready', failures = failures + 1, worker_id = null, lease_until = null, progress = 0 ${outOfMemory},
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
