import type { Scope } from "../plans/operatorConfig.ts";
import { ownerTenant } from "../plans/ownerTenant.ts";

/** What a person is in an account, the mightiest first. */
export const roles = ["owner", "admin", "member", "viewer"] as const;
export type Role = (typeof roles)[number];

const scopesByRole: Record<Role, readonly Scope[]> = {
	owner: ["read", "generate", "manage"],
	admin: ["read", "generate", "manage"],
	member: ["read", "generate"],
	viewer: ["read"],
};

/** Owners and admins of the account that runs this installation run it too. */
export function scopesOf(role: Role, tenantId: string): readonly Scope[] {
	const own = scopesByRole[role];
	return tenantId === ownerTenant && own.includes("manage") ? [...own, "operate"] : own;
}
