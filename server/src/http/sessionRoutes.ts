import { randomBytes } from "node:crypto";
import { createSession, session } from "../contract/server.ts";
import { GlassworksError } from "../domain/errors.ts";
import { principalOf, principalOfKey, sessionCookie } from "./authenticate.ts";
import { limitSignIn } from "./limitRequests.ts";
import { cookieOptions, presentSession, setSessionCookie } from "./personSession.ts";
import type { App, HttpPorts } from "./ports.ts";
import { json, problems, security } from "./responses.ts";
import { sha256Hex } from "./sign.ts";

/** Sessions of the studio: the browser holds a cookie no script can read, never the key. */
export function sessionRoutes(app: App, ports: HttpPorts): void {
	signInRoute(app, ports);
	signedInRoutes(app, ports);
}

function signInRoute(app: App, ports: HttpPorts): void {
	app.post(
		"/session",
		{
			config: { access: "open", audit: true },
			onRequest: (request, reply) => limitSignIn(ports, request, reply),
			schema: {
				operationId: "createSession",
				tags: ["Account"],
				summary: "Sign in with a key",
				description: "Sets a cookie that works like the key until it expires, the key is revoked or you sign out.",
				security: security.open,
				body: createSession,
				response: { 201: json("Signed in.", session), ...problems("unauthenticated", "forbidden", "invalid_request", "malformed_body") },
			},
		},
		async (request, reply) => {
			const principal = await principalOfKey(request.body.key, ports);
			request.principal = principal;
			if (principal.keyId === null) throw new GlassworksError("forbidden", "The local token opens no session: use a key.");
			const token = randomBytes(32).toString("base64url");
			const { sessionTtlMs } = ports.config.limits;
			await ports.accounts.createSession({
				tokenHash: sha256Hex(token),
				keyId: principal.keyId,
				expiresAt: new Date(Date.now() + sessionTtlMs),
			});
			setSessionCookie(ports, reply, token);
			return reply.code(201).send(await presentSession(ports, principal));
		},
	);
}

function signedInRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/session",
		{
			schema: {
				operationId: "getSession",
				tags: ["Account"],
				summary: "Who am I",
				security: security.key,
				response: {
					200: json("The account, its plan, what may be done, and the person where one signed in.", session),
					...problems("unauthenticated", "forbidden"),
				},
			},
		},
		async (request) => presentSession(ports, principalOf(request)),
	);

	app.delete(
		"/session",
		{
			schema: {
				operationId: "endSession",
				tags: ["Account"],
				summary: "Sign out",
				security: security.key,
				response: { 204: { description: "Signed out." }, ...problems("unauthenticated", "forbidden") },
			},
		},
		async (request, reply) => {
			const token = request.cookies[sessionCookie];
			if (token) await ports.accounts.endSession(sha256Hex(token));
			return reply.code(204).clearCookie(sessionCookie, cookieOptions(ports)).send();
		},
	);
}
