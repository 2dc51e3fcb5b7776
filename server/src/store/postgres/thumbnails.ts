import type { BlobRef } from "../../domain/jobs/job.ts";
import type { Thumbnailed, ThumbnailStore } from "../../domain/storage/thumbnailStore.ts";
import { type Database, json, type Query, sql } from "../sql.ts";
import { namingBlobs, storeAgain } from "./namingBlobs.ts";

export function createThumbnailStore(database: Database): ThumbnailStore {
	return {
		async find(tenantId, of) {
			const { table, which } = rowOf(tenantId, of);
			const [row] = await database.query<{ thumbnail: BlobRef | null }>(sql`select thumbnail from ${table} where ${which}`);
			return row?.thumbnail ?? null;
		},
		async keep(tenantId, of, thumbnail) {
			const { table, which } = rowOf(tenantId, of);
			const update = sql`update ${table} set thumbnail = ${json(thumbnail)}::jsonb where ${which} returning 1 as one`;
			const isKept = (await namingBlobs(() => database.query(update), storeAgain)).length > 0;
			// Nothing more is to come of what was stored: when the same was kept before, or the picture is gone, no reference ends its announcement.
			await database.query(sql`update blobs set kept_until = null where tenant_id = ${tenantId} and sha256 = ${thumbnail.sha256}`);
			return isKept;
		},
	};
}

/** Of a picture that is there: one that was deleted has no row. */
function rowOf(tenantId: string, of: Thumbnailed): { table: Query; which: Query } {
	if ("assetId" in of) return { table: sql`assets`, which: sql`id = ${of.assetId} and tenant_id = ${tenantId} and deleted_at is null` };
	return {
		table: sql`image_runs`,
		which: sql`job_id = ${of.jobId} and index = ${of.n} and tenant_id = ${tenantId} and made_at is not null`,
	};
}
