import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { dedicatePool, pool, poolList, releasedPool, releasePoolQuery } from "../contract/operator.ts";
import { announce } from "../domain/jobs/announce.ts";
import { resourceId } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentPool } from "./presentOperator.ts";
import { json, problems, security } from "./responses.ts";

const access = { access: "operate" as const };
const common = { tags: ["Operator"], security: security.key };
const params = z.object({ id: resourceId.describe("The pool.") });
const refusals = ["unauthenticated", "forbidden", "not_found"] as const;

const listSchema = {
	...common,
	operationId: "listPools",
	summary: "Pools of workers, dedicated ones with whom they serve",
	response: { 200: json("All of them.", poolList), ...problems("unauthenticated", "forbidden") },
} satisfies FastifyZodOpenApiSchema;
const pauseSchema = {
	...common,
	operationId: "pausePool",
	summary: "Hand out nothing more of a pool; what runs goes on",
	params,
	response: { 200: json("The pool, paused.", pool), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const resumeSchema = {
	...common,
	operationId: "resumePool",
	summary: "Hand out a paused pool's steps again",
	params,
	response: { 200: json("The pool.", pool), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const dedicateSchema = {
	...common,
	operationId: "dedicatePool",
	summary: "Give one account a pool of its own",
	description: "New jobs of the account send the base pool's steps there; what waits already stays. Workers join it by its name.",
	body: dedicatePool,
	response: { 201: json("The pool.", pool), ...problems(...refusals, "invalid_request", "malformed_body") },
} satisfies FastifyZodOpenApiSchema;
const releaseSchema = {
	...common,
	operationId: "releasePool",
	summary: "End a dedicated pool",
	params,
	querystring: releasePoolQuery,
	response: { 200: json("It is gone.", releasedPool), ...problems(...refusals, "pool_in_use") },
} satisfies FastifyZodOpenApiSchema;

/** The operator's switches on pools. */
export function poolRoutes(app: App, { steering, bus, newId }: HttpPorts): void {
	app.get("/pools", { config: access, schema: listSchema }, async () => ({ data: (await steering.pools()).map(presentPool) }));
	app.post("/pools", { config: access, schema: dedicateSchema }, async (request, reply) => {
		const { base, tenant, name } = request.body;
		const made = await steering.dedicatePool({ id: name ?? newId("pool"), base, tenantId: tenant });
		return reply.code(201).send(presentPool(made));
	});
	app.post("/pools/:id/pause", { config: access, schema: pauseSchema }, async (request) =>
		presentPool(await steering.pausePool(request.params.id, true)),
	);
	app.post("/pools/:id/resume", { config: access, schema: resumeSchema }, async (request) => {
		const resumed = await steering.pausePool(request.params.id, false);
		announce(bus, { jobIds: [], pools: [resumed.id], stoppedTaskIds: [] });
		return presentPool(resumed);
	});
	app.delete("/pools/:id", { config: access, schema: releaseSchema }, async (request) => {
		const { moved, ...effects } = await steering.releasePool(request.params.id, { move: request.query.move === "true" });
		announce(bus, effects);
		return { moved };
	});
}
