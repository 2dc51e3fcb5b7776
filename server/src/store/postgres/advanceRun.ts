import type { SkipReason } from "../../domain/jobs/job.ts";
import type { EndedStep } from "../../domain/jobs/jobStore.ts";
import type { JsonObject } from "../../domain/json.ts";
import { skipNow } from "../../domain/workflows/resolveStep.ts";
import { json, type Query, type Session, sql } from "../sql.ts";
import type { Scheduling } from "./scheduling.ts";
import { liveCapabilities } from "./workers.ts";

/** Steps of a picture that wait for others, in workflow order, and what the ended ones left. */
export interface OpenRun {
	workflow: string;
	version: number;
	request: JsonObject;
	waiting: WaitingTask[];
	ended: Record<string, EndedStep>;
}

interface WaitingTask {
	id: number;
	stepId: string;
	pool: string;
	capability: string;
	optional: boolean;
	needs: string[];
}

/** What becomes of a step that waits for nothing any more: it is left out for a reason, or gets in line. */
export interface Decision {
	id: number;
	skip: SkipReason | null;
}

/** Columns of the run that `job` (a job's id) and `index` name, of which `j` is the job's row; read by toOpenRun. */
export const openRunOf = (
	job: Query,
	index: Query,
): Query => sql`(select jsonb_build_object('workflow', j.workflow, 'version', j.workflow_version,
		'request', j.request, 'waiting', w.tasks, 'ended', coalesce((select jsonb_object_agg(e.step_id, jsonb_build_object('outputs', e.outputs, 'data', e.data))
			from tasks e where e.job_id = ${job} and e.run_index = ${index} and e.status in ('done', 'skipped')), '{}'))
	from (select jsonb_agg(jsonb_build_object('id', t.id, 'stepId', t.step_id, 'pool', t.pool, 'capability', t.capability, 'optional', t.optional,
			'needs', t.needs) order by t.id) as tasks
		from tasks t where t.job_id = ${job} and t.run_index = ${index} and t.status = 'waiting') w where w.tasks is not null)`;

/** Steps are in workflow order, which follows needs: one pass sees every skip before what depends on it. */
export async function decide(session: Session, run: OpenRun | null, scheduling: Scheduling): Promise<Decision[]> {
	if (!run) return [];
	const ended = new Set(Object.keys(run.ended));
	const decisions: Decision[] = [];
	for (const task of run.waiting) {
		if (!task.needs.every((need) => ended.has(need))) continue;
		const skip = await skipReason(session, run, task, scheduling);
		if (skip) ended.add(task.stepId);
		decisions.push({ id: task.id, skip });
	}
	return decisions;
}

async function skipReason(session: Session, run: OpenRun, task: WaitingTask, scheduling: Scheduling): Promise<SkipReason | null> {
	const workflow = await scheduling.readWorkflow(session, run.workflow, run.version);
	const step = workflow?.steps.find((entry) => entry.id === task.stepId);
	if (!step) return null;
	const condition = skipNow(step, { request: run.request, earlier: run.ended });
	if (condition || !task.optional) return condition;
	const live = (await liveCapabilities(session, scheduling.liveForMs)).get(task.pool);
	if (live && !live.has(task.capability as never)) return "model_missing";
	return isOverloaded(scheduling, task.pool) ? "overload" : null;
}

/** Enhancing gives way first: the line of the pool is longer than the operator lets it grow for optional steps. */
function isOverloaded({ loads, shedAfterMs }: Scheduling, pool: string): boolean {
	const afterMs = shedAfterMs(pool);
	return afterMs !== null && loads.of(pool).waitMs > afterMs;
}

/**
 * After a step ended otherwise than by succeeding: skips or readies those that waited for it, and ends the picture after the last. Tenant, task
 * and job are locked. Returns the pools that have work now.
 */
export async function advanceRun(
	tx: Session,
	{ jobId, runIndex }: { jobId: string; runIndex: number },
	scheduling: Scheduling,
): Promise<string[]> {
	const [row] = await tx.query<{ run: OpenRun | null }>(
		sql`select ${openRunOf(sql`j.id`, sql`${runIndex}::int`)} as run from jobs j where j.id = ${jobId}`,
	);
	const decisions = await decide(tx, row?.run ?? null, scheduling);
	const [advanced] = await tx.query<{ pools: string[] }>(
		sql`select advance_run(${jobId}, ${runIndex}, ${json(decisions)}::jsonb) as pools`,
	);
	return advanced?.pools ?? [];
}
