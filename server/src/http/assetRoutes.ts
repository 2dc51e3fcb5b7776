import multipart from "@fastify/multipart";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { asset } from "../contract/picture.ts";
import { GlassworksError } from "../domain/errors.ts";
import { mediaTypes } from "../domain/ports.ts";
import { planKeepsS } from "../domain/storage/retention.ts";
import { principalOf } from "./authenticate.ts";
import { type DeliveryHandler, deliverPicture, deliveryAnswers, deliveryRoutes } from "./deliver.ts";
import { signedQuery, tenantOf } from "./imageRoutes.ts";
import { resourceId } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentAsset } from "./presentServer.ts";
import { admitPicture } from "./readPicture.ts";
import { bytes, json, problems, security } from "./responses.ts";
import { thumbnailOf, thumbnailSidePx } from "./thumbnailOf.ts";

export const assetParams = z.object({ id: resourceId.describe("The asset.") });
const upload = {
	description: "The picture itself, or a form with a field `file`.",
	content: {
		...bytes("", "image/png", "image/jpeg", "image/webp", "image/gif", "image/avif", "application/octet-stream").content,
		"multipart/form-data": {
			schema: { type: "object" as const, properties: { file: { type: "string" as const, format: "binary" } }, required: ["file"] },
		},
	},
};

const createSchema = {
	operationId: "createAsset",
	tags: ["Assets"],
	summary: "Upload a picture",
	description: "Checked, turned upright and stripped of all metadata before it is kept. PNG, JPEG, WebP, GIF (first frame) and AVIF.",
	security: security.key,
	body: upload,
	response: {
		201: json("Kept. `Location` is its address.", asset),
		...problems(
			"unauthenticated",
			"forbidden",
			"malformed_body",
			"invalid_request",
			"unsupported_media_type",
			"body_too_large",
			"picture_unsupported",
			"picture_corrupt",
			"picture_too_large",
			"picture_polyglot",
			"decode_limit",
			"unavailable",
		),
	},
} satisfies FastifyZodOpenApiSchema;

const getSchema = {
	operationId: "getAsset",
	tags: ["Assets"],
	summary: "An uploaded picture",
	security: security.key,
	params: assetParams,
	response: { 200: json("The asset.", asset), ...problems("unauthenticated", "forbidden", "not_found", "picture_deleted") },
} satisfies FastifyZodOpenApiSchema;

const contentSchema = {
	operationId: "getAssetContent",
	tags: ["Assets"],
	summary: "An uploaded picture's bytes",
	security: security.signed,
	params: assetParams,
	querystring: signedQuery.extend({
		variant: z
			.literal("thumbnail")
			.optional()
			.describe(`Small: a WebP of at most ${thumbnailSidePx} px per side. Left out: as it was uploaded.`),
	}),
	response: deliveryAnswers("The picture", mediaTypes, "picture_deleted", "decode_limit", "unavailable"),
};

export async function assetRoutes(app: App, ports: HttpPorts): Promise<void> {
	const { maxPictureBytes } = ports.config.limits;
	await app.register(multipart, { limits: { fileSize: maxPictureBytes, files: 1, fields: 10, parts: 11, fieldSize: 10_000 } });
	app.addContentTypeParser<Buffer>(
		/^(image\/|application\/octet-stream)/,
		{ parseAs: "buffer", bodyLimit: maxPictureBytes },
		(_request, body, done) => done(null, body),
	);
	// A form is a little larger than the file in it; the body is described in the document and read by hand.
	const options = { bodyLimit: maxPictureBytes + 65_536, validatorCompiler: () => (value: unknown) => ({ value }) };

	app.post("/assets", { ...options, config: { access: "generate" }, schema: createSchema }, async (request, reply) => {
		const { tenantId, plan } = principalOf(request);
		const picture = await admitPicture(ports, tenantId, await readUpload(request));
		const keepS = planKeepsS(ports.operator, plan);
		const stored = await ports.assets.create({ id: ports.newId("asset"), tenantId, picture, keepS });
		return reply.code(201).header("location", `/api/v1/assets/${stored.id}`).send(presentAsset(ports, stored));
	});

	app.get("/assets/:id", { schema: getSchema }, async (request) =>
		presentAsset(ports, await ports.assets.get(principalOf(request).tenantId, request.params.id)),
	);

	const content = async (
		request: FastifyRequest<{ Params: { id: string }; Querystring: { variant?: "thumbnail" } }>,
		reply: FastifyReply,
	): Promise<FastifyReply> => {
		const { id } = request.params;
		const tenantId = tenantOf(ports, request);
		const { variant } = request.query;
		const { picture: full } = await ports.assets.get(tenantId, id);
		const picture = variant ? await thumbnailOf(ports, tenantId, { assetId: id }, full) : full;
		return deliverPicture(request, reply, ports.blobs, {
			...{ tenantId, picture, name: `glassworks-${id}${variant ? `-${variant}` : ""}` },
			byLink: request.principal === null,
		});
	};
	deliveryRoutes(app, "/assets/:id/content", contentSchema, content as DeliveryHandler);
}

async function readUpload(request: FastifyRequest): Promise<Uint8Array> {
	if (!request.isMultipart()) {
		if (request.body instanceof Uint8Array) return request.body;
		throw new GlassworksError(
			"unsupported_media_type",
			"Send the picture itself with its own content type, or a form with a field `file`.",
		);
	}
	const part = await readForm(() => request.file());
	if (part?.fieldname === "file") return readForm(() => part.toBuffer());
	part?.file.resume();
	const message = "is required: the picture, as a file";
	throw new GlassworksError("invalid_request", `file: ${message}.`, {}, [{ path: ["file"], message }]);
}

/** What the form's reader throws without a code of its own is about the caller's bytes. */
async function readForm<T>(read: () => Promise<T>): Promise<T> {
	try {
		return await read();
	} catch (error) {
		if (error instanceof Error && "code" in error) throw error;
		throw new GlassworksError("malformed_body", "The form could not be read.");
	}
}
