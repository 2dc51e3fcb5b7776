import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { DeliveryHandler } from "../deliver.ts";
import { signedQuery, tenantOf } from "../imageRoutes.ts";
import type { App, HttpPorts } from "../ports.ts";
import { bytes, problems, security } from "../responses.ts";
import { batchParams } from "./batchRoutes.ts";
import { zipBatch } from "./zipBatch.ts";

const schema = {
	operationId: "getBatchZip",
	tags: ["Batches"],
	summary: "A batch's pictures as one ZIP",
	description:
		"All that are there now, while the batch runs too. With `manifest.json` (recipe, seed and price of each) and `errors.json` (what is not in it, and why). With a key, or without one through the signed link in a batch. Written as it is sent: its length is not known before.",
	security: security.signed,
	params: batchParams,
	querystring: signedQuery,
	response: { 200: bytes("The ZIP.", "application/zip"), ...problems("unauthenticated", "forbidden", "not_found", "expired") },
};

export function batchZipRoutes(app: App, ports: HttpPorts): void {
	const handler = async (request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply): Promise<FastifyReply> => {
		const batch = await ports.batches.get(tenantOf(ports, request), request.params.id);
		const name =
			batch.name
				.normalize("NFKD")
				.replaceAll(/[^A-Za-z0-9._-]+/g, "-")
				.replace(/^[-.]+/, "")
				.slice(0, 60) || batch.id;
		reply
			.type("application/zip")
			.header("cache-control", "private, no-store")
			.header("content-disposition", `attachment; filename="${name}.zip"`);
		if (request.method === "HEAD") return reply.send();
		return reply.send(Readable.from(zipBatch(ports, batch), { objectMode: false, highWaterMark: 65_536 }));
	};
	const route = { url: "/batches/:id/zip", config: { access: "signed" as const }, handler: handler as DeliveryHandler as never };
	app.route({ ...route, method: "GET", exposeHeadRoute: false, schema });
	app.route({ ...route, method: "HEAD", schema: { ...schema, hide: true } });
}
