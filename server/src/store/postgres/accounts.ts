import type { AccountStore, ApiKey, Tenant } from "../../domain/plans/accountStore.ts";
import type { Principal } from "../../domain/plans/operatorConfig.ts";
import { type Database, type Query, sql } from "../sql.ts";
import { moveCredit, readEntries, readQuotaUsage } from "./credits.ts";
import { readBalance } from "./ledger.ts";

const principal = sql`select k.tenant_id as "tenantId", t.plan, k.id as "keyId", k.scopes from api_keys k join tenants t on t.id = k.tenant_id`;
const usable = sql`k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())`;

/** The tenant of whoever runs this installation. */
export const ownerTenant = "owner";

export function createAccountStore(database: Database): AccountStore {
	const first = async (query: Query) => (await database.query<Principal>(query))[0] ?? null;
	return {
		async createTenant({ id, name, plan, postpaid }) {
			await database.query(sql`insert into tenants (id, name, plan, postpaid) values (${id}, ${name}, ${plan}, ${postpaid})`);
		},
		async createKey({ id, tenantId, name, prefix, scopes, expiresAt, secretHash }) {
			await database.query(sql`insert into api_keys (id, tenant_id, name, prefix, scopes, expires_at, secret_hash)
				values (${id}, ${tenantId}, ${name}, ${prefix}, ${scopes}, ${expiresAt}, ${secretHash}) on conflict (secret_hash) do nothing`);
		},
		async revokeKey(tenantId, keyId) {
			await database.query(
				sql`update api_keys set revoked_at = coalesce(revoked_at, now()) where tenant_id = ${tenantId} and id = ${keyId}`,
			);
		},
		listKeys: (tenantId) =>
			database.query<ApiKey>(sql`select id, tenant_id as "tenantId", name, prefix, scopes, created_at as "createdAt", expires_at as "expiresAt",
				revoked_at as "revokedAt" from api_keys where tenant_id = ${tenantId} order by created_at desc, id desc`),
		findByKeyHash: (secretHash) => first(sql`${principal} where k.secret_hash = ${secretHash} and ${usable}`),
		async ensureOwner() {
			const rows = await database.query(sql`insert into tenants (id, name, plan, postpaid) values (${ownerTenant}, 'Owner', 'owner', true)
				on conflict (id) do nothing returning id`);
			return { created: rows.length > 0 };
		},
		async createSession({ tokenHash, keyId, expiresAt }) {
			await database.query(sql`insert into sessions (token_hash, tenant_id, key_id, expires_at)
				select ${tokenHash}, tenant_id, id, ${expiresAt} from api_keys where id = ${keyId}`);
		},
		findBySessionHash: (tokenHash) =>
			first(
				sql`${principal} join sessions s on s.key_id = k.id where s.token_hash = ${tokenHash} and s.expires_at > clock_timestamp() and ${usable}`,
			),
		async endSession(tokenHash) {
			await database.query(sql`delete from sessions where token_hash = ${tokenHash}`);
		},
		async findTenant(tenantId) {
			const [tenant] = await database.query<Tenant>(sql`select id, name, plan, postpaid from tenants where id = ${tenantId}`);
			return tenant ?? null;
		},
		addCredit: (tenantId, amountMicroUsd, note, reference = null) =>
			moveCredit(database, { tenantId, kind: "credit", amountMicroUsd, note, reference }),
		takeCredit: (tenantId, amountMicroUsd, note, reference = null) =>
			moveCredit(database, { tenantId, kind: "withdrawal", amountMicroUsd, note, reference }),
		balance: (tenantId) => readBalance(database, tenantId),
		quotaUsage: (tenantId) => readQuotaUsage(database, tenantId),
		ledger: (tenantId, limit) => readEntries(database, tenantId, limit),
	};
}
