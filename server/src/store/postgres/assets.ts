import { GlassworksError } from "../../domain/errors.ts";
import type { Asset, AssetStore } from "../../domain/jobs/assetStore.ts";
import type { BlobRef } from "../../domain/jobs/job.ts";
import { type Database, json, sql } from "../sql.ts";
import { leaseLost } from "./leases.ts";
import { namingBlobs, storeAgain } from "./namingBlobs.ts";

const columns = sql`id, tenant_id as "tenantId", picture, created_at as "createdAt", expires_at as "expiresAt", deleted_at as "deletedAt"`;

export function createAssetStore(database: Database): AssetStore {
	return {
		async create({ id, tenantId, picture, keepS = null }) {
			const expiry = keepS === null ? sql`null` : sql`clock_timestamp() + ${keepS}::float8 * interval '1 second'`;
			const insert = sql`insert into assets (id, tenant_id, picture, expires_at)
				values (${id}, ${tenantId}, ${json(picture)}::jsonb, ${expiry}) returning ${columns}`;
			const [asset] = await namingBlobs(() => database.query<Asset>(insert), storeAgain);
			if (!asset) throw new Error("insert returned nothing");
			return asset;
		},
		async get(tenantId, id) {
			const [asset] = await database.query<Asset>(sql`select ${columns} from assets where id = ${id} and tenant_id = ${tenantId}`);
			if (!asset) throw new GlassworksError("not_found", `No asset ${id}.`);
			if (asset.deletedAt)
				throw new GlassworksError("picture_deleted", `The asset ${id} was deleted.`, { deleted_at: asset.deletedAt.toISOString() });
			return asset;
		},
		async list(tenantId, { limit, before }) {
			const found = await database.query<Asset>(sql`select ${columns} from assets where tenant_id = ${tenantId} and deleted_at is null
				and (${before}::text is null or id < ${before}) order by id desc limit ${limit + 1}`);
			const assets = found.slice(0, limit);
			return { assets, next: found.length > limit ? (assets.at(-1)?.id ?? null) : null };
		},
		async recordUpload({ taskId, attempt, workerId }, role, picture) {
			const insert = sql`insert into task_uploads (task_id, attempt, role, picture)
				select id, attempt, ${role}, ${json(picture)}::jsonb from tasks
				where id = ${taskId} and attempt = ${attempt} and worker_id = ${workerId} and status = 'running'
				on conflict (task_id, attempt, role) do update set picture = excluded.picture returning role`;
			const rows = await namingBlobs(() => database.query(insert), storeAgain);
			if (rows.length === 0) throw leaseLost();
		},
		async uploads({ taskId, attempt }) {
			const rows = await database.query<{ role: string; picture: BlobRef }>(
				sql`select role, picture from task_uploads where task_id = ${taskId} and attempt = ${attempt}`,
			);
			return Object.fromEntries(rows.map(({ role, picture }) => [role, picture]));
		},
	};
}
