import type { AuditEntry, AuditLog, AuditOutcome, AuditQuery, KeptAuditEntry } from "../../domain/audit/auditLog.ts";
import { type Database, json, type Query, type Session, sql } from "../sql.ts";

type Row = Omit<KeptAuditEntry, "result"> & { status: number | null; code: string | null; made: string[] | null };

/** Migration 0013 says how it is kept. */
export function createAuditLog(database: Database): AuditLog {
	return {
		begin: (entry) => writeEntry(database, entry),
		async end(entryId, { status, code, made }) {
			await database.query(sql`insert into audit_results (entry_id, status, code, made) values (${entryId}, ${status}, ${code}, ${made})`);
		},
		async note(entry, { status, code, made }) {
			await database.query(sql`with entry as (${insertEntry(entry)})
				insert into audit_results (entry_id, status, code, made) select id, ${status}::int, ${code}::text, ${made}::text[] from entry`);
		},
		list: (query) => listEntries(database, query),
	};
}

function insertEntry(entry: AuditEntry): Query {
	return sql`insert into audit_entries (tenant_id, actor_kind, actor_id, actor_tenant_id, action, targets, details, network, request_id)
		values (${entry.tenantId}, ${entry.actorKind}, ${entry.actorId}, ${entry.actorTenantId}, ${entry.action}, ${entry.targets},
			${json(entry.details)}::jsonb, ${entry.network}, ${entry.requestId}) returning id`;
}

async function writeEntry(session: Session, entry: AuditEntry): Promise<number> {
	const [row] = await session.query<{ id: number }>(insertEntry(entry));
	if (!row) throw new Error("the audit log kept nothing");
	return row.id;
}

/** 5xx is our failure, 4xx a refusal. */
const outcomes: Record<AuditOutcome, Query> = {
	done: sql`r.code is null and r.status is not null`,
	refused: sql`r.code is not null and r.status < 500`,
	failed: sql`r.code is not null and r.status >= 500`,
	unknown: sql`r.status is null`,
};

async function listEntries(session: Session, query: AuditQuery): Promise<{ entries: KeptAuditEntry[]; next: number | null }> {
	const { tenantId, action, actorId, target, outcome, from, to, limit, before } = query;
	const rows =
		await session.query<Row>(sql`select e.id, e.at, e.tenant_id as "tenantId", e.actor_kind as "actorKind", e.actor_id as "actorId",
			e.actor_tenant_id as "actorTenantId", e.action, e.targets, e.details, e.network, e.request_id as "requestId", r.status, r.code, r.made,
			case when ${outcomes.unknown} then 'unknown' when ${outcomes.done} then 'done' when ${outcomes.refused} then 'refused' else 'failed' end as outcome
		from audit_entries e left join audit_results r on r.entry_id = e.id
		where (${before}::bigint is null or e.id < ${before}) ${tenantId === null ? sql`` : sql`and e.tenant_id = ${tenantId}`}
			and (${action}::text is null or e.action = ${action}) and (${actorId}::text is null or e.actor_id = ${actorId})
			${target === null ? sql`` : sql`and (e.targets @> array[${target}::text] or ${target} = any(r.made))`}
			and (${from}::timestamptz is null or e.at >= ${from}) and (${to}::timestamptz is null or e.at <= ${to})
			${outcome === null ? sql`` : sql`and ${outcomes[outcome]}`}
		order by e.id desc limit ${limit + 1}`);
	const entries = rows.slice(0, limit).map(({ status, code, made, ...entry }) => ({
		...entry,
		result: status === null ? null : { status, code, made: made ?? [] },
	}));
	return { entries, next: rows.length > limit ? (entries.at(-1)?.id ?? null) : null };
}
