import type { Failure, ImageRun, Job, JobEvent, RunStatus, Task } from "../../domain/jobs/job.ts";
import type { JsonObject } from "../../domain/json.ts";
import { type Query, type Session, sql } from "../sql.ts";

/** Columns of a task as the domain names them. */
export const taskColumns: Query = sql`t.id, t.step_id as "stepId", t.kind, t.model, t.capability, t.pool, t.status, t.optional, t.attempt,
	t.predicted_ms as "predictedMs", t.list_micro_usd as "listMicroUsd", t.price_micro_usd as "priceMicroUsd", t.quota_units as "quotaUnits",
	t.order_key as "orderKey", t.claimable, t.passed_at as "passedAt", t.not_before as "notBefore", t.requires, t.progress,
	t.skip_reason as "skipReason", t.error, t.outputs, t.data, t.ready_at as "readyAt", t.started_at as "startedAt", t.finished_at as "finishedAt"`;

const jobColumns = sql`j.id, j.tenant_id as "tenantId", j.key_id as "keyId", j.status, j.workflow, j.workflow_version as "workflowVersion", j.model, j.plan, j.weight, j.running_cap as "runningCap",
	j.request, j.metadata, j.quote, j.created_at as "createdAt", j.run_after as "runAfter", j.started_at as "startedAt", j.finished_at as "finishedAt", j.error,
	j.delete_after_s as "deleteAfterS", j.expires_at as "expiresAt",
	coalesce((select sum(l.amount_micro_usd) from ledger_entries l where l.job_id = j.id and l.kind = 'settle' and l.unit = 'usd'), 0)::bigint as "chargedMicroUsd"`;

interface RunRow {
	jobId: string;
	index: number;
	seed: number;
	status: RunStatus;
	error: Failure | null;
	deletedAt: Date | null;
	deletedFor: ImageRun["deletedFor"];
	starred: boolean;
}

/** Jobs with their runs and tasks, in the order `which` gives them. `which` is everything after `from jobs j`. */
export async function readJobs(session: Session, which: Query): Promise<Job[]> {
	const jobs = await session.query<Omit<Job, "runs">>(sql`select ${jobColumns} from jobs j ${which}`);
	if (jobs.length === 0) return [];
	const ids = jobs.map((job) => job.id);
	const runs = await session.query<RunRow>(
		sql`select job_id as "jobId", index, seed, status, error, deleted_at as "deletedAt", deleted_for as "deletedFor", starred_at is not null as starred
			from image_runs where job_id = any(${ids}) order by job_id, index`,
	);
	const tasks = await session.query<Task & { jobId: string; runIndex: number }>(
		sql`select t.job_id as "jobId", t.run_index as "runIndex", ${taskColumns} from tasks t where t.job_id = any(${ids}) order by t.id`,
	);
	const tasksOf = Map.groupBy(tasks, (task) => `${task.jobId} ${task.runIndex}`);
	const runsOf = Map.groupBy(runs, (run) => run.jobId);
	return jobs.map((job) => ({
		...job,
		runs: (runsOf.get(job.id) ?? []).map((run) => toRun(run, tasksOf.get(`${run.jobId} ${run.index}`) ?? [])),
	}));
}

function toRun({ jobId: _jobId, ...run }: RunRow, tasks: (Task & { jobId: string; runIndex: number })[]): ImageRun {
	return { ...run, tasks: tasks.map(({ jobId: _job, runIndex: _run, ...task }) => task) };
}

export async function readEvents(session: Session, jobId: string, after: number, limit: number): Promise<JobEvent[]> {
	return session.query<JobEvent>(sql`select job_id as "jobId", seq, type, data, created_at as "createdAt" from job_events
		where job_id = ${jobId} and seq > ${after} order by seq limit ${limit}`);
}

/** One event to be written. */
export interface NewEvent {
	type: JobEvent["type"];
	data: JsonObject;
}
