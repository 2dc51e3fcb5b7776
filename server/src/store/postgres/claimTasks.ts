import type { Task } from "../../domain/jobs/job.ts";
import type { ClaimedTask, ClaimRequest, EndedStep } from "../../domain/jobs/jobStore.ts";
import type { JsonObject } from "../../domain/json.ts";
import { type Database, type Session, sql } from "../sql.ts";
import { appendEvents } from "./appendEvents.ts";
import { type NewEvent, taskColumns } from "./rows.ts";

interface ClaimedRow extends Task {
	jobId: string;
	tenantId: string;
	runIndex: number;
}

/**
 * Hands the first runnable tasks of the pool to a worker. Locks task and job together and skips what is locked, so it never waits and
 * cannot deadlock with finish and cancel, which lock tenant, tasks, job in this order.
 */
export async function claimTasks(database: Database, request: ClaimRequest, leaseMs: number): Promise<ClaimedTask[]> {
	if (request.capabilities.length === 0) return [];
	return database.transaction(async (tx) => {
		const rows = await tx.query<ClaimedRow>(sql`with head as materialized (
				select t.id from tasks t join jobs j on j.id = t.job_id
				where t.pool = ${request.pool} and t.status = 'ready' and t.capability = any(${[...request.capabilities]}::text[])
					and (t.not_before is null or t.not_before <= clock_timestamp())
					and not exists (select 1 from pools p where p.id = ${request.pool} and p.paused)
					and exists (select 1 from workers w where w.id = ${request.workerId} and w.revoked_at is null)
				order by t.order_key, t.id limit ${request.slots} for update of t, j skip locked)
			update tasks t set status = 'running', attempt = t.attempt + 1, worker_id = ${request.workerId}, progress = 0, not_before = null,
				lease_until = clock_timestamp() + ${leaseMs}::float8 * interval '1 millisecond', started_at = clock_timestamp()
			from head where t.id = head.id
			returning t.job_id as "jobId", t.tenant_id as "tenantId", t.run_index as "runIndex", ${taskColumns}`);
		rows.sort((a, b) => (a.orderKey ?? 0) - (b.orderKey ?? 0) || a.id - b.id);
		const claimed: ClaimedTask[] = [];
		for (const row of rows) claimed.push(await describe(tx, row, request.workerId));
		return claimed;
	});
}

async function describe(tx: Session, row: ClaimedRow, workerId: string): Promise<ClaimedTask> {
	const { jobId, tenantId, runIndex, ...task } = row;
	const [job] = await tx.query<{ workflow: string; version: number; request: JsonObject; seed: number; status: string }>(sql`
		select j.workflow, j.workflow_version as version, j.request, r.seed, j.status from jobs j join image_runs r on r.job_id = j.id
		where j.id = ${jobId} and r.index = ${runIndex}`);
	if (!job) throw new Error("a task without its job");
	const events: NewEvent[] = [{ type: "step.started", data: { n: runIndex, step: task.stepId, attempt: task.attempt, model: task.model } }];
	if (job.status === "queued") {
		await tx.query(sql`update jobs set status = 'running', started_at = clock_timestamp() where id = ${jobId}`);
		events.unshift({ type: "job.started", data: {} });
	}
	await appendEvents(tx, jobId, events);
	return {
		lease: { taskId: task.id, attempt: task.attempt, workerId },
		jobId,
		tenantId,
		task,
		workflow: job.workflow,
		workflowVersion: job.version,
		request: job.request,
		run: { index: runIndex, seed: job.seed },
		earlier: await endedSteps(tx, jobId, runIndex),
	};
}

/** What the ended steps of a run left, by step id. */
export async function endedSteps(tx: Session, jobId: string, runIndex: number): Promise<Record<string, EndedStep>> {
	const rows = await tx.query<EndedStep & { stepId: string }>(sql`select step_id as "stepId", outputs, data from tasks
		where job_id = ${jobId} and run_index = ${runIndex} and status in ('done', 'skipped')`);
	return Object.fromEntries(rows.map(({ stepId, outputs, data }) => [stepId, { outputs, data }]));
}
