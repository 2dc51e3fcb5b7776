import { GlassworksError } from "../../domain/errors.ts";
import { endedJobStatuses, type JobStatus, type RunStatus } from "../../domain/jobs/job.ts";
import type { BlobName } from "../../domain/storage/blobIndex.ts";
import type { Deletion, PictureStore } from "../../domain/storage/pictureStore.ts";
import { type Database, type Query, type Session, sql } from "../sql.ts";

type Cause = "request" | "retention";

interface LockedJob {
	status: JobStatus;
	picturesDeletedAt: Date | null;
	deletedAt: Date | null;
}
interface LockedRun {
	index: number;
	status: RunStatus;
	deletedAt: Date | null;
}

export function createPictureStore(database: Database): PictureStore {
	return {
		deleteImage: (tenantId, jobId, n) =>
			database.transaction(async (tx) => {
				const job = await lockJob(tx, tenantId, jobId);
				if (job.deletedAt) throw jobDeleted();
				const runs = await readRuns(tx, jobId);
				const run = runs.find(({ index }) => index === n);
				if (!run) throw new GlassworksError("not_found", `The job has no picture ${n}; it has 0 to ${runs.length - 1}.`);
				if (run.status === "pending") throw notEnded(`Picture ${n} is still being made. Cancel the job first.`);
				if (run.deletedAt) return { deletedAt: run.deletedAt, blobs: [] };
				const isLast = endedJobStatuses.includes(job.status) && runs.every(({ index, deletedAt }) => index === n || deletedAt);
				return isLast ? deleteAll(tx, { tenantId, jobId }, "request") : deleteRuns(tx, { tenantId, jobId }, sql`r.index = ${n}`, "request");
			}),
		deleteJob: (tenantId, jobId) =>
			database.transaction(async (tx) => {
				const job = await lockJob(tx, tenantId, jobId);
				if (job.deletedAt) return { deletedAt: job.deletedAt, blobs: [] };
				if (!endedJobStatuses.includes(job.status)) throw notEnded(`The job is ${job.status}. Cancel it first.`);
				const trained = await tx.query<BlobName>(sql`select tenant_id as "tenantId", file->>'sha256' as sha256 from trainings
					where id = ${jobId} and file is not null`);
				const deletion = await deleteAll(tx, { tenantId, jobId }, "request");
				await scrubJob(tx, jobId, deletion.deletedAt);
				return { ...deletion, blobs: [...deletion.blobs, ...trained] };
			}),
		deleteAsset: (tenantId, assetId) =>
			database.transaction(async (tx) => {
				await lockTenant(tx, tenantId);
				const [asset] = await tx.query<{ deletedAt: Date | null }>(
					sql`select deleted_at as "deletedAt" from assets where id = ${assetId} and tenant_id = ${tenantId} for update`,
				);
				if (!asset) throw new GlassworksError("not_found", `No asset ${assetId}.`);
				return asset.deletedAt ? { deletedAt: asset.deletedAt, blobs: [] } : deleteAsset(tx, tenantId, assetId);
			}),
		expire: async (limit) => (await expireJobs(database, limit)) + (await expireAssets(database, limit)),
	};
}

/** A picture and its small version are two blobs, which others may share: whoever lets go of several does so one after another. */
const lockTenant = (tx: Session, tenantId: string) => tx.query(sql`select 1 from tenants where id = ${tenantId} for no key update`);

/** Locks tenant, tasks and job, in the order everyone keeps. */
async function lockJob(tx: Session, tenantId: string, jobId: string): Promise<LockedJob> {
	await lockTenant(tx, tenantId);
	await tx.query(sql`select 1 from tasks where job_id = ${jobId} and tenant_id = ${tenantId} order by id for update`);
	const [job] = await tx.query<LockedJob>(sql`select status, pictures_deleted_at as "picturesDeletedAt", deleted_at as "deletedAt"
		from jobs where id = ${jobId} and tenant_id = ${tenantId} for update`);
	if (!job) throw new GlassworksError("not_found", `No job ${jobId}.`);
	return job;
}

const readRuns = (tx: Session, jobId: string) =>
	tx.query<LockedRun>(sql`select index, status, deleted_at as "deletedAt" from image_runs where job_id = ${jobId} order by index`);

/** Pictures of a job, with every version that steps made of them and the small ones. */
async function deleteRuns(
	tx: Session,
	{ tenantId, jobId }: { tenantId: string; jobId: string },
	which: Query,
	cause: Cause,
): Promise<Deletion> {
	const blobs = await tx.query<BlobName>(sql`select distinct ${tenantId}::text as "tenantId", b.sha256 from image_runs r
		join tasks t on t.job_id = r.job_id and t.run_index = r.index, blobs_in(jsonb_build_array(t.outputs, r.thumbnail)) b
		where r.job_id = ${jobId} and ${which}`);
	const [moment] = await tx.query<{ deletedAt: Date }>(sql`with marked as (
			update image_runs r set deleted_at = clock_timestamp(), deleted_for = ${cause} where r.job_id = ${jobId} and r.deleted_at is null and ${which}
			returning deleted_at)
		select coalesce((select max(deleted_at) from marked), clock_timestamp()) as "deletedAt"`);
	await tx.query(sql`update tasks t set outputs = '{}' from image_runs r
		where t.job_id = ${jobId} and r.job_id = t.job_id and r.index = t.run_index and t.outputs <> '{}' and ${which}`);
	return { deletedAt: moment?.deletedAt ?? new Date(), blobs };
}

/** All of them, and those the job was given. */
async function deleteAll(tx: Session, job: { tenantId: string; jobId: string }, cause: Cause): Promise<Deletion> {
	const given = await tx.query<BlobName>(sql`select ${job.tenantId}::text as "tenantId", b.sha256 from jobs j, blobs_in(j.request) b
		where j.id = ${job.jobId} and j.pictures_deleted_at is null`);
	const deletion = await deleteRuns(tx, job, sql`true`, cause);
	await tx.query(sql`update jobs set pictures_deleted_at = coalesce(pictures_deleted_at, ${deletion.deletedAt}) where id = ${job.jobId}`);
	return { ...deletion, blobs: [...deletion.blobs, ...given] };
}

/** What was asked and said of it. A repeat of the request that made it is told that it was deleted. */
async function scrubJob(tx: Session, jobId: string, deletedAt: Date): Promise<void> {
	await tx.query(sql`update jobs set deleted_at = ${deletedAt}, request = '{}', metadata = '{}', error = null where id = ${jobId}`);
	await tx.query(sql`update tasks set data = '{}', error = null where job_id = ${jobId}`);
	await tx.query(sql`update image_runs set error = null where job_id = ${jobId}`);
	await tx.query(sql`update idempotency_keys set status = null, body = null where job_id = ${jobId}`);
}

async function deleteAsset(tx: Session, tenantId: string, assetId: string): Promise<Deletion> {
	const blobs = await tx.query<BlobName>(
		sql`select ${tenantId}::text as "tenantId", b.sha256 from assets a, blobs_in(jsonb_build_array(a.picture, a.thumbnail)) b where a.id = ${assetId}`,
	);
	const [asset] = await tx.query<{ deletedAt: Date }>(
		sql`update assets set deleted_at = clock_timestamp(), picture = '{}' where id = ${assetId} returning deleted_at as "deletedAt"`,
	);
	return { deletedAt: asset?.deletedAt ?? new Date(), blobs };
}

async function expireJobs(database: Database, limit: number): Promise<number> {
	const due = await database.query<{ id: string; tenantId: string }>(sql`select id, tenant_id as "tenantId" from jobs
		where expires_at <= clock_timestamp() and pictures_deleted_at is null order by expires_at limit ${limit}`);
	for (const { id: jobId, tenantId } of due)
		await database.transaction(async (tx) => {
			if ((await lockJob(tx, tenantId, jobId)).picturesDeletedAt === null) await deleteAll(tx, { tenantId, jobId }, "retention");
		});
	return due.length;
}

async function expireAssets(database: Database, limit: number): Promise<number> {
	const due = await database.query<{ id: string; tenantId: string }>(sql`select id, tenant_id as "tenantId" from assets
		where expires_at <= clock_timestamp() and deleted_at is null order by expires_at limit ${limit}`);
	for (const { id, tenantId } of due)
		await database.transaction(async (tx) => {
			await lockTenant(tx, tenantId);
			const [asset] = await tx.query(sql`select 1 as one from assets where id = ${id} and deleted_at is null for update`);
			if (asset) await deleteAsset(tx, tenantId, id);
		});
	return due.length;
}

export function jobDeleted(): GlassworksError {
	return new GlassworksError("job_deleted", "The job was deleted.");
}

function notEnded(message: string): GlassworksError {
	return new GlassworksError("job_not_ended", message);
}
