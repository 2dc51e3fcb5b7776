import { GlassworksError } from "../../domain/errors.ts";
import type { FinishEffects, Lease, TaskOutcome } from "../../domain/jobs/jobStore.ts";
import { type Database, sql } from "../sql.ts";
import { type Advancing, advanceRun } from "./advanceRun.ts";
import { appendEvents } from "./appendEvents.ts";
import { closeJob } from "./closeJob.ts";
import { readyFirstTasks } from "./insertJob.ts";
import { liveCapabilities } from "./workers.ts";

/** How many of each kind one round takes: the rest waits for the next, a second later. */
const batch = 100;

/** Releases due jobs, ends lapsed leases, skips optional steps nobody can run. Safe to run in several processes at once. */
export async function housekeep(
	database: Database,
	advancing: Advancing,
	finish: (lease: Lease, outcome: TaskOutcome) => Promise<FinishEffects>,
): Promise<FinishEffects> {
	const all: FinishEffects[] = [];
	all.push(
		...(await releaseDue(database, advancing)),
		...(await endLapsed(database, finish)),
		...(await skipUnrunnable(database, advancing)),
	);
	return {
		jobIds: [...new Set(all.flatMap((effects) => effects.jobIds))],
		pools: [...new Set(all.flatMap((effects) => effects.pools))],
		stoppedTaskIds: all.flatMap((effects) => effects.stoppedTaskIds),
	};
}

async function releaseDue(database: Database, advancing: Advancing): Promise<FinishEffects[]> {
	const due = await database.query<{ id: string; tenantId: string }>(sql`select id, tenant_id as "tenantId" from jobs
		where status = 'scheduled' and run_after <= clock_timestamp() order by run_after limit ${batch}`);
	const effects: FinishEffects[] = [];
	for (const { id, tenantId } of due)
		effects.push(
			await database.transaction(async (tx) => {
				await tx.query(sql`select 1 from tenants where id = ${tenantId} for no key update`);
				const mine = await tx.query(sql`update jobs set status = 'queued' where id = ${id} and status = 'scheduled' returning id`);
				if (mine.length === 0) return { jobIds: [], pools: [], stoppedTaskIds: [] };
				await appendEvents(tx, id, [{ type: "job.released", data: {} }]);
				return { jobIds: [id], pools: await readyFirstTasks(tx, id, advancing), stoppedTaskIds: [] };
			}),
		);
	return effects;
}

async function endLapsed(
	database: Database,
	finish: (lease: Lease, outcome: TaskOutcome) => Promise<FinishEffects>,
): Promise<FinishEffects[]> {
	const lapsed = await database.query<Lease>(sql`select id as "taskId", attempt, worker_id as "workerId" from tasks
		where status = 'running' and lease_until < clock_timestamp() order by id limit ${batch}`);
	const effects: FinishEffects[] = [];
	for (const lease of lapsed) {
		try {
			const failure = { code: "worker_lost" as const, message: "The worker stopped answering." };
			const done = await finish(lease, { kind: "failed", failure, retryable: true, delayMs: 0 });
			effects.push({ ...done, stoppedTaskIds: [lease.taskId, ...done.stoppedTaskIds] });
		} catch (error) {
			if (!(error instanceof GlassworksError && error.code === "lease_lost")) throw error;
		}
	}
	return effects;
}

/** An optional step that became ready while its model went away must not hold the picture back. */
async function skipUnrunnable(database: Database, advancing: Advancing): Promise<FinishEffects[]> {
	const live = await liveCapabilities(database, advancing.liveForMs);
	const effects: FinishEffects[] = [];
	for (const [pool, capabilities] of live) {
		const stuck = await database.query<{ id: number; tenantId: string; jobId: string; runIndex: number; stepId: string }>(sql`
			select id, tenant_id as "tenantId", job_id as "jobId", run_index as "runIndex", step_id as "stepId" from tasks
			where pool = ${pool} and status = 'ready' and optional and not (capability = any(${[...capabilities]}::text[])) order by id limit ${batch}`);
		for (const task of stuck)
			effects.push(
				await database.transaction(async (tx) => {
					await tx.query(sql`select 1 from tenants where id = ${task.tenantId} for no key update`);
					const mine =
						await tx.query(sql`update tasks set status = 'skipped', skip_reason = 'model_missing', finished_at = clock_timestamp()
						where id = ${task.id} and status = 'ready' returning id`);
					if (mine.length === 0) return { jobIds: [], pools: [], stoppedTaskIds: [] };
					await appendEvents(tx, task.jobId, [
						{ type: "step.skipped", data: { n: task.runIndex, step: task.stepId, reason: "model_missing" } },
					]);
					const pools = await advanceRun(tx, task, advancing);
					await closeJob(tx, task.jobId);
					return { jobIds: [task.jobId], pools, stoppedTaskIds: [] };
				}),
			);
	}
	return effects;
}
