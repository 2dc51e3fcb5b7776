import { GlassworksError } from "../../domain/errors.ts";
import type { Job } from "../../domain/jobs/job.ts";
import type { FinishEffects, JobPage, JobStore, Lease, TaskOutcome } from "../../domain/jobs/jobStore.ts";
import { type Database, sql } from "../sql.ts";
import { cancelJob } from "./cancelJob.ts";
import { claimTasks } from "./claimTasks.ts";
import { jobDeleted } from "./deletePictures.ts";
import { finishTask } from "./finishTask.ts";
import { foresee } from "./foresee.ts";
import { housekeep } from "./housekeep.ts";
import { insertCachedJob } from "./insertCachedJob.ts";
import { insertJob } from "./insertJob.ts";
import { extendLease, readLease } from "./leases.ts";
import { readEvents, readJobs } from "./rows.ts";
import { type Outlooks, readWaiting } from "./waiting.ts";

export interface JobStoreOptions extends Outlooks {
	leaseMs: number;
	/** Looks again at how much waits; part of housekeeping. */
	refreshLoads(): Promise<void>;
	/** In [0, 1): which jobs are asked how long they will take, to measure forecasts. */
	random(): number;
}

export function createJobStore(database: Database, options: JobStoreOptions): JobStore {
	const finish = (lease: Lease, outcome: TaskOutcome): Promise<FinishEffects> => finishTask(database, lease, outcome, options);
	const get = async (tenantId: string, jobId: string): Promise<Job> => {
		const [job] = await readJobs(database, sql`where j.id = ${jobId} and j.tenant_id = ${tenantId} and j.deleted_at is null`);
		if (!job) throw await missingJob(database, tenantId, jobId);
		return job;
	};
	return {
		submit: async (draft) => {
			if (!draft.cachedFrom) return insertJob(database, draft, options.readWorkflow);
			return (await insertCachedJob(database, draft)) ? get(draft.tenantId, draft.id) : null;
		},
		claim: (request) => claimTasks(database, request, options),
		heartbeat: (lease, progress) => extendLease(database, lease, progress, options.leaseMs),
		checkLease: (lease) => readLease(database, lease),
		finish,
		cancel: (tenantId, jobId) => cancelJob(database, tenantId, jobId),
		housekeep: () => housekeep(database, options, finish),
		get,
		getMany: (tenantId, jobIds) =>
			jobIds.length === 0
				? Promise.resolve([])
				: readJobs(database, sql`where j.tenant_id = ${tenantId} and j.id = any(${[...jobIds]}::text[])`),
		list: (tenantId, page) => listJobs(database, tenantId, page),
		async events(tenantId, jobId, after, limit) {
			const known = await database.query(
				sql`select 1 as one from jobs where id = ${jobId} and tenant_id = ${tenantId} and deleted_at is null`,
			);
			if (known.length === 0) throw await missingJob(database, tenantId, jobId);
			return readEvents(database, jobId, after, limit);
		},
		foresee: (draft) => foresee(database, { ...draft, id: "", idempotencyKey: null }, options),
		waiting: (jobs) => readWaiting(database, jobs, options),
	};
}

async function missingJob(database: Database, tenantId: string, jobId: string): Promise<GlassworksError> {
	const [gone] = await database.query(sql`select 1 as one from jobs where id = ${jobId} and tenant_id = ${tenantId}`);
	return gone ? jobDeleted() : new GlassworksError("not_found", `No job ${jobId}.`);
}

/** Newest first, without trainings. The cursor is the last job's id: its own row says where it stands. */
async function listJobs(
	database: Database,
	tenantId: string,
	{ limit, before, status }: Parameters<JobStore["list"]>[1],
): Promise<JobPage> {
	const after = before
		? sql`and (j.created_at, j.id) < (select c.created_at, c.id from jobs c where c.id = ${before} and c.tenant_id = ${tenantId})`
		: sql``;
	const only = status === "open" ? sql`and j.finished_at is null` : status ? sql`and j.status = ${status}` : sql``;
	const jobs = await readJobs(
		database,
		sql`where j.tenant_id = ${tenantId} and j.deleted_at is null and j.workflow <> 'train_lora' ${after} ${only} order by j.created_at desc, j.id desc limit ${limit + 1}`,
	);
	return { jobs: jobs.slice(0, limit), next: jobs.length > limit ? (jobs[limit - 1]?.id ?? null) : null };
}
