import type { FastifyReply } from "fastify";
import type { z } from "zod";
import type { session } from "../contract/server.ts";
import { GlassworksError } from "../domain/errors.ts";
import type { Person } from "../domain/people/identity.ts";
import { judgePassword } from "../domain/people/passwordRules.ts";
import type { Principal } from "../domain/plans/operatorConfig.ts";
import { sessionCookie } from "./authenticate.ts";
import type { HttpPorts } from "./ports.ts";
import { sha256Hex } from "./sign.ts";

/** A person owns at most so many accounts of those they made themselves. */
export const mostOwned = 3;

export function cookieOptions({ config }: Pick<HttpPorts, "config">) {
	return { path: "/", httpOnly: true, sameSite: "strict", secure: config.publicUrl().startsWith("https:") } as const;
}

/** The browser gets the token in a cookie that no script reads; we keep its hash. */
export function setSessionCookie(ports: Pick<HttpPorts, "config">, reply: FastifyReply, token: string): void {
	const maxAge = Math.floor(ports.config.limits.sessionTtlMs / 1_000);
	reply.setCookie(sessionCookie, token, { ...cookieOptions(ports), maxAge });
}

/**
 * Opens a session that Identity has begun, in an account. Where anybody may sign up, somebody who belongs to none gets one of their own.
 * @throws {GlassworksError} no_account
 */
export async function openSession(
	ports: HttpPorts,
	reply: FastifyReply,
	{ token, person, tenantId }: { token: string; person: Person; tenantId: string | null },
): Promise<z.infer<typeof session>> {
	if (tenantId === null && ports.operator.people.signUp === "open") await ensureHome(ports, person);
	const tokenHash = sha256Hex(token);
	await ports.members.openSession({ token, tokenHash, userId: person.id, tenantId });
	const principal = await ports.accounts.findBySessionHash(tokenHash);
	if (!principal) throw new GlassworksError("unavailable", "The session could not be opened. Try again.");
	reply.request.principal = principal;
	setSessionCookie(ports, reply, token);
	return presentSession(ports, principal);
}

async function ensureHome({ members, operator, newId }: HttpPorts, { id, name }: Person): Promise<void> {
	if ((await members.membershipsOf(id)).length > 0) return;
	await members.found(id, { id: newId("ten"), name, plan: operator.people.plan }, 1).catch((error: unknown) => {
		// Signed in twice at once: the other one made it.
		if (!(error instanceof GlassworksError && error.code === "account_limit")) throw error;
	});
}

export async function presentSession({ members }: Pick<HttpPorts, "members">, principal: Principal): Promise<z.infer<typeof session>> {
	const { tenantId, plan, scopes, userId } = principal;
	const person = userId === null ? null : await members.get(tenantId, userId);
	return {
		tenant_id: tenantId,
		plan,
		scopes: [...scopes],
		person: person && { id: person.userId, name: person.name, email: person.email, role: person.role },
	};
}

/** @throws {GlassworksError} invalid_request */
export function requireGoodPassword(password: string, about: { email: string; name: string }): void {
	const message = judgePassword(password, about);
	if (message) throw new GlassworksError("invalid_request", `password: ${message}.`, {}, [{ path: ["password"], message }]);
}
