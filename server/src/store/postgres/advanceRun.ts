import type { SkipReason } from "../../domain/jobs/job.ts";
import { skipNow } from "../../domain/workflows/resolveStep.ts";
import { type Session, sql } from "../sql.ts";
import { appendEvents } from "./appendEvents.ts";
import { endedSteps } from "./claimTasks.ts";
import { settleRun } from "./ledger.ts";
import type { Scheduling } from "./scheduling.ts";
import { makeReady } from "./tags.ts";
import { liveCapabilities } from "./workers.ts";

interface OpenTask {
	id: number;
	jobId: string;
	runIndex: number;
	tenantId: string;
	stepId: string;
	pool: string;
	capability: string;
	weight: number;
	runningCap: number | null;
	optional: boolean;
	needs: string[];
	status: string;
}

/** After a step ended: skips or readies those that waited for it, and ends the picture after the last. Tenant, task and job are locked. */
export async function advanceRun(
	tx: Session,
	{ jobId, runIndex }: { jobId: string; runIndex: number },
	scheduling: Scheduling,
): Promise<string[]> {
	const tasks =
		await tx.query<OpenTask>(sql`select t.id, t.job_id as "jobId", t.run_index as "runIndex", t.tenant_id as "tenantId", t.step_id as "stepId",
		t.pool, t.capability, j.weight, j.running_cap as "runningCap", t.optional, t.needs, t.status from tasks t join jobs j on j.id = t.job_id
		where t.job_id = ${jobId} and t.run_index = ${runIndex} order by t.id`);
	const ended = new Set(tasks.filter((task) => task.status === "done" || task.status === "skipped").map((task) => task.stepId));
	const pools: string[] = [];
	// Tasks are in workflow order, which follows needs: one pass sees every skip before what depends on it.
	for (const task of tasks) {
		if (task.status !== "waiting" || !task.needs.every((need) => ended.has(need))) continue;
		const reason = await skipReason(tx, task, scheduling);
		if (reason) {
			await tx.query(
				sql`update tasks set status = 'skipped', skip_reason = ${reason}, finished_at = clock_timestamp() where id = ${task.id}`,
			);
			await appendEvents(tx, jobId, [{ type: "step.skipped", data: { n: runIndex, step: task.stepId, reason } }]);
			ended.add(task.stepId);
		} else {
			await makeReady(tx, task);
			pools.push(task.pool);
		}
	}
	if (ended.size === tasks.length) await succeed(tx, jobId, runIndex);
	return pools;
}

async function skipReason(tx: Session, task: OpenTask, scheduling: Scheduling): Promise<SkipReason | null> {
	const [job] = await tx.query<{ workflow: string; version: number; request: Record<string, never> }>(
		sql`select workflow, workflow_version as version, request from jobs where id = ${task.jobId}`,
	);
	const step = job && (await scheduling.readWorkflow(tx, job.workflow, job.version))?.steps.find((entry) => entry.id === task.stepId);
	if (!job || !step) return null;
	const condition = skipNow(step, { request: job.request, earlier: await endedSteps(tx, task.jobId, task.runIndex) });
	if (condition || !task.optional) return condition;
	const live = (await liveCapabilities(tx, scheduling.liveForMs)).get(task.pool);
	if (live && !live.has(task.capability as never)) return "model_missing";
	return isOverloaded(scheduling, task.pool) ? "overload" : null;
}

/** Enhancing gives way first: the line of the pool is longer than the operator lets it grow for optional steps. */
function isOverloaded({ loads, shedAfterMs }: Scheduling, pool: string): boolean {
	const afterMs = shedAfterMs(pool);
	return afterMs !== null && loads.of(pool).waitMs > afterMs;
}

/** The picture is there: only now is anything charged. */
async function succeed(tx: Session, jobId: string, runIndex: number): Promise<void> {
	await tx.query(sql`update image_runs set status = 'succeeded' where job_id = ${jobId} and index = ${runIndex}`);
	await settleRun(tx, jobId, runIndex);
	await appendEvents(tx, jobId, [{ type: "image.succeeded", data: { n: runIndex } }]);
}
