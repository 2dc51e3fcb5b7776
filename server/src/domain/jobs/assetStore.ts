import type { FileRef } from "../trainings/training.ts";
import type { BlobRef } from "./job.ts";

/** An uploaded picture, already checked and stored. */
export interface Asset {
	id: string;
	tenantId: string;
	picture: BlobRef;
	createdAt: Date;
	/** When it is deleted; null: it is kept. */
	expiresAt: Date | null;
	/** Set only on what is about to be told as deleted. */
	deletedAt: Date | null;
}

export interface AssetStore {
	/** `keepS`: deleted so many seconds later; null or left out: it is kept. */
	create(asset: { id: string; tenantId: string; picture: BlobRef; keepS?: number | null }): Promise<Asset>;
	/** @throws {GlassworksError} not_found, for another tenant's asset too; picture_deleted */
	get(tenantId: string, id: string): Promise<Asset>;
	/** Those that were not deleted, newest first. `next`: the `before` of the next page; null: there is none. */
	list(tenantId: string, page: { limit: number; before: string | null }): Promise<{ assets: Asset[]; next: string | null }>;
	/** Records what a worker uploaded for one attempt, so that finish can name it. @throws {GlassworksError} lease_lost */
	recordUpload(lease: { taskId: number; attempt: number; workerId: string }, role: string, picture: BlobRef | FileRef): Promise<void>;
	/** What that attempt uploaded, by role. */
	uploads(lease: { taskId: number; attempt: number }): Promise<Record<string, BlobRef>>;
}
