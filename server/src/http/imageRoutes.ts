import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { GlassworksError } from "../domain/errors.ts";
import { mediaTypes } from "../domain/ports.ts";
import { isSignedLink, principalOf } from "./authenticate.ts";
import { type DeliveryHandler, deliverPicture, deliveryAnswers, deliveryRoutes } from "./deliver.ts";
import { jobParams } from "./jobRoutes.ts";
import type { Variant } from "./links.ts";
import { requirePicture } from "./pictureOf.ts";
import type { App, HttpPorts } from "./ports.ts";
import { security } from "./responses.ts";
import { readSignedLink } from "./sign.ts";
import { thumbnailOf, thumbnailSidePx } from "./thumbnailOf.ts";

export const imageParams = jobParams.extend({ n: z.coerce.number().int().min(0).max(99).describe("Which picture; 0 is the first.") });
/** What a signed link carries; `signature` covers all of it. */
export const signedQuery = z.object({
	tenant: z.string().max(100).optional().describe("Part of a signed link."),
	expires: z.string().max(20).optional().describe("Part of a signed link: Unix seconds."),
	signature: z.string().max(100).optional().describe("Part of a signed link."),
});
const query = signedQuery.extend({
	variant: z
		.enum(["result", "original", "thumbnail"])
		.default("result")
		.describe(
			`The finished picture; the one before face restoration and upscaling; or the finished one as a WebP of at most ${thumbnailSidePx} px per side.`,
		),
});

const schema = {
	operationId: "getImage",
	tags: ["Jobs"],
	summary: "A picture's bytes",
	description: "With a key, or without one through the signed link in a job. Takes ranges, ETag and HEAD.",
	security: security.signed,
	params: imageParams,
	querystring: query,
	response: deliveryAnswers("The picture", mediaTypes, "picture_deleted", "job_deleted", "invalid_request", "decode_limit", "unavailable"),
};

export function imageRoutes(app: App, ports: HttpPorts): void {
	const handler = async (
		request: FastifyRequest<{ Params: { id: string; n: number }; Querystring: { variant: Variant } }>,
		reply: FastifyReply,
	): Promise<FastifyReply> => {
		const { id, n } = request.params;
		const { variant } = request.query;
		const tenantId = tenantOf(ports, request);
		const full = await requirePicture(
			ports.workflows,
			await ports.jobs.get(tenantId, id),
			n,
			variant === "original" ? "original" : "result",
		);
		const picture = variant === "thumbnail" ? await thumbnailOf(ports, tenantId, { jobId: id, n }, full) : full;
		const name = `glassworks-${id}-${n}${variant === "result" ? "" : `-${variant}`}`;
		return deliverPicture(request, reply, ports.blobs, { tenantId, picture, name, byLink: request.principal === null });
	};
	deliveryRoutes(app, "/jobs/:id/images/:n", schema, handler as DeliveryHandler);
}

/** Whose things are asked for: the key's tenant, or the one a signed link was made for. @throws {GlassworksError} expired, forbidden */
export function tenantOf(ports: Pick<HttpPorts, "signingKey">, request: FastifyRequest): string {
	if (request.principal || !isSignedLink(request)) return principalOf(request).tenantId;
	const [path = "", search = ""] = request.url.split("?", 2);
	const { tenant } = readSignedLink(ports.signingKey, path, new URLSearchParams(search));
	if (!tenant) throw new GlassworksError("forbidden", "The link's signature does not match.");
	return tenant;
}
