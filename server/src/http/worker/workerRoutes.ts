import type { FastifyReply } from "fastify";
import { claim, hello, publishNodes, type WorkBody, welcome, works } from "../../contract/worker.ts";
import { GlassworksError } from "../../domain/errors.ts";
import type { DispatchedWork } from "../../domain/jobs/dispatcher.ts";
import type { Worker } from "../../domain/jobs/workerStore.ts";
import { registryOf } from "../../domain/plans/operatorConfig.ts";
import type { Capability } from "../../domain/ports.ts";
import { inputLink } from "../links.ts";
import type { App, HttpPorts } from "../ports.ts";
import { json, problems, security } from "../responses.ts";
import { sha256Hex } from "../sign.ts";
import { workerOf } from "./authenticateWorker.ts";

/** Servers with hundreds of custom nodes describe them in some 5 MB. */
const maxNodesBytes = 32 * 1_048_576;

/** `stop` is aborted when the server is about to close: waiting claims answer at once. */
export function workerRoutes(app: App, ports: HttpPorts, stop: AbortSignal): void {
	helloRoutes(app, ports);
	app.post(
		"/claims",
		{
			schema: {
				operationId: "workerClaim",
				tags: ["Worker protocol"],
				summary: "Ask for work, and wait for it",
				security: security.worker,
				body: claim,
				response: {
					200: json("Tasks, perhaps none.", works),
					...problems("unauthenticated", "forbidden", "invalid_request", "malformed_body"),
				},
			},
		},
		async (request, reply) => {
			const worker = workerOf(request);
			const { pool, loadedModel, slots, waitMs, capabilities } = request.body;
			if (!worker.pools.includes(pool)) throw new GlassworksError("forbidden", `This worker may not claim in the pool "${pool}".`);
			const gone = goneSignal(reply);
			const claimed = await ports.dispatcher.claim(
				worker.id,
				{ pool, capabilities: allowedOf(worker, capabilities), loadedModel, slots, waitMs },
				AbortSignal.any([gone, stop]),
			);
			const giveBack = () => {
				for (const { lease } of claimed) void ports.dispatcher.finish(lease, { kind: "released" }).catch(() => undefined);
			};
			// Work that never reached the worker goes back in line now, not when its lease runs out.
			if (gone.aborted) giveBack();
			else gone.addEventListener("abort", giveBack, { once: true });
			return { tasks: claimed.map((work) => presentWork(ports, work)) };
		},
	);
}

function helloRoutes(app: App, ports: HttpPorts): void {
	app.post(
		"/hello",
		{
			schema: {
				operationId: "workerHello",
				tags: ["Worker protocol"],
				summary: "Say what this worker is, every heartbeat",
				security: security.worker,
				body: hello,
				response: { 200: json("The terms.", welcome), ...problems("unauthenticated", "invalid_request", "malformed_body") },
			},
		},
		async (request) => {
			const worker = await ports.workers.seen(workerOf(request).id, request.body);
			const { leaseMs, heartbeatMs } = ports.config;
			const { nodesDigest } = request.body;
			return {
				...{ workerId: worker.id, name: worker.name, pools: worker.pools, leaseMs, heartbeatMs },
				registry: registryOf(ports.operator),
				wantsNodes: nodesDigest !== null && !(await ports.nodes.has(nodesDigest)),
			};
		},
	);

	app.post(
		"/nodes",
		{
			bodyLimit: maxNodesBytes,
			schema: {
				operationId: "workerNodes",
				tags: ["Worker protocol"],
				summary: "Describe the nodes of this worker's ComfyUI, when the answer to hello wants it",
				security: security.worker,
				body: publishNodes,
				response: {
					204: { description: "Kept." },
					...problems("unauthenticated", "invalid_request", "malformed_body", "body_too_large"),
				},
			},
		},
		async (request, reply) => {
			const { digest, nodes } = request.body;
			if (sha256Hex(JSON.stringify(nodes)) !== digest)
				throw new GlassworksError("invalid_request", "digest: must be the SHA-256 of the nodes' JSON.", {}, [
					{ path: ["digest"], message: "must be the SHA-256 of the nodes' JSON" },
				]);
			await ports.nodes.put(digest, nodes);
			return reply.code(204).send();
		},
	);
}

function allowedOf(worker: Worker, capabilities: readonly Capability[]): Capability[] {
	const { allowed } = worker;
	return allowed === null ? [...capabilities] : capabilities.filter((capability) => allowed.includes(capability));
}

/** Aborted once the caller has hung up before it had its answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
	const gone = new AbortController();
	reply.raw.once("close", () => reply.raw.writableFinished || gone.abort());
	if (reply.raw.destroyed) gone.abort();
	return gone.signal;
}

function presentWork({ signingKey, config }: Pick<HttpPorts, "signingKey" | "config">, work: DispatchedWork): WorkBody {
	const { lease, kind, model, params, inputs, files } = work;
	// Whether the lease still holds is asked again at each read; the link only has to outlive long steps.
	const linkTtlMs = Math.max(config.leaseMs * 10, 3_600_000);
	return {
		taskId: lease.taskId,
		attempt: lease.attempt,
		kind,
		model,
		params,
		inputs: Object.fromEntries(
			Object.entries(inputs).map(([role, blob]) => [
				role,
				{
					url: inputLink(signingKey, lease, role, blob, linkTtlMs),
					mediaType: blob.mediaType,
					widthPx: blob.widthPx,
					heightPx: blob.heightPx,
				},
			]),
		),
		files: Object.fromEntries(
			Object.entries(files).map(([role, sha256]) => [
				role,
				{ url: inputLink(signingKey, lease, role, { sha256, bytes: 0, mediaType: "application/octet-stream" }, linkTtlMs) },
			]),
		),
	};
}
