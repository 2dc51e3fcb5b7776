import { GlassworksError } from "../../domain/errors.ts";
import { endedJobStatuses, type JobStatus } from "../../domain/jobs/job.ts";
import type { FinishEffects } from "../../domain/jobs/jobStore.ts";
import type { PlanTerms, Steering } from "../../domain/jobs/steering.ts";
import { type Database, type Session, sql } from "../sql.ts";
import { appendEvents } from "./appendEvents.ts";
import { openJobs } from "./openJobs.ts";
import { dedicatedPools, dedicatePool, pausePool, readPools, releasePool } from "./pools.ts";
import { rechain } from "./rechain.ts";
import { keepClock } from "./tags.ts";
import { orderWorker } from "./workers.ts";

export function createSteering(database: Database): Steering {
	return {
		pools: () => readPools(database),
		pausePool: (id, paused) => pausePool(database, id, paused),
		orderWorker: (id, order) => orderWorker(database, id, order),
		dedicatePool: (pool) => dedicatePool(database, pool),
		releasePool: (id, options) => releasePool(database, id, options),
		dedicatedPools: (tenantId) => dedicatedPools(database, tenantId),
		moveToFront: (tenantId, jobId) => database.transaction((tx) => moveJobToFront(tx, tenantId, jobId)),
		requeue: (jobId) => database.transaction((tx) => requeueJob(tx, jobId)),
		changePlan: (tenantId, terms) => database.transaction((tx) => changePlan(tx, tenantId, terms)),
	};
}

const lockTenant = (tx: Session, tenantId: string) => tx.query(sql`select id from tenants where id = ${tenantId} for no key update`);

async function moveJobToFront(tx: Session, tenantId: string, jobId: string): Promise<FinishEffects> {
	await lockTenant(tx, tenantId);
	const [job] = await tx.query<{ status: JobStatus; weight: number; runningCap: number | null }>(
		sql`select status, weight, running_cap as "runningCap" from jobs where id = ${jobId} and tenant_id = ${tenantId}`,
	);
	if (!job) throw new GlassworksError("not_found", `No job ${jobId}.`);
	const lines = await tx.query<{ pool: string }>(sql`select distinct pool from tasks t where job_id = ${jobId} and status = 'ready'
		and not exists (select 1 from tasks o where o.job_id = t.job_id and o.run_index = t.run_index and o.pool = t.pool and o.attempt > 0) order by pool`);
	if (lines.length === 0) throw notWaiting(`No picture of the job waits untouched in line; the job is ${job.status}.`);
	for (const { pool } of lines) await rechain(tx, { tenantId, pool, weight: job.weight, frontJobId: jobId });
	const filled = await passPlacesOn(tx, tenantId, job.runningCap);
	return { jobIds: [jobId], pools: [...new Set([...lines.map((line) => line.pool), ...filled])], stoppedTaskIds: [] };
}

/** Pictures nobody has begun give up their running places; the first in line get them. Tenant is locked. */
async function passPlacesOn(tx: Session, tenantId: string, runningCap: number | null): Promise<string[]> {
	await tx.query(sql`select 1 from tasks where tenant_id = ${tenantId} and status = 'ready' order by id for update`);
	if (runningCap === null) {
		const freed = await tx.query<{ pool: string }>(
			sql`update tasks set claimable = true where tenant_id = ${tenantId} and status = 'ready' and not claimable returning pool`,
		);
		return [...new Set(freed.map((row) => row.pool))];
	}
	await tx.query(sql`with unbegun as (
			select distinct r.job_id, r.run_index from tasks r where r.tenant_id = ${tenantId} and r.status = 'ready'
				and not exists (select 1 from tasks t where t.job_id = r.job_id and t.run_index = r.run_index and t.attempt > 0)),
		idle as (update image_runs r set active = false from unbegun u where r.job_id = u.job_id and r.index = u.run_index and r.active)
		update tasks t set claimable = false from unbegun u
		where t.job_id = u.job_id and t.run_index = u.run_index and t.status in ('ready', 'waiting') and t.claimable`);
	const [filled] = await tx.query<{ pools: string[] }>(sql`select fill_places(${tenantId}, ${runningCap}) as pools`);
	return filled?.pools ?? [];
}

interface HeldTask {
	id: number;
	runIndex: number;
	stepId: string;
	attempt: number;
	pool: string;
	capability: string;
	workerId: string;
}

async function requeueJob(tx: Session, jobId: string): Promise<FinishEffects> {
	await tx.query(sql`select 1 from tenants where id = (select tenant_id from jobs where id = ${jobId}) for no key update`);
	const running = await tx.query<HeldTask>(sql`select id, run_index as "runIndex", step_id as "stepId", attempt, pool, capability,
		worker_id as "workerId" from tasks where job_id = ${jobId} and status = 'running' order by id for update`);
	const [job] = await tx.query<{ status: JobStatus }>(sql`select status from jobs where id = ${jobId} for update`);
	if (!job) throw new GlassworksError("not_found", `No job ${jobId}.`);
	if (job.status === "scheduled" || endedJobStatuses.includes(job.status))
		throw notWaiting(`Only a job that runs or waits in line can be put back; this one is ${job.status}.`);
	const ids = running.map((task) => task.id);
	for (const task of running) await keepClock(tx, task);
	// The attempt stays: the next claim raises it, and until then nobody holds the task, so whatever the old one writes is refused.
	await tx.query(sql`update tasks set status = 'ready', worker_id = null, lease_until = null, progress = 0, not_before = null
		where id = any(${ids}::bigint[])`);
	await tx.query(sql`update jobs set requeues = requeues + 1 where id = ${jobId}`);
	const events = running.map(({ runIndex, stepId, attempt }) => ({
		type: "step.retrying" as const,
		data: { n: runIndex, step: stepId, attempt, code: "requeued", delay_ms: 0 },
	}));
	await appendEvents(tx, jobId, events);
	return { jobIds: [jobId], pools: [...new Set(running.map((task) => task.pool))], stoppedTaskIds: ids };
}

async function changePlan(tx: Session, tenantId: string, { plan, weight, runningCap }: PlanTerms): Promise<FinishEffects> {
	await lockTenant(tx, tenantId);
	const known = await tx.query(sql`select id from tenants where id = ${tenantId} and deletion_asked_at is null`);
	if (known.length === 0) throw new GlassworksError("not_found", `No tenant ${tenantId}.`);
	await tx.query(sql`update tenants set plan = ${plan} where id = ${tenantId}`);
	await tx.query(sql`select 1 from tasks where job_id in ${openJobs(tenantId)} and status in ('waiting', 'scheduled', 'ready', 'running')
		order by id for update`);
	const lines = await tx.query<{ pool: string }>(
		sql`select distinct pool from tasks where tenant_id = ${tenantId} and status = 'ready' order by pool`,
	);
	for (const { pool } of lines) await rechain(tx, { tenantId, pool, weight, frontJobId: null });
	await tx.query(sql`update tasks set plan = ${plan} where job_id in ${openJobs(tenantId)}
		and status in ('waiting', 'scheduled', 'ready', 'running')`);
	const jobs = await tx.query<{ id: string }>(sql`with open as (select id from jobs where tenant_id = ${tenantId}
			and status in ('scheduled', 'queued', 'running') order by id for update)
		update jobs j set plan = ${plan}, weight = ${weight}, running_cap = ${runningCap} from open where j.id = open.id returning j.id`);
	// Pictures being made keep going, and count against the new cap.
	if (runningCap !== null)
		await tx.query(sql`update image_runs r set active = true where r.job_id in ${openJobs(tenantId)} and r.status = 'pending' and not r.active
			and exists (select 1 from tasks t where t.job_id = r.job_id and t.run_index = r.index and t.attempt > 0)`);
	const filled = await passPlacesOn(tx, tenantId, runningCap);
	return { jobIds: jobs.map((job) => job.id), pools: [...new Set([...lines.map((line) => line.pool), ...filled])], stoppedTaskIds: [] };
}

const notWaiting = (message: string) => new GlassworksError("job_not_movable", message);
