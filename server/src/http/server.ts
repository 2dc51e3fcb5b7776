import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import cookie from "@fastify/cookie";
import { type FastifyInstance, type FastifyRequest, fastify, LogController, type RawServerDefault } from "fastify";
import { createSerializerCompiler, type FastifyZodOpenApiTypeProvider, validatorCompiler } from "fastify-zod-openapi";
import { GlassworksError } from "../domain/errors.ts";
import { accountDeletionRoutes } from "./accountDeletionRoutes.ts";
import { accountRoutes } from "./accountRoutes.ts";
import { assetRoutes } from "./assetRoutes.ts";
import { auditRequests } from "./auditRequests.ts";
import { auditRoutes } from "./auditRoutes.ts";
import { authenticateRoutes } from "./authenticate.ts";
import { batchEventRoutes } from "./batches/batchEventRoutes.ts";
import { batchRoutes } from "./batches/batchRoutes.ts";
import { batchViewRoutes } from "./batches/batchViewRoutes.ts";
import { batchZipRoutes } from "./batches/batchZipRoutes.ts";
import { closeQuietConnections } from "./closeConnections.ts";
import { creditRoutes } from "./creditRoutes.ts";
import { deletionRoutes } from "./deletionRoutes.ts";
import { describeRoutes, docsRoutes } from "./docsRoutes.ts";
import { editRoutes } from "./editRoutes.ts";
import { engineRoutes } from "./engineRoutes.ts";
import { exportRoutes } from "./exportRoutes.ts";
import { boardRoutes } from "./gallery/boardRoutes.ts";
import { galleryRoutes } from "./gallery/galleryRoutes.ts";
import { generationRoutes } from "./generationRoutes.ts";
import { healthRoutes } from "./healthRoutes.ts";
import { imageRoutes } from "./imageRoutes.ts";
import { invitationRoutes } from "./invitationRoutes.ts";
import { jobEventRoutes } from "./jobEventRoutes.ts";
import { jobRoutes } from "./jobRoutes.ts";
import { keyRoutes } from "./keyRoutes.ts";
import { createBodyLimits, type LimitBodies } from "./limitBodies.ts";
import { limitStrangers } from "./limitRequests.ts";
import { memberRoutes } from "./memberRoutes.ts";
import { metricsRoutes, watchRefusals } from "./metricsRoutes.ts";
import { mountDialects, rewriteForDialects } from "./mountDialects.ts";
import { operatorRoutes } from "./operatorRoutes.ts";
import { peopleRoutes } from "./peopleRoutes.ts";
import { poolRoutes } from "./poolRoutes.ts";
import type { App, HttpConfig, HttpPorts } from "./ports.ts";
import { sendProblem, toGlassworksError } from "./problem.ts";
import { promiseRoutes } from "./promiseRoutes.ts";
import { queueRoutes } from "./queueRoutes.ts";
import { isStorable, readJsonBodies } from "./readJson.ts";
import { retryRoute } from "./retryRoute.ts";
import { type ListedRoute, listRoutes, methodsAt } from "./routeList.ts";
import { runRoutes } from "./runRoutes.ts";
import { serverRoutes } from "./serverRoutes.ts";
import { sessionRoutes } from "./sessionRoutes.ts";
import { statusRoutes } from "./statusRoutes.ts";
import { steeringRoutes } from "./steeringRoutes.ts";
import { storageRoutes } from "./storageRoutes.ts";
import { createStreamSlots } from "./streamSlots.ts";
import { type SendStudio, studioRoutes, wantsPage } from "./studioRoutes.ts";
import { tenantRoutes } from "./tenantRoutes.ts";
import { trainingFileRoutes } from "./trainingFileRoutes.ts";
import { trainingRoutes } from "./trainingRoutes.ts";
import { usageRoutes } from "./usageRoutes.ts";
import { webhookRoutes } from "./webhookRoutes.ts";
import { authenticateWorkers } from "./worker/authenticateWorker.ts";
import { taskRoutes } from "./worker/taskRoutes.ts";
import { workerRoutes } from "./worker/workerRoutes.ts";
import { workflowRoutes } from "./workflowRoutes.ts";

declare module "fastify" {
	interface FastifyInstance {
		/** Every route there is. */
		listedRoutes: readonly ListedRoute[];
	}
}

/** The whole HTTP side, ready to listen. `close()` ends event streams and waiting claims, then waits for what is in progress. */
export async function createHttpServer(ports: HttpPorts): Promise<FastifyInstance> {
	const { config } = ports;
	const app: App = fastify<RawServerDefault, IncomingMessage, ServerResponse>({
		...(ports.log ? { loggerInstance: ports.log } : { logger: false }),
		// Fastify's own lines name addresses with their signatures; see logRequests.
		logController: new LogController({ disableRequestLogging: true }),
		trustProxy: (_address, hop) => hop < config.proxies,
		bodyLimit: config.limits.maxBodyBytes,
		requestTimeout: 300_000,
		return503OnClosing: false,
		routerOptions: { maxParamLength: 200 },
		genReqId: requestId,
		rewriteUrl: (request) => rewriteForDialects(ports.dialects, request),
		frameworkErrors: (error, request, reply) => void sendProblem(reply, toGlassworksError(error, request), config.publicUrl()),
	}).withTypeProvider<FastifyZodOpenApiTypeProvider>();
	app.setValidatorCompiler(validatorCompiler);
	// Answers are checked against their schema, which also drops whatever it does not name.
	app.setSerializerCompiler(createSerializerCompiler({ stringify: (value) => JSON.stringify(value) }));

	const routes = listRoutes(app);
	app.decorate("listedRoutes", routes);
	// Before any plugin: those take the handler that is there when they are registered.
	app.setErrorHandler((error, request, reply) =>
		sendProblem(reply, toGlassworksError(error, request as FastifyRequest), config.publicUrl()),
	);
	const stop = stopSignal(app);
	closeQuietConnections(app.server, stop);
	readJsonBodies(app);
	guardRequests(app, stop);
	logRequests(app);
	limitStrangers(app as unknown as FastifyInstance, ports);
	await app.register(cookie);
	await describeRoutes(app, config.version, ports.operator.brand.name);
	const limitBodies = createBodyLimits();
	await app.register(async (scope: App) => userApi(scope, ports, stop, limitBodies), { prefix: "/api/v1" });
	await app.register(async (scope: App) => workerApi(scope, ports, stop), { prefix: "/api/worker/v1" });
	await mountDialects(app, ports, stop, limitBodies);
	healthRoutes(app, ports);
	metricsRoutes(app, ports);
	await docsRoutes(app, ports);
	answerUnknown(app, routes, config, await studioRoutes(app, ports));
	return app as unknown as FastifyInstance;
}

async function userApi(app: App, ports: HttpPorts, stop: AbortSignal, limitBodies: LimitBodies): Promise<void> {
	authenticateRoutes(app, ports);
	limitBodies(app);
	auditRequests(app, ports);
	watchRefusals(app, ports);
	generationRoutes(app, ports);
	editRoutes(app, ports);
	jobRoutes(app, ports);
	retryRoute(app, ports);
	const slots = createStreamSlots(ports.config.limits.streamsPerKey);
	trainingRoutes(app, ports);
	trainingFileRoutes(app, ports);
	jobEventRoutes(app, ports, stop, slots);
	batchEventRoutes(app, ports, stop, slots);
	imageRoutes(app, ports);
	deletionRoutes(app, ports);
	galleryRoutes(app, ports);
	boardRoutes(app, ports);
	storageRoutes(app, ports);
	exportRoutes(app, ports);
	serverRoutes(app, ports);
	workflowRoutes(app, ports);
	runRoutes(app, ports);
	queueRoutes(app, ports);
	statusRoutes(app, ports);
	sessionRoutes(app, ports);
	keyRoutes(app, ports);
	peopleRoutes(app, ports);
	memberRoutes(app, ports);
	invitationRoutes(app, ports);
	tenantRoutes(app, ports);
	operatorRoutes(app, ports);
	poolRoutes(app, ports);
	engineRoutes(app, ports);
	steeringRoutes(app, ports);
	accountRoutes(app, ports);
	accountDeletionRoutes(app, ports);
	creditRoutes(app, ports);
	promiseRoutes(app, ports);
	usageRoutes(app, ports);
	auditRoutes(app, ports);
	webhookRoutes(app, ports);
	await app.register(async (scope: App) => assetRoutes(scope, ports));
	await app.register(async (scope: App) => batchRoutes(scope, ports));
	batchViewRoutes(app, ports);
	batchZipRoutes(app, ports);
}

async function workerApi(app: App, ports: HttpPorts, stop: AbortSignal): Promise<void> {
	authenticateWorkers(app, ports);
	workerRoutes(app, ports, stop);
	taskRoutes(app, ports);
}

/** Aborted when the server begins to close. */
function stopSignal(app: App): AbortSignal {
	const stop = new AbortController();
	app.addHook("preClose", async () => stop.abort());
	return stop.signal;
}

/** A caller's own request id, where it is harmless in a log. */
function requestId(request: IncomingMessage): string {
	const given = request.headers["x-request-id"];
	return typeof given === "string" && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : randomUUID();
}

function guardRequests(app: App, stop: AbortSignal): void {
	app.decorateRequest("sentBody", undefined);
	app.addHook("onRequest", async (request, reply) => {
		reply
			.header("x-request-id", request.id)
			.header("x-content-type-options", "nosniff")
			.header("referrer-policy", "no-referrer")
			.header("x-frame-options", "DENY");
		if (!stop.aborted) return;
		reply.header("connection", "close");
		throw new GlassworksError("unavailable", "The server is stopping. Try again shortly.", { retry_after_s: 5 });
	});
	app.addHook("preValidation", async (request) => {
		for (const [name, value] of Object.entries(request.query as Record<string, unknown>)) {
			if ([value].flat().every((each) => typeof each !== "string" || isStorable(each))) continue;
			const message = "must be text without NUL characters";
			throw new GlassworksError("invalid_request", `${name}: ${message}.`, {}, [{ path: [name], message }]);
		}
		request.sentBody = request.body;
	});
}

/** One line per request: never its query, body, headers or cookies. */
function logRequests(app: App): void {
	app.addHook("onResponse", async (request, reply) => {
		request.log.info(
			{
				method: request.method,
				// A link that a workflow is shared by opens it to whoever reads it.
				path: request.url.split("?")[0]?.replace(/wfs_[A-Za-z0-9_-]+/, "wfs_..."),
				status: reply.statusCode,
				ms: Math.round(reply.elapsedTime),
				...(request.principal ? { tenantId: request.principal.tenantId } : {}),
				...(request.worker ? { workerId: request.worker.id } : {}),
			},
			"request",
		);
	});
}

function answerUnknown(app: App, routes: readonly ListedRoute[], config: HttpConfig, sendStudio: SendStudio): void {
	app.setNotFoundHandler((request, reply) => {
		const path = request.url.split("?")[0] ?? "";
		const allowed = methodsAt(routes, path);
		if (allowed.length > 0 && !allowed.includes(request.method)) {
			const error = new GlassworksError("method_not_allowed", `${path} takes ${allowed.join(", ")}.`);
			return sendProblem(reply.header("allow", allowed.join(", ")), error, config.publicUrl());
		}
		if (sendStudio && wantsPage(request)) return sendStudio(reply);
		return sendProblem(reply, new GlassworksError("not_found", "Nothing here by that address."), config.publicUrl());
	});
}
