import type { FastifyReply, FastifyRequest } from "fastify";
import type { AuditEntry, AuditResult } from "../domain/audit/auditLog.ts";
import type { Json, JsonObject } from "../domain/json.ts";
import type { App, HttpPorts } from "./ports.ts";
import { truncateAddress } from "./truncateAddress.ts";

declare module "fastify" {
	interface FastifyContextConfig {
		/**
		 * Whether requests to the route are kept in the audit log. Left out: those that change something and need the scope manage or operate.
		 * As a list: kept, with these fields of the body, which must hold nothing private: a plan, a role.
		 */
		audit?: boolean | readonly string[];
	}
	interface FastifyRequest {
		/** The entry that was begun for it; null: none. */
		auditId: number | null;
	}
}

/**
 * Keeps in the audit log what is changed here and what touches who may get in: an entry before it is done and how it came out before it is
 * answered. What cannot be kept is not done. A request that was refused before it could do anything is one entry; one that nobody signed
 * leaves none, unless its route says so: anybody could fill the log.
 */
export function auditRequests(app: App, { audit }: Pick<HttpPorts, "audit">): void {
	app.decorateRequest("auditId", null);
	app.addHook("preHandler", async (request) => {
		if (isAudited(request) && request.principal) request.auditId = await audit.begin(entryOf(request));
	});
	app.addHook("onSend", async (request, reply, payload) => {
		if (!isAudited(request) || !(request.principal || isTriedSignIn(request, reply))) return payload;
		const result = resultOf(reply, payload);
		try {
			if (request.auditId === null) await audit.note(entryOf(request), result);
			else await audit.end(request.auditId, result);
		} catch (error) {
			// It is done: the entry stays without a result, and the log names the request.
			request.log.error({ requestId: request.id, error: error instanceof Error ? error.message : "unknown" }, "audit result not kept");
		}
		return payload;
	});
}

function isAudited({ method, routeOptions: { config } }: FastifyRequest): boolean {
	if (config.audit !== undefined) return config.audit !== false;
	return (config.access === "manage" || config.access === "operate") && method !== "GET" && method !== "HEAD";
}

/** Someone came to a door that is open to all and did not get in. */
function isTriedSignIn({ routeOptions: { config } }: FastifyRequest, { statusCode }: FastifyReply): boolean {
	return config.access === "open" && (statusCode === 401 || statusCode === 403);
}

function entryOf(request: FastifyRequest): AuditEntry {
	const { principal, routeOptions } = request;
	const params = Object.values((request.params ?? {}) as Record<string, unknown>);
	return {
		tenantId: principal && subjectOf(request),
		actorKind: !principal ? "nobody" : principal.userId !== null ? "person" : principal.keyId !== null ? "key" : "local_token",
		actorId: principal?.userId ?? principal?.keyId ?? null,
		actorTenantId: principal?.tenantId ?? null,
		action: routeOptions.schema?.operationId ?? `${request.method} ${routeOptions.url ?? ""}`,
		targets: params.filter(isId),
		details: Array.isArray(routeOptions.config.audit) ? pick(request.body, routeOptions.config.audit) : {},
		network: truncateAddress(request.ip),
		requestId: request.id,
	};
}

/** Whose account it is about: an operator may name another. */
function subjectOf({ principal, routeOptions, params, query }: FastifyRequest): string | null {
	if (principal?.scopes.includes("operate")) {
		const named = /\/tenants\/:id\b/.test(routeOptions.url ?? "")
			? (params as Record<string, unknown>).id
			: (query as Record<string, unknown>)?.tenant;
		if (isId(named)) return named;
	}
	return principal?.tenantId ?? null;
}

function resultOf({ statusCode }: FastifyReply, payload: unknown): AuditResult {
	const body = readBody(payload);
	const code = statusCode < 400 ? null : typeof body?.code === "string" ? body.code : "internal";
	return { status: statusCode, code, made: code === null && body ? idsIn(body) : [] };
}

const longestBody = 65_536;

function readBody(payload: unknown): JsonObject | null {
	if (typeof payload !== "string" || payload.length > longestBody || !payload.startsWith("{")) return null;
	try {
		return JSON.parse(payload) as JsonObject;
	} catch {
		return null;
	}
}

/** The ids of an answer: its own, and those of what it holds. */
function idsIn(body: JsonObject): string[] {
	const held = Object.values(body).map((value) => (value && typeof value === "object" && !Array.isArray(value) ? value.id : undefined));
	return [...new Set([body.id, ...held].filter(isId))];
}

/** Ids as we make them. Addresses of people and links are none. */
function isId(value: unknown): value is string {
	return typeof value === "string" && /^[A-Za-z0-9_-]{1,100}$/.test(value) && !value.startsWith("wfs_");
}

function pick(body: unknown, fields: readonly string[]): JsonObject {
	if (typeof body !== "object" || body === null) return {};
	const values = Object.entries(body).filter(([name, value]) => fields.includes(name) && isPlain(value));
	return Object.fromEntries(values) as JsonObject;
}

/** Words, numbers and switches; no text that somebody wrote. */
function isPlain(value: unknown): value is Json {
	if (Array.isArray(value)) return value.length <= 20 && value.every(isPlain);
	return (
		typeof value === "number" ||
		typeof value === "boolean" ||
		value === null ||
		(typeof value === "string" && /^[\w.:-]{1,60}$/.test(value))
	);
}
