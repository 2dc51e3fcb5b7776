import { GlassworksError } from "../../domain/errors.ts";
import type { BlobIndex, BlobName, StorageUsage, TakenBlob } from "../../domain/storage/blobIndex.ts";
import { type Database, json, type Query, sql } from "../sql.ts";

const later = (ms: number) => sql`clock_timestamp() + ${ms}::float8 * interval '1 millisecond'`;
/** Condition on `b`: one of these. */
const isOneOf = (blobs: readonly BlobName[]): Query =>
	sql`(b.tenant_id, b.sha256) in (select n."tenantId", n.sha256 from jsonb_to_recordset(${json(blobs)}::jsonb) as n("tenantId" text, sha256 text))`;
/** Condition on `b`: taken, and by nobody else since. */
const isTakenAs = (blobs: readonly TakenBlob[]): Query =>
	sql`(b.tenant_id, b.sha256, ${claim}) in (select n."tenantId", n.sha256, n.claim
		from jsonb_to_recordset(${json(blobs)}::jsonb) as n("tenantId" text, sha256 text, claim text))`;
/** Condition on `b`: its bytes were not removed, or somebody was about to store them anew since, or found them. */
const mayHaveBytes = sql`(b.removed_at is null or (b.kept_until is not null and b.kept_until > b.removed_at))`;
/** Names one removal of `b`, exactly. */
const removal = sql`(extract(epoch from b.removed_at) * 1000000)::bigint::text`;
/** Names one taking of `b`, exactly. */
const claim = sql`(extract(epoch from b.removing_until) * 1000000)::bigint::text`;
const names = sql`b.tenant_id as "tenantId", b.sha256`;

export function createBlobIndex(database: Database): BlobIndex {
	return {
		async announce({ tenantId, sha256, bytes }, keepMs) {
			// Whoever was removing has died, perhaps after the bytes had gone: as if they had.
			const [announced] = await database.query<{
				removal: string | null;
			}>(sql`insert into blobs as b (tenant_id, sha256, bytes, kept_until) select ${tenantId}, ${sha256}, ${bytes}::bigint, ${later(keepMs)}
				where not exists (select 1 from tenants where id = ${tenantId} and deletion_asked_at is not null)
				on conflict (tenant_id, sha256) do update set bytes = excluded.bytes, removing_until = null,
					removed_at = case when b.removing_until is null then b.removed_at else clock_timestamp() end,
					kept_until = greatest(b.kept_until, excluded.kept_until)
				where b.removing_until is null or b.removing_until < clock_timestamp() returning ${removal} as removal`);
			if (!announced) await refuseDeleted(database, tenantId);
			return announced ?? null;
		},
		async stored({ tenantId, sha256 }, undone) {
			const rows = await database.query(sql`update blobs b set removed_at = null where b.tenant_id = ${tenantId} and b.sha256 = ${sha256}
				and b.removing_until is null and (b.removed_at is null or ${removal} = ${undone}) returning 1 as one`);
			return rows.length > 0;
		},
		takeUnreferenced: (limit, forMs, only) =>
			database.query<TakenBlob>(sql`update blobs b set removing_until = ${later(forMs)} where (b.tenant_id, b.sha256) in (
					select b.tenant_id, b.sha256 from blobs b where b.refs = 0 and ${mayHaveBytes}
						and (b.kept_until is null or b.kept_until < clock_timestamp()) and (b.removing_until is null or b.removing_until < clock_timestamp())
						${only ? sql`and ${isOneOf(only)}` : sql``} order by b.kept_until nulls first limit ${limit} for update skip locked)
				returning ${names}, ${claim} as claim`),
		async markRemoved(blobs) {
			await database.query(
				sql`update blobs b set removed_at = clock_timestamp(), removing_until = null, bytes = 0 where ${isTakenAs(blobs)}`,
			);
		},
		async giveBack(blobs) {
			await database.query(sql`update blobs b set removing_until = null where ${isTakenAs(blobs)}`);
		},
		async adopt(found) {
			if (found.length === 0) return 0;
			// It may have been removed since it was found: then it is removed again, and nobody may refer to it meanwhile.
			const adopted = await database.query(sql`insert into blobs as b (tenant_id, sha256, kept_until)
				select n."tenantId", n.sha256, clock_timestamp() from jsonb_to_recordset(${json(found)}::jsonb) as n("tenantId" text, sha256 text) order by 1, 2
				on conflict (tenant_id, sha256) do update set kept_until = clock_timestamp()
				where not ${mayHaveBytes} and b.removing_until is null returning sha256`);
			return adopted.length;
		},
		forgetLeftovers: (limit) => forgetLeftovers(database, limit),
		async remaining(blobs) {
			const [row] = await database.query<{
				referenced: number;
				left: number;
			}>(sql`select (count(*) filter (where b.refs > 0))::int as referenced,
				(count(*) filter (where b.refs = 0))::int as left from blobs b where b.removed_at is null and ${isOneOf(blobs)}`);
			return row ?? { referenced: 0, left: 0 };
		},
		usage: () =>
			database.query<StorageUsage>(sql`select tenant_id as "tenantId", count(*)::int as blobs, coalesce(sum(bytes), 0)::bigint as bytes,
				(count(*) filter (where refs = 0))::int as "unreferencedBlobs", coalesce(sum(bytes) filter (where refs = 0), 0)::bigint as "unreferencedBytes"
				from blobs where removed_at is null group by 1 order by 3 desc, 1`),
	};
}

async function refuseDeleted(database: Database, tenantId: string): Promise<void> {
	const [deleted] = await database.query(sql`select 1 as one from tenants where id = ${tenantId} and deletion_asked_at is not null`);
	if (deleted) throw new GlassworksError("account_deleted", "The account is being deleted.");
}

async function forgetLeftovers(database: Database, limit: number): Promise<void> {
	await database.query(sql`delete from task_uploads where (task_id, attempt, role) in (select u.task_id, u.attempt, u.role
		from task_uploads u join tasks t on t.id = u.task_id
		where (t.status in ('done', 'skipped', 'failed', 'cancelled') or u.attempt < t.attempt) limit ${limit})`);
	await database.query(sql`delete from blobs where (tenant_id, sha256) in (select tenant_id, sha256 from blobs
		where removed_at < clock_timestamp() - interval '1 day' and refs = 0 and (kept_until is null or kept_until < removed_at) limit ${limit} for update skip locked)`);
}
