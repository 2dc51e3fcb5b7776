import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Caller, type Door, webhookShape } from "../contract/door.ts";
import type { JobBody } from "../contract/job.ts";
import { GlassworksError } from "../domain/errors.ts";
import { auditRequests } from "./auditRequests.ts";
import { authenticateRoutes } from "./authenticate.ts";
import { createDoor } from "./door.ts";
import type { LimitBodies } from "./limitBodies.ts";
import type { App, HttpPorts } from "./ports.ts";
import { toGlassworksError } from "./problem.ts";

declare module "fastify" {
	interface FastifyRequest {
		/** Who asks, in a dialect; null: nobody has to say. */
		caller: Caller | null;
	}
}

/** Another service's API, spoken by its own clients. One folder each in dialects/. */
export interface Dialect {
	/** What becomes of a request, as the dialect's clients are told by webhook; jobs say so by this name. */
	webhook?: { shape: string; present(door: Door, caller: Caller, job: JobBody): Promise<object> };
	/** Where it lies, such as `/openai/v1`. */
	prefix: string;
	/** Where else a request is meant for one of its routes: that route, with the prefix; null: it is not. */
	rewrite?(request: IncomingMessage): string | null;
	/** Answers with an error as its clients know them. */
	refuse(error: GlassworksError, request: FastifyRequest, reply: FastifyReply): FastifyReply;
	/** Its routes, without the prefix. They need a key unless they say otherwise; see authenticate.ts. */
	routes(app: FastifyInstance, door: Door): void | Promise<void>;
}

/** Where a request is really meant for. */
export function rewriteForDialects(dialects: readonly Dialect[], request: IncomingMessage): string {
	for (const dialect of dialects) {
		const meant = dialect.rewrite?.(request);
		if (meant) return meant;
	}
	return request.url ?? "/";
}

/** A message to the address that a dialect's request named, in that dialect's shape; null: the request was a native one. */
export async function presentDialectMessage(ports: HttpPorts, tenantId: string, jobId: string): Promise<object | null> {
	const door = createDoor(ports, new AbortController().signal);
	const caller = door.enter({ tenantId, plan: "", keyId: null, userId: null, scopes: ["read"] });
	const job = await caller.job(jobId).catch(() => null);
	const shape = job?.metadata[webhookShape];
	const dialect = ports.dialects.find(({ webhook }) => webhook !== undefined && webhook.shape === shape);
	return (job && dialect?.webhook?.present(door, caller, job)) ?? null;
}

/** Pictures come in JSON here, which makes them a third larger. */
const maxBodyFactor = 1.4;
/** Besides pictures. */
const maxTextBytes = 1_048_576;

export async function mountDialects(app: App, ports: HttpPorts, stop: AbortSignal, limitBodies: LimitBodies): Promise<void> {
	const door = createDoor(ports, stop);
	for (const dialect of ports.dialects)
		await app.register((scope: App) => mount(scope, dialect, ports, { door, limitBodies }), { prefix: dialect.prefix });
}

interface Shared {
	door: Door;
	limitBodies: LimitBodies;
}

async function mount(scope: App, dialect: Dialect, ports: HttpPorts, { door, limitBodies }: Shared): Promise<void> {
	authenticateRoutes(scope, ports);
	limitBodies(scope);
	auditRequests(scope, ports);
	scope.decorateRequest("caller", null);
	scope.addHook("onRequest", async (request) => {
		const counted = request.routeOptions.config.rate === "submit" ? 1 : 0;
		request.caller = request.principal && door.enter(request.principal, counted);
	});
	const refuse = (error: GlassworksError, request: FastifyRequest, reply: FastifyReply) => {
		const { retry_after_s: wait } = error.data;
		if (typeof wait === "number") reply.header("retry-after", String(wait));
		if (error.code === "unauthenticated") reply.header("www-authenticate", 'Bearer realm="glassworks"');
		return dialect.refuse(error, request, reply.code(error.status).header("cache-control", "no-store"));
	};
	scope.setErrorHandler((error, request, reply) => refuse(toGlassworksError(error, request as FastifyRequest), request, reply));
	scope.setNotFoundHandler((request, reply) =>
		refuse(
			new GlassworksError("not_found", `Nothing here by that address: ${request.method} ${request.url.split("?")[0]}.`),
			request,
			reply,
		),
	);
	scope.addHook("onRoute", (route) => {
		route.schema = { ...route.schema, hide: true };
		route.bodyLimit ??= Math.ceil(ports.config.limits.maxPictureBytes * maxBodyFactor) + maxTextBytes;
	});
	await dialect.routes(scope as unknown as FastifyInstance, door);
}
