import type { FastifyInstance, FastifyRequest } from "fastify";
import { GlassworksError } from "../../domain/errors.ts";
import type { Worker } from "../../domain/jobs/workerStore.ts";
import { countedHere, limitStranger } from "../limitRequests.ts";
import type { HttpPorts } from "../ports.ts";
import { sha256Hex } from "../sign.ts";

declare module "fastify" {
	interface FastifyRequest {
		/** The remote worker that asks; see workerOf. */
		worker: Worker | null;
	}
}

/** Every route of this plugin takes a worker's token and nothing else: no key, no session, no local token. */
export function authenticateWorkers(app: FastifyInstance, ports: Pick<HttpPorts, "workers" | "limiter" | "operator">): void {
	app.decorateRequest("worker", null);
	countedHere(app);
	app.addHook("onRequest", async (request, reply) => {
		const [, token] = /^Bearer +(gwt_[A-Za-z0-9_-]{20,200}) *$/i.exec(request.headers.authorization ?? "") ?? [];
		const worker = token ? await ports.workers.findByTokenHash(sha256Hex(token)) : null;
		if (!worker || worker.revokedAt !== null) {
			await limitStranger(ports, request, reply);
			throw new GlassworksError("unauthenticated", "The worker's token is not valid or was revoked.");
		}
		request.worker = worker;
	});
}

export function workerOf(request: FastifyRequest): Worker {
	if (!request.worker) throw new Error("the route let someone in without a worker's token");
	return request.worker;
}
