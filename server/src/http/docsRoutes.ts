import swagger from "@fastify/swagger";
import scalar from "@scalar/fastify-api-reference";
import type { FastifyReply, FastifyRequest } from "fastify";
import { fastifyZodOpenApiPlugin, fastifyZodOpenApiTransformers } from "fastify-zod-openapi";
import { type ErrorCode, errorTable } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { WorkflowRecord } from "../domain/workflows/workflowStore.ts";
import { findPrincipal, sessionCookie } from "./authenticate.ts";
import type { App, HttpPorts } from "./ports.ts";
import { titleOf } from "./problem.ts";
import { withWorkflowPaths } from "./workflowPaths.ts";

/** Collects every route registered after it into the OpenAPI document. */
export async function describeRoutes(app: App, version: string, name: string): Promise<void> {
	await app.register(fastifyZodOpenApiPlugin);
	await app.register(swagger, {
		openapi: {
			openapi: "3.1.0",
			info: {
				title: name,
				version,
				description: "Self-hosted image generation. Every error is `application/problem+json` with a stable `code`; see /docs/errors.",
				license: { name: "Apache-2.0", identifier: "Apache-2.0" } as { name: string },
			},
			tags: ["Generations", "Jobs", "Workflows", "Assets", "Account", "Server", "Operator", "Health", "Worker protocol"].map((name) => ({
				name,
			})),
			components: {
				securitySchemes: {
					key: {
						type: "http",
						scheme: "bearer",
						description: "An API key. `Authorization: Key <key>` and HTTP Basic with the key as password work too.",
					},
					session: { type: "apiKey", in: "cookie", name: "glassworks_session", description: "The studio's session." },
					signedLink: { type: "apiKey", in: "query", name: "signature", description: "A link from a job or asset; complete as it is." },
					workerToken: { type: "http", scheme: "bearer", description: "A remote worker's token." },
				},
			},
		},
		...fastifyZodOpenApiTransformers,
	});
}

/** /openapi.json, with the addresses of the workflows that the caller may run, /docs and /docs/errors. */
export async function docsRoutes(app: App, ports: HttpPorts): Promise<void> {
	const { config } = ports;
	app.get("/openapi.json", { schema: { hide: true } }, async (request, reply) => {
		const document = { ...app.swagger(), servers: [{ url: config.publicUrl() }] };
		const described = withWorkflowPaths(document as unknown as JsonObject, await workflowsFor(request, ports));
		return reply
			.type("application/json; charset=utf-8")
			.header("vary", "authorization, cookie")
			.send(described as never);
	});
	app.get("/docs/errors", { schema: { hide: true } }, async (_request, reply) => {
		const page = reply
			.type("text/html; charset=utf-8")
			.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
		return page.send(errorsPage() as never);
	});
	await app.register(async (scope) => {
		scope.addHook("onSend", async (_request, reply: FastifyReply) => {
			// The reference writes its styles and its start into the page; nothing is loaded from or sent to elsewhere.
			reply.header(
				"content-security-policy",
				"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
			);
		});
		await scope.register(scalar, {
			routePrefix: "/docs",
			configuration: {
				url: "/openapi.json",
				pageTitle: `${ports.operator.brand.name} API`,
				withDefaultFonts: false,
				telemetry: false,
				// Offers of another company's services.
				agent: { disabled: true },
				mcp: { disabled: true },
				showDeveloperTools: "never",
			},
		});
	});
}

/** Those that ship, and with a key the caller's own, the newest hundred. */
async function workflowsFor(request: FastifyRequest, ports: HttpPorts): Promise<WorkflowRecord[]> {
	const shipped = ports.workflows.shipped();
	if (request.headers.authorization === undefined && request.cookies[sessionCookie] === undefined) return shipped;
	const principal = await findPrincipal(request, ports);
	if (!principal.scopes.includes("read")) return shipped;
	return [...shipped, ...(await ports.workflows.list(principal, { limit: 100, before: null })).records];
}

function errorsPage(): string {
	const rows = (Object.keys(errorTable) as ErrorCode[]).map((code) => {
		const [status, meaning] = errorTable[code];
		return `<h2 id="${code}">${titleOf(code)}</h2><p><code>${code}</code> · ${status}</p><p>${escapeHtml(meaning).replaceAll(/`([^`]+)`/g, "<code>$1</code>")}</p>`;
	});
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Glassworks errors</title></head><body><h1>Errors</h1>${rows.join("")}</body></html>`;
}

function escapeHtml(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
