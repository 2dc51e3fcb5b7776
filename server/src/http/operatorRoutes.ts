import { randomBytes } from "node:crypto";
import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { createdWorker, createWorker, workerList } from "../contract/operator.ts";
import { GlassworksError } from "../domain/errors.ts";
import { resourceId } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentWorker } from "./presentOperator.ts";
import { json, problems, security } from "./responses.ts";
import { sha256Hex } from "./sign.ts";

const access = { access: "operate" as const };
const params = z.object({ id: resourceId });
const common = { tags: ["Operator"], security: security.key };
const refusals = ["unauthenticated", "forbidden", "invalid_request", "malformed_body"] as const;

const createWorkerSchema = {
	...common,
	operationId: "createWorker",
	summary: "Let a machine run steps for this server",
	body: createWorker,
	response: { 201: json("Made. The token is shown this once.", createdWorker), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const listWorkersSchema = {
	...common,
	operationId: "listWorkers",
	summary: "Every worker, and when it was last seen",
	response: { 200: json("All of them.", workerList), ...problems("unauthenticated", "forbidden") },
} satisfies FastifyZodOpenApiSchema;
const revokeWorkerSchema = {
	...common,
	operationId: "revokeWorker",
	summary: "Stop a worker's token at once; what it ran goes back in line",
	params,
	response: { 204: { description: "It no longer works." }, ...problems("unauthenticated", "forbidden", "not_found") },
} satisfies FastifyZodOpenApiSchema;

/** The workers the operator runs the server with. Switches on workers are in steeringRoutes.ts. */
export function operatorRoutes(app: App, ports: HttpPorts): void {
	const { workers, newId, steering } = ports;

	app.post("/workers", { config: access, schema: createWorkerSchema }, async (request, reply) => {
		const { name, pools, capabilities } = request.body;
		requirePools(
			pools,
			(await steering.pools()).map((pool) => pool.id),
		);
		const token = `gwt_${randomBytes(32).toString("base64url")}`;
		const made = await workers.create({
			id: newId("worker"),
			name,
			kind: "remote",
			pools: [...new Set(pools)],
			allowed: capabilities ?? null,
			tokenHash: sha256Hex(token),
		});
		return reply.code(201).send({ worker: presentWorker({ ...made, running: 0 }), token });
	});
	app.get("/workers", { config: access, schema: listWorkersSchema }, async () => ({ data: (await workers.list()).map(presentWorker) }));
	app.post("/workers/:id/revoke", { config: access, schema: revokeWorkerSchema }, async (request, reply) => {
		await workers.revoke(request.params.id);
		return reply.code(204).send();
	});
}

/** @throws {GlassworksError} invalid_request */
function requirePools(asked: readonly string[], known: readonly string[]): void {
	const fields = asked.flatMap((pool, index) =>
		known.includes(pool) ? [] : [{ path: ["pools", index], message: `one of ${known.join(", ")}` }],
	);
	if (fields.length > 0) throw new GlassworksError("invalid_request", `pools: this server has ${known.join(", ")}.`, {}, fields);
}
