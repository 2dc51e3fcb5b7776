import { GlassworksError } from "../../domain/errors.ts";
import type { Standing } from "../../domain/people/memberStore.ts";
import type { Role } from "../../domain/people/role.ts";
import { type Session, sql } from "../sql.ts";

/** Whoever changes who belongs to an account does so one after another. @throws {GlassworksError} not_found */
export async function lockTenant(tx: Session, tenantId: string): Promise<void> {
	const known = await tx.query(sql`select id from tenants where id = ${tenantId} for no key update`);
	if (known.length === 0) throw new GlassworksError("not_found", `There is no tenant ${tenantId}.`);
}

export async function countOwners(tx: Session, tenantId: string): Promise<number> {
	const [row] = await tx.query<{ count: number }>(
		sql`select count(*)::int as count from members where tenant_id = ${tenantId} and role = 'owner'`,
	);
	return row?.count ?? 0;
}

/** @throws {GlassworksError} forbidden */
export function refuseOwners({ isOverOwners }: Standing, touched: readonly Role[], owners: number): void {
	if (isOverOwners || owners === 0 || !touched.includes("owner")) return;
	throw new GlassworksError("forbidden", "Only an owner of the account makes, changes or removes owners.");
}
