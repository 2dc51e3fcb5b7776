import { GlassworksError } from "../../domain/errors.ts";
import type { Job } from "../../domain/jobs/job.ts";
import type { JobDraft, RunDraft } from "../../domain/jobs/jobStore.ts";
import { type Database, json, type Session, sql } from "../sql.ts";
import { type Advancing, advanceRun } from "./advanceRun.ts";
import { appendEvents } from "./appendEvents.ts";
import { holdCredit } from "./ledger.ts";
import { readJobs } from "./rows.ts";

/** Accepts a job: row, runs, tasks, tags, hold and events in one transaction, or nothing. */
export async function insertJob(database: Database, draft: JobDraft, advancing: Advancing): Promise<Job> {
	return database.transaction(async (tx) => {
		const [tenant] = await tx.query<{ postpaid: boolean; isLater: boolean }>(sql`select postpaid,
			coalesce(${draft.runAfter}::timestamptz > clock_timestamp(), false) as "isLater" from tenants where id = ${draft.tenantId} for no key update`);
		if (!tenant) throw new GlassworksError("unauthenticated", "This account no longer exists.");
		const status = tenant.isLater ? "scheduled" : "queued";
		await tx.query(sql`insert into jobs (id, tenant_id, key_id, status, workflow, workflow_version, model, plan, weight, request, metadata, quote, held_micro_usd, run_after)
			values (${draft.id}, ${draft.tenantId}, ${draft.keyId}, ${status}, ${draft.workflow}, ${draft.workflowVersion}, ${draft.model}, ${draft.plan}, ${draft.weight},
				${json(draft.request)}::jsonb, ${json(draft.metadata)}::jsonb, ${json(draft.quote)}::jsonb, ${draft.quote.totalMicroUsd}, ${draft.runAfter})`);
		await holdCredit(tx, { tenantId: draft.tenantId, jobId: draft.id, amount: draft.quote.totalMicroUsd, postpaid: tenant.postpaid });
		for (const run of draft.runs) await insertRun(tx, draft, run, tenant.isLater ? "scheduled" : "waiting");
		await appendEvents(tx, draft.id, [{ type: "job.created", data: { status, pictures: draft.runs.length } }, ...skipsOf(draft)]);
		if (status === "queued") await readyFirstTasks(tx, draft.id, advancing);
		if (draft.idempotencyKey)
			await tx.query(
				sql`update idempotency_keys set job_id = ${draft.id} where tenant_id = ${draft.tenantId} and key = ${draft.idempotencyKey}`,
			);
		const [job] = await readJobs(tx, sql`where j.id = ${draft.id}`);
		if (!job) throw new Error("the job just written is not there");
		return job;
	});
}

function skipsOf(draft: JobDraft) {
	return draft.runs.flatMap((run) =>
		run.tasks
			.filter((task) => task.skip)
			.map((task) => ({ type: "step.skipped" as const, data: { n: run.index, step: task.stepId, reason: task.skip } })),
	);
}

/** `first`: the status of the steps that need no other. */
async function insertRun(tx: Session, draft: JobDraft, run: RunDraft, first: "scheduled" | "waiting"): Promise<void> {
	await tx.query(
		sql`insert into image_runs (job_id, index, tenant_id, seed) values (${draft.id}, ${run.index}, ${draft.tenantId}, ${run.seed})`,
	);
	await tx.query(sql`insert into tasks (job_id, run_index, tenant_id, step_id, kind, model, capability, pool, optional, needs, status, predicted_ms,
			price_micro_usd, max_attempts, skip_reason, finished_at)
		select ${draft.id}, ${run.index}, ${draft.tenantId}, e->>'stepId', e->>'kind', e->>'model', e->>'capability', e->>'pool', (e->>'optional')::boolean,
			array(select jsonb_array_elements_text(e->'needs')),
			case when e->>'skip' is not null then 'skipped' when jsonb_array_length(e->'needs') = 0 then ${first}::text else 'waiting' end,
			coalesce((select ceil(median_ms)::bigint from service_times s where s.capability = e->>'capability' and s.samples >= 3), (e->>'predictedMs')::bigint),
			(e->>'priceMicroUsd')::bigint, (e->>'maxAttempts')::int, e->>'skip', case when e->>'skip' is not null then now() end
		from jsonb_array_elements(${json(run.tasks)}::jsonb) with ordinality as list(e, place) order by place`);
}

/** Puts the first steps of a job in line: at submit, or when its time has come. Returns the pools that have work now. */
export async function readyFirstTasks(tx: Session, jobId: string, advancing: Advancing): Promise<string[]> {
	await tx.query(sql`update tasks set status = 'waiting' where job_id = ${jobId} and status = 'scheduled'`);
	const runs = await tx.query<{ index: number }>(sql`select index from image_runs where job_id = ${jobId} order by index`);
	const pools = new Set<string>();
	for (const { index } of runs) for (const pool of await advanceRun(tx, { jobId, runIndex: index }, advancing)) pools.add(pool);
	return [...pools];
}
