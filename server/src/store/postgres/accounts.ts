import { GlassworksError } from "../../domain/errors.ts";
import type { AccountStore, Tenant } from "../../domain/plans/accountStore.ts";
import { ownerTenant } from "../../domain/plans/ownerTenant.ts";
import { type Database, sql } from "../sql.ts";
import { moveCredit, readEntries, readQuotaUsage } from "./credits.ts";
import { createKeyStore } from "./keys.ts";
import { readBalance } from "./ledger.ts";
import { createPrincipalReader } from "./principals.ts";

const tenantColumns = sql`id, name, plan, postpaid, created_at as "createdAt", deletion_asked_at as "deletionAskedAt", deleted_at as "deletedAt"`;

export function createAccountStore(database: Database): AccountStore {
	return {
		...createKeyStore(database),
		...createPrincipalReader(database),
		async createTenant({ id, name, plan, postpaid }) {
			const made = await database.query(
				sql`insert into tenants (id, name, plan, postpaid) values (${id}, ${name}, ${plan}, ${postpaid}) on conflict (id) do nothing returning id`,
			);
			if (made.length === 0) throw new GlassworksError("tenant_exists", `There is a tenant ${id} already.`);
		},
		async listTenants({ limit, before }) {
			const after = before ? sql`where (created_at, id) < (select created_at, id from tenants where id = ${before})` : sql``;
			const rows = await database.query<Tenant>(
				sql`select ${tenantColumns} from tenants ${after} order by created_at desc, id desc limit ${limit + 1}`,
			);
			const tenants = rows.slice(0, limit);
			return { tenants, next: rows.length > limit ? (tenants.at(-1)?.id ?? null) : null };
		},
		async renameTenant(tenantId, name) {
			const renamed = await database.query(sql`update tenants set name = ${name} where id = ${tenantId} returning id`);
			if (renamed.length === 0) throw new GlassworksError("not_found", `There is no tenant ${tenantId}.`);
		},
		async ensureOwner() {
			const rows = await database.query(sql`insert into tenants (id, name, plan, postpaid) values (${ownerTenant}, 'Owner', 'owner', true)
				on conflict (id) do nothing returning id`);
			return { created: rows.length > 0 };
		},
		async createSession({ tokenHash, keyId, expiresAt }) {
			await database.query(sql`insert into sessions (token_hash, tenant_id, key_id, expires_at)
				select ${tokenHash}, tenant_id, id, ${expiresAt} from api_keys where id = ${keyId}`);
		},
		async endSession(tokenHash) {
			await database.query(sql`delete from sessions where token_hash = ${tokenHash}`);
		},
		async findTenant(tenantId) {
			const [tenant] = await database.query<Tenant>(sql`select ${tenantColumns} from tenants where id = ${tenantId}`);
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
