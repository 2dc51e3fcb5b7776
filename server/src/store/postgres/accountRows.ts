import type { JsonObject } from "../../domain/json.ts";
import type { AccountRows, OwnedKind } from "../../domain/storage/accountRows.ts";
import { type Database, type Query, sql } from "../sql.ts";

/** Each row with where it stands: `cursor` is unique and sorts as text. */
const owned: Record<OwnedKind, (tenantId: string) => Query> = {
	assets: (
		tenantId,
	) => sql`select id as cursor, jsonb_build_object('id', id, 'picture', picture, 'created_at', created_at, 'expires_at', expires_at) as row
		from assets where tenant_id = ${tenantId} and deleted_at is null`,
	ledger: (tenantId) =>
		sql`select lpad(id::text, 20, '0') as cursor, to_jsonb(l) - 'tenant_id' as row from ledger_entries l where tenant_id = ${tenantId}`,
	workflows: (
		tenantId,
	) => sql`select w.id || ' ' || lpad(v.version::text, 10, '0') as cursor, jsonb_build_object('id', w.id, 'slug', w.slug,
			'visibility', w.visibility, 'version', v.version, 'created_at', v.created_at, 'archived_at', w.archived_at, 'content', v.content) as row
		from workflows w join workflow_versions v on v.workflow_id = w.id where w.tenant_id = ${tenantId}`,
	boards: (tenantId) => sql`select id as cursor, jsonb_build_object('id', id, 'name', name, 'created_at', created_at, 'pictures', coalesce(
			(select jsonb_agg(jsonb_build_object('job_id', job_id, 'n', n, 'added_at', added_at) order by added_at, job_id, n)
			from board_pictures p where p.board_id = b.id), '[]')) as row from boards b where tenant_id = ${tenantId}`,
	trainings: (
		tenantId,
	) => sql`select t.id as cursor, jsonb_build_object('id', t.id, 'name', t.name, 'family', t.family, 'file', t.file, 'status', j.status, 'model', j.model,
			'created_at', j.created_at, 'settings', j.request, 'samples', (select coalesce(jsonb_object_agg(o.key, o.value), '{}') from tasks k, jsonb_each(k.outputs) o
				where k.job_id = t.id and o.key like 'sample%')) as row
		from trainings t join jobs j on j.id = t.id where t.tenant_id = ${tenantId}`,
	keys: (
		tenantId,
	) => sql`select id as cursor, jsonb_build_object('id', id, 'name', name, 'prefix', prefix, 'scopes', scopes, 'created_at', created_at,
			'expires_at', expires_at, 'revoked_at', revoked_at) as row
		from api_keys where tenant_id = ${tenantId}`,
};

export function createAccountRows(database: Database): AccountRows {
	return {
		async read(tenantId, kind, after, limit) {
			const found = await database.query<{ cursor: string; row: JsonObject }>(sql`select cursor, row from (${owned[kind](tenantId)}) o
				where cursor collate "C" > ${after ?? ""} order by cursor collate "C" limit ${limit}`);
			return { rows: found.map(({ row }) => row), next: found.length === limit ? (found.at(-1)?.cursor ?? null) : null };
		},
	};
}
