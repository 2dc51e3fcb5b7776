import type { AccountStore, Tenant } from "../../domain/plans/accountStore.ts";
import type { Principal } from "../../domain/plans/operatorConfig.ts";
import { type Database, sql } from "../sql.ts";
import { moveCredit, readEntries, readQuotaUsage } from "./credits.ts";
import { createKeyStore, keyPrincipal, usableKey } from "./keys.ts";
import { readBalance } from "./ledger.ts";

/** The tenant of whoever runs this installation. */
export const ownerTenant = "owner";

export function createAccountStore(database: Database): AccountStore {
	return {
		...createKeyStore(database),
		async createTenant({ id, name, plan, postpaid }) {
			await database.query(sql`insert into tenants (id, name, plan, postpaid) values (${id}, ${name}, ${plan}, ${postpaid})`);
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
		async findBySessionHash(tokenHash) {
			const [found] = await database.query<Principal>(sql`select ${keyPrincipal} from sessions s join api_keys k on k.id = s.key_id
				join tenants t on t.id = k.tenant_id where s.token_hash = ${tokenHash} and s.expires_at > clock_timestamp() and ${usableKey}`);
			return found ?? null;
		},
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
