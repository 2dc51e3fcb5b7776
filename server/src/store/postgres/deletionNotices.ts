import type { DeletionNotice, DeletionNotices } from "../../domain/people/tellOwners.ts";
import { type Database, sql } from "../sql.ts";

export function createDeletionNotices(database: Database): DeletionNotices {
	const named = ({ tenantId, address }: DeletionNotice) => sql`tenant_id = ${tenantId} and address = ${address}`;
	const ms = (value: number) => sql`clock_timestamp() + ${value}::float8 * interval '1 millisecond'`;
	return {
		async claim(leaseMs) {
			const [notice] = await database.query<DeletionNotice>(sql`update deletion_notices n set due_at = ${ms(leaseMs)}, claims = n.claims + 1
				from tenants t where t.id = n.tenant_id and (n.tenant_id, n.address) = (
					select d.tenant_id, d.address from deletion_notices d join tenants o on o.id = d.tenant_id
					where d.due_at <= clock_timestamp() and (not d.was_told or o.deleted_at is not null)
					order by d.due_at limit 1 for update of d skip locked)
				returning n.tenant_id as "tenantId", n.address, n.deletion_id as "deletionId", n.claims,
					case when n.was_told then t.deleted_at end as "completedAt"`);
			return notice ?? null;
		},
		async end(notice) {
			if (notice.completedAt) await database.query(sql`delete from deletion_notices where ${named(notice)}`);
			else
				await database.query(
					sql`update deletion_notices set was_told = true, claims = 0, due_at = clock_timestamp() where ${named(notice)} and claims = ${notice.claims}`,
				);
		},
		putOff: async (notice, pauseMs) =>
			void (await database.query(
				sql`update deletion_notices set due_at = ${ms(pauseMs)} where ${named(notice)} and claims = ${notice.claims}`,
			)),
	};
}
