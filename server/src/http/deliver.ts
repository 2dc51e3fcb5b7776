import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { type ErrorCode, GlassworksError } from "../domain/errors.ts";
import type { BlobRef } from "../domain/jobs/job.ts";
import { type BlobStore, fileExtensions } from "../domain/ports.ts";
import type { FileRef } from "../domain/trainings/training.ts";
import type { App } from "./ports.ts";
import { matchesEtag, readRange } from "./range.ts";
import { bytes, problems } from "./responses.ts";

export type DeliveryHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** GET and HEAD of one address, by key or signed link. HEAD has its own route: Fastify's would read the whole picture to answer it. */
export function deliveryRoutes(app: App, url: string, schema: FastifyZodOpenApiSchema, handler: DeliveryHandler): void {
	const route = { url, config: { access: "signed" as const }, handler: handler as never };
	app.route({ ...route, method: "GET", exposeHeadRoute: false, schema });
	app.route({ ...route, method: "HEAD", schema: { ...schema, hide: true } });
}

/** Of what is no picture. */
export const fileType = "application/octet-stream";

/** What such a route answers. Files that are no pictures are sent from here alone. */
export function deliveryAnswers(what: string, types: readonly string[], ...codes: ErrorCode[]) {
	return {
		200: bytes(`${what}.`, ...types),
		206: bytes(`Part of ${what.toLowerCase()}.`, ...types),
		...(types.includes(fileType)
			? {}
			: { 302: { description: "By a signed link, where the storage gives links of its own: it is there, for some minutes." } }),
		304: { description: "You have it already." },
		...problems("unauthenticated", "forbidden", "not_found", "expired", "range_not_satisfiable", ...codes),
	};
}

/** How long an address at the storage itself works: as long as loading a page and a large picture may take. */
const storageLinkMs = 5 * 60_000;

interface Delivery {
	tenantId: string;
	picture: Pick<BlobRef, "sha256" | "mediaType" | "bytes"> | FileRef;
	/** Of the file, without its ending. */
	name: string;
	/** Asked by a signed link: may be sent on to the storage, where that gives links. A key must not be sent there. */
	byLink?: boolean;
}

/** Sends a stored picture: whole, one range of it, or only that it has not changed. */
export async function deliverPicture(
	request: FastifyRequest,
	reply: FastifyReply,
	blobs: BlobStore,
	{ tenantId, picture, name, byLink = false }: Delivery,
): Promise<FastifyReply> {
	const { mediaType } = picture;
	const isFile = mediaType === fileType;
	const fileName = `${name}.${isFile ? "safetensors" : fileExtensions[mediaType]}`;
	const elsewhere = byLink && !isFile ? await blobs.link(tenantId, picture.sha256, { mediaType, fileName, ttlMs: storageLinkMs }) : null;
	// Not to be kept: whether the link still holds is asked here each time.
	if (elsewhere) return reply.header("cache-control", "no-store").redirect(elsewhere, 302);
	const etag = `"${picture.sha256}"`;
	reply
		.header("etag", etag)
		.header("accept-ranges", "bytes")
		// Asked again each time, at the price of a 304: a deleted picture is gone at once.
		.header("cache-control", "private, no-cache")
		.header("content-security-policy", "default-src 'none'; sandbox")
		// A signed link is meant to be shown on other sites' pages too.
		.header("cross-origin-resource-policy", "cross-origin")
		.header("content-disposition", `${isFile ? "attachment" : "inline"}; filename="${fileName}"`);
	if (matchesEtag(request.headers["if-none-match"], etag)) return reply.code(304).send();
	const rangeHeader = isStale(request.headers["if-range"], etag) ? undefined : request.headers.range;
	const range = request.method === "GET" ? readRange(rangeHeader, picture.bytes) : "whole";
	if (range === "unsatisfiable") {
		reply.header("content-range", `bytes */${picture.bytes}`);
		throw new GlassworksError("range_not_satisfiable", `The file has ${picture.bytes} bytes.`, { bytes: picture.bytes });
	}
	reply.type(picture.mediaType);
	if (request.method === "HEAD") return reply.header("content-length", picture.bytes).send();
	const stream = Readable.from(await blobs.stream(tenantId, picture.sha256, range === "whole" ? undefined : range), { objectMode: false });
	if (range === "whole") return reply.header("content-length", picture.bytes).send(stream);
	const { start, end } = range;
	return reply
		.code(206)
		.header("content-length", end - start + 1)
		.header("content-range", `bytes ${start}-${end}/${picture.bytes}`)
		.send(stream);
}

/** If-Range names another version (or a date, which we do not keep): the range would not fit what the caller has. */
function isStale(ifRange: string | string[] | undefined, etag: string): boolean {
	return ifRange !== undefined && ifRange !== etag;
}
