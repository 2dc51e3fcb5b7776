import type { BlobName } from "./blobIndex.ts";

/** What was deleted, and the blobs it referred to: bytes that nothing else refers to can go. */
export interface Deletion {
	deletedAt: Date;
	blobs: BlobName[];
}

/** Deletes what a tenant owns, for everybody and at once. Deleting twice is fine: the first time counts. */
export interface PictureStore {
	/** Picture `n` of a job with all its versions. @throws {GlassworksError} not_found, job_deleted, job_not_ended (the picture is still being made) */
	deleteImage(tenantId: string, jobId: string, n: number): Promise<Deletion>;
	/** A job that has ended, its pictures, request and metadata. What was paid stays in the ledger. @throws {GlassworksError} not_found, job_not_ended */
	deleteJob(tenantId: string, jobId: string): Promise<Deletion>;
	/** @throws {GlassworksError} not_found */
	deleteAsset(tenantId: string, assetId: string): Promise<Deletion>;
	/** Deletes the pictures of up to `limit` jobs, and as many assets, whose time is up. Jobs stay, with their recipes. Returns how many had pictures. */
	expire(limit: number): Promise<number>;
}
