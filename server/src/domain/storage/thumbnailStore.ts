import type { BlobRef } from "../jobs/job.ts";

/** What a small version is of: a finished picture of a job, or an upload. */
export type Thumbnailed = { jobId: string; n: number } | { assetId: string };

/** Which small version of a picture was made. It is referred to like the picture: whoever deletes that deletes it. */
export interface ThumbnailStore {
	/** Null: none was made yet, or there is no such picture of this tenant. */
	find(tenantId: string, of: Thumbnailed): Promise<BlobRef | null>;
	/** False: the picture was deleted meanwhile, and nothing was kept. @throws {GlassworksError} unavailable: store the bytes again */
	keep(tenantId: string, of: Thumbnailed, thumbnail: BlobRef): Promise<boolean>;
}
