import { GlassworksError } from "../domain/errors.ts";
import type { Standing } from "../domain/people/memberStore.ts";
import { type Role, scopesOf } from "../domain/people/role.ts";
import type { Principal } from "../domain/plans/operatorConfig.ts";
import type { HttpPorts } from "./ports.ts";

/**
 * Whose people or keys a request is about: one's own account's, or for operators the one they name.
 * @throws {GlassworksError} forbidden, not_found, account_deleted
 */
export async function accountOf(
	{ accounts }: Pick<HttpPorts, "accounts">,
	{ tenantId, scopes }: Principal,
	asked: string | undefined,
): Promise<string> {
	if (asked === undefined || asked === tenantId) return tenantId;
	if (!scopes.includes("operate")) throw new GlassworksError("forbidden", "Only an operator may name another account.");
	const found = await accounts.findTenant(asked);
	if (!found) throw new GlassworksError("not_found", `There is no tenant ${asked}.`);
	if (found.deletionAskedAt) throw new GlassworksError("account_deleted", `The account ${asked} was deleted.`);
	return asked;
}

/** Operators, and owners of the account, also deal with owners. */
export async function standingIn(
	{ members }: Pick<HttpPorts, "members">,
	{ scopes, userId, tenantId }: Principal,
	account: string,
): Promise<Standing> {
	if (scopes.includes("operate")) return { isOverOwners: true };
	return { isOverOwners: userId !== null && account === tenantId && (await members.roleOf(account, userId)) === "owner" };
}

/** Nobody makes somebody else more than they are themselves. @throws {GlassworksError} forbidden */
export function requireRole({ scopes }: Principal, role: Role, account: string): void {
	const excess = scopesOf(role, account).filter((scope) => !scopes.includes(scope));
	if (excess.length > 0)
		throw new GlassworksError("forbidden", `A role gives at most what you may do yourself; you lack ${excess.join(", ")}.`);
}

/** A person who signed in. @throws {GlassworksError} forbidden */
export function personOf({ userId, tenantId }: Principal): { userId: string; tenantId: string } {
	if (userId !== null) return { userId, tenantId };
	throw new GlassworksError("forbidden", "This is for people who signed in: a key belongs to an account and to nobody in it.");
}
