import { GlassworksError } from "../../domain/errors.ts";
import type { SkipReason } from "../../domain/jobs/job.ts";
import type { FinishEffects, Lease, TaskOutcome } from "../../domain/jobs/jobStore.ts";
import { type Database, type Query, type Session, sql } from "../sql.ts";
import { advanceRun } from "./advanceRun.ts";
import { appendEvents } from "./appendEvents.ts";
import { closeJob, fillPlaces } from "./closeJob.ts";
import type { JobStoreOptions } from "./jobs.ts";
import { sampleForecasts } from "./sampleForecasts.ts";
import { liveCapabilities } from "./workers.ts";

/** How many of each kind one round takes: the rest waits for the next, a second later. */
const batch = 100;
const nothing: FinishEffects = { jobIds: [], pools: [], stoppedTaskIds: [] };

/** Everything that happens without anybody asking. Safe to run in several processes at once. */
export async function housekeep(
	database: Database,
	options: JobStoreOptions,
	finish: (lease: Lease, outcome: TaskOutcome) => Promise<FinishEffects>,
): Promise<FinishEffects> {
	await options.refreshLoads();
	const all = [
		...(await releaseDue(database, options)),
		...(await endLapsed(database, finish)),
		...(await skipUnrunnable(database, options)),
		...(await shedWaiting(database, options)),
	];
	await foldServedTags(database);
	await sampleForecasts(database, options);
	return {
		jobIds: [...new Set(all.flatMap((effects) => effects.jobIds))],
		pools: [...new Set(all.flatMap((effects) => effects.pools))],
		stoppedTaskIds: all.flatMap((effects) => effects.stoppedTaskIds),
	};
}

async function releaseDue(database: Database, options: JobStoreOptions): Promise<FinishEffects[]> {
	const due = await database.query<{ id: string; tenantId: string }>(sql`select id, tenant_id as "tenantId" from jobs
		where due_at <= statement_timestamp() order by due_at limit ${batch}`);
	const effects: FinishEffects[] = [];
	for (const { id, tenantId } of due)
		effects.push(
			await database.transaction(async (tx) => {
				await tx.query(sql`select 1 from tenants where id = ${tenantId} for no key update`);
				const mine = await tx.query(sql`update jobs set status = 'queued' where id = ${id} and status = 'scheduled' returning id`);
				if (mine.length === 0) return nothing;
				await appendEvents(tx, id, [{ type: "job.released", data: {} }]);
				return { jobIds: [id], pools: await readyFirstTasks(tx, id, options), stoppedTaskIds: [] };
			}),
		);
	return effects;
}

/** Puts the first steps of a job in line: its time has come. Returns the pools that have work now. */
async function readyFirstTasks(tx: Session, jobId: string, options: JobStoreOptions): Promise<string[]> {
	await tx.query(sql`update tasks set status = 'waiting' where job_id = ${jobId} and status = 'scheduled'`);
	const runs = await tx.query<{ index: number }>(sql`select index from image_runs where job_id = ${jobId} order by index`);
	const pools = new Set<string>();
	for (const { index } of runs) for (const pool of await advanceRun(tx, { jobId, runIndex: index }, options)) pools.add(pool);
	return [...pools];
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
async function skipUnrunnable(database: Database, options: JobStoreOptions): Promise<FinishEffects[]> {
	const effects: FinishEffects[] = [];
	for (const [pool, capabilities] of await liveCapabilities(database, options.liveForMs)) {
		const which = sql`pool = ${pool} and not (capability = any(${[...capabilities.keys()]}::text[]))`;
		effects.push(...(await skipReady(database, options, which, "model_missing")));
	}
	return effects;
}

/** Optional steps that waited in an overloaded pool for as long as it may be overloaded. */
async function shedWaiting(database: Database, options: JobStoreOptions): Promise<FinishEffects[]> {
	const effects: FinishEffects[] = [];
	for (const { id } of await database.query<{ id: string }>(sql`select id from pools`)) {
		const afterMs = options.shedAfterMs(id);
		if (afterMs === null || options.loads.of(id).waitMs <= afterMs) continue;
		const which = sql`pool = ${id} and ready_at < clock_timestamp() - ${afterMs}::float8 * interval '1 millisecond'`;
		effects.push(...(await skipReady(database, options, which, "overload")));
	}
	return effects;
}

interface Skippable {
	id: number;
	tenantId: string;
	jobId: string;
	runIndex: number;
	stepId: string;
	runningCap: number | null;
}

async function skipReady(database: Database, options: JobStoreOptions, which: Query, reason: SkipReason): Promise<FinishEffects[]> {
	const tasks = await database.query<Skippable>(sql`select t.id, t.tenant_id as "tenantId", t.job_id as "jobId", t.run_index as "runIndex",
			t.step_id as "stepId", j.running_cap as "runningCap"
		from (select * from tasks where status = 'ready' and optional and ${which} order by ready_at limit ${batch}) t join jobs j on j.id = t.job_id`);
	const effects: FinishEffects[] = [];
	for (const task of tasks) effects.push(await database.transaction((tx) => skipOne(tx, options, task, reason)));
	return effects;
}

async function skipOne(tx: Session, options: JobStoreOptions, task: Skippable, reason: SkipReason): Promise<FinishEffects> {
	await tx.query(sql`select 1 from tenants where id = ${task.tenantId} for no key update`);
	const mine = await tx.query(sql`update tasks set status = 'skipped', skip_reason = ${reason}, finished_at = clock_timestamp()
		where id = ${task.id} and status = 'ready' returning id`);
	if (mine.length === 0) return nothing;
	await appendEvents(tx, task.jobId, [{ type: "step.skipped", data: { n: task.runIndex, step: task.stepId, reason } }]);
	const pools = await advanceRun(tx, task, options);
	await closeJob(tx, task.jobId);
	pools.push(...(await fillPlaces(tx, task)));
	return { jobIds: [task.jobId], pools, stoppedTaskIds: [] };
}

/** The tags that workers now gone put into service stay in V when their rows go. */
async function foldServedTags(database: Database): Promise<void> {
	await database.query(sql`with gone as (delete from served_tags s
			where s.worker_id <> '' and not exists (select 1 from workers w where w.id = s.worker_id) returning pool, capability, order_key)
		insert into served_tags as s (pool, worker_id, capability, order_key) select pool, '', capability, max(order_key) from gone group by 1, 3
		on conflict (pool, worker_id, capability) do update set order_key = greatest(s.order_key, excluded.order_key)`);
}
