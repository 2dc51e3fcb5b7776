import { GlassworksError } from "../../domain/errors.ts";
import type { KeyCaps } from "../../domain/plans/keyCaps.ts";
import type { ApiKey, KeyStore } from "../../domain/plans/keyStore.ts";
import { type Database, json, type Session, sql } from "../sql.ts";
import { usableKey } from "./principals.ts";

const columns = sql`id, tenant_id as "tenantId", name, prefix, scopes, created_at as "createdAt", created_by as "createdBy",
	expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt", caps,
	jsonb_build_object('unfinishedPictures', unfinished_pictures(coalesce(budget_id, id)), 'spendMicroUsd', coalesce((select amount_micro_usd
		from key_spend where key_spend.budget_id = coalesce(api_keys.budget_id, api_keys.id)
			and period = to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM')), 0)) as used`;

export function createKeyStore(database: Database): KeyStore {
	return {
		async createKey({ id, tenantId, name, prefix, scopes, expiresAt, createdBy = null, caps = {}, secretHash }) {
			await database.query(sql`insert into api_keys (id, tenant_id, name, prefix, scopes, expires_at, created_by, caps, secret_hash)
				values (${id}, ${tenantId}, ${name}, ${prefix}, ${scopes}, ${expiresAt}, ${createdBy}, jsonb_strip_nulls(${json(caps)}::jsonb), ${secretHash}) on conflict (secret_hash) do nothing`);
		},
		getKey: (tenantId, keyId) => readKey(database, tenantId, keyId),
		async revokeKey(tenantId, keyId) {
			const rows = await database.query(
				sql`update api_keys set revoked_at = coalesce(revoked_at, now()) where tenant_id = ${tenantId} and id = ${keyId} returning id`,
			);
			if (rows.length === 0) throw noSuchKey();
		},
		rotateKey: ({ tenantId, keyId, oldUntil }, { id, prefix, secretHash, createdBy = null }) =>
			database.transaction(async (tx) => {
				// Whatever a key has beyond its secret goes on with it.
				const made =
					await tx.query(sql`insert into api_keys (id, tenant_id, name, prefix, scopes, expires_at, created_by, caps, budget_id, secret_hash)
					select ${id}, k.tenant_id, k.name, ${prefix}, k.scopes, k.expires_at, ${createdBy}, k.caps, coalesce(k.budget_id, k.id), ${secretHash} from api_keys k
					where k.tenant_id = ${tenantId} and k.id = ${keyId} and ${usableKey} returning id`);
				if (made.length === 0) {
					await readKey(tx, tenantId, keyId);
					throw new GlassworksError("key_not_usable", "The key is revoked or has expired: make a new one instead.");
				}
				await tx.query(sql`update api_keys set expires_at = least(expires_at, ${oldUntil}::timestamptz) where id = ${keyId}`);
				return readKey(tx, tenantId, id);
			}),
		async listKeys(tenantId, { limit, before }) {
			const after = before ? sql`and id < ${before}` : sql``;
			const keys = await database.query<ApiKey>(
				sql`select ${columns} from api_keys where tenant_id = ${tenantId} ${after} order by id desc limit ${limit + 1}`,
			);
			const page = keys.slice(0, limit);
			return { keys: page, next: keys.length > limit ? (page.at(-1)?.id ?? null) : null };
		},
		async changeKey(tenantId, keyId, { name, caps }) {
			const rows =
				await database.query(sql`update api_keys set name = coalesce(${name}, name), caps = jsonb_strip_nulls(caps || ${json(caps)}::jsonb)
				where tenant_id = ${tenantId} and id = ${keyId} returning id`);
			if (rows.length === 0) throw noSuchKey();
			return readKey(database, tenantId, keyId);
		},
		async keyCaps(keyId) {
			const [key] = await database.query<{ caps: KeyCaps }>(sql`select caps from api_keys where id = ${keyId}`);
			return key?.caps ?? {};
		},
		async touchKeys(keyIds) {
			await database.query(sql`update api_keys set last_used_at = clock_timestamp() where id = any(${[...keyIds]}::text[])
				and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')`);
		},
	};
}

async function readKey(session: Session, tenantId: string, keyId: string): Promise<ApiKey> {
	const [key] = await session.query<ApiKey>(sql`select ${columns} from api_keys where tenant_id = ${tenantId} and id = ${keyId}`);
	if (!key) throw noSuchKey();
	return key;
}

function noSuchKey(): GlassworksError {
	return new GlassworksError("not_found", "No such key.");
}
