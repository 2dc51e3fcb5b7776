import { type Role, scopesOf } from "../../domain/people/role.ts";
import type { Principal, Scope } from "../../domain/plans/operatorConfig.ts";
import { type Database, sql } from "../sql.ts";
import { shareReads } from "./shareReads.ts";

/** Null when unknown, expired or revoked. SHA-256, hex. */
export interface PrincipalReader {
	findByKeyHash(secretHash: string): Promise<Principal | null>;
	findBySessionHash(tokenHash: string): Promise<Principal | null>;
}

/** Of the table k. */
export const usableKey = sql`k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())`;

type Row = Principal & { hash: string };
type SessionRow = Omit<Row, "scopes"> & { scopes: Scope[] | null; role: Role | null };

/**
 * Who a key or session stands for. Nothing is remembered between requests: what was revoked, ended or changed before a request came, that
 * request sees. Requests that come together share one query, which is what makes it fast (docs/decisions/0022).
 */
export function createPrincipalReader(database: Database, share: typeof shareReads = shareReads): PrincipalReader {
	const byHash = (rows: Row[]) => new Map<string, Principal>(rows.map(({ hash, ...principal }) => [hash, principal]));
	return {
		findByKeyHash: share(async (hashes) =>
			byHash(
				await database.query<Row>(sql`select k.secret_hash as hash, k.tenant_id as "tenantId", t.plan, k.id as "keyId",
					null::text as "userId", k.scopes from api_keys k join tenants t on t.id = k.tenant_id
					where k.secret_hash = any(${hashes}::text[]) and ${usableKey}`),
			),
		),
		findBySessionHash: share(async (hashes) => {
			const rows = await database.query<SessionRow>(sql`select s.token_hash as hash, s.tenant_id as "tenantId", t.plan, s.key_id as "keyId",
					s.user_id as "userId", k.scopes, m.role
				from sessions s join tenants t on t.id = s.tenant_id
				left join api_keys k on k.id = s.key_id and ${usableKey}
				left join members m on m.tenant_id = s.tenant_id and m.user_id = s.user_id
				where s.token_hash = any(${hashes}::text[]) and s.expires_at > clock_timestamp() and (k.id is not null or m.role is not null)`);
			return byHash(rows.map(({ role, scopes, ...row }) => ({ ...row, scopes: role ? scopesOf(role, row.tenantId) : (scopes ?? []) })));
		}),
	};
}
