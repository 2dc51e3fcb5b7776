import type { FastifyInstance, FastifyRequest } from "fastify";
import { GlassworksError } from "../domain/errors.ts";
import type { Principal, Scope } from "../domain/plans/operatorConfig.ts";
import { limitRequests, limitStranger } from "./limitRequests.ts";
import type { HttpPorts } from "./ports.ts";
import { requireSameOrigin } from "./sameOrigin.ts";
import { isSameSecret, sha256Hex } from "./sign.ts";

export const sessionCookie = "glassworks_session";

/**
 * How a route under /api/v1 may be reached. `key`, the default: a key or session with the scope. `open`: anybody.
 * `signed`: a key, or a signed link, which the route checks itself.
 */
export type Access = "open" | "signed" | Scope;

declare module "fastify" {
	interface FastifyContextConfig {
		/** Left out: `read`. */
		access?: Access;
	}
	interface FastifyRequest {
		/** Who asks; see principalOf. */
		principal: Principal | null;
	}
}

type AuthPorts = Pick<HttpPorts, "accounts" | "lastUse" | "localToken" | "localPrincipal" | "config">;
type DoorPorts = AuthPorts & Pick<HttpPorts, "limiter" | "operator">;

/** Every route of this plugin needs a principal unless it says otherwise: forgetting to say leaves it closed. Then it is counted. */
export function authenticateRoutes(app: FastifyInstance, ports: DoorPorts): void {
	app.decorateRequest("principal", null);
	app.addHook("onRequest", async (request, reply) => {
		const access = request.routeOptions.config.access ?? "read";
		if (access === "open") return requireSameOrigin(request, ports.config.publicUrl(), "if told");
		if (access === "signed" && isSignedLink(request)) return;
		const principal = await findPrincipal(request, ports).catch(async (error: unknown) => {
			await limitStranger(ports, request, reply);
			throw error;
		});
		const scope = access === "signed" ? "read" : access;
		// Known before it may be refused: the audit log keeps who was.
		request.principal = principal;
		if (principal.keyId !== null) ports.lastUse.note(principal.keyId);
		if (!principal.scopes.includes(scope)) throw new GlassworksError("forbidden", `This needs the scope \`${scope}\`.`);
	});
	limitRequests(app, ports);
}

/** Who asks. Only for routes that let nobody else in. */
export function principalOf(request: FastifyRequest): Principal {
	if (!request.principal) throw new Error("the route let someone in without a principal");
	return request.principal;
}

export function isSignedLink(request: FastifyRequest): boolean {
	return typeof (request.query as Record<string, unknown>).signature === "string";
}

/** @throws {GlassworksError} unauthenticated, forbidden (a cookie sent from another site) */
export async function findPrincipal(request: FastifyRequest, ports: AuthPorts): Promise<Principal> {
	const { authorization } = request.headers;
	if (authorization !== undefined) return principalOfKey(secretIn(authorization), ports);
	const token = request.cookies[sessionCookie];
	if (!token) throw new GlassworksError("unauthenticated", "No key was sent. Send `Authorization: Bearer <key>`.");
	if (!["GET", "HEAD"].includes(request.method)) requireSameOrigin(request, ports.config.publicUrl(), "always");
	const principal = /^[A-Za-z0-9_-]{32,43}$/.test(token) ? await ports.accounts.findBySessionHash(sha256Hex(token)) : null;
	if (!principal) throw new GlassworksError("unauthenticated", "The session has ended. Sign in again.");
	return principal;
}

/** @throws {GlassworksError} unauthenticated */
export async function principalOfKey(secret: string | null, ports: AuthPorts): Promise<Principal> {
	if (secret !== null && ports.localToken !== null && isSameSecret(secret, ports.localToken)) return ports.localPrincipal;
	const principal =
		secret !== null && /^gw_[A-Za-z0-9_-]{20,200}$/.test(secret) ? await ports.accounts.findByKeyHash(sha256Hex(secret)) : null;
	if (!principal) throw new GlassworksError("unauthenticated", "The key is not valid, has expired or was revoked.");
	return principal;
}

/** The secret in `Bearer <key>`, `Key <key>` or Basic, where it is the password (or the user, when there is no password). */
export function secretIn(authorization: string): string | null {
	const [, scheme = "", value = ""] = /^(\w+) +(\S+) *$/.exec(authorization) ?? [];
	if (/^(bearer|key)$/i.test(scheme)) return value;
	if (!/^basic$/i.test(scheme)) return null;
	const pair = Buffer.from(value, "base64").toString("utf8");
	const colon = pair.indexOf(":");
	return (colon < 0 ? pair : pair.slice(colon + 1) || pair.slice(0, colon)) || null;
}
