import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Caller, Door } from "../../contract/door.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { callerOf } from "../common/callerOf.ts";

const uploadPath = "/fal/cdn/files/upload";
const uploads = { config: { access: "generate" as const } };

/** Uploads: to an address that was asked for first (JavaScript), or with a token that was (Python). Only pictures are kept. */
export function storageRoutes(app: FastifyInstance, door: Door): void {
	app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: door.maxPictureBytes }, (_request, body, done) => done(null, body));

	app.post("/rest/storage/upload/initiate", uploads, async (request) => {
		const caller = callerOf(request);
		const { id, url } = caller.reserve();
		return { upload_url: door.publicUrl() + caller.sign(`/fal/cdn/uploads/${id}`, {}), file_url: url };
	});

	app.post("/rest/storage/upload/initiate-multipart", uploads, async () => {
		throw tooLarge(door);
	});

	app.put<{ Params: { id: string } }>("/cdn/uploads/:id", { config: { access: "signed" } }, async (request) => {
		const [path = "", query = ""] = request.url.split("?", 2);
		const { caller } = await door.enterSigned(path, query);
		await keep(caller, request.body, request.params.id);
		return {};
	});

	app.post("/rest/storage/auth/token", uploads, async (request) => {
		const [, query = ""] = callerOf(request).sign(uploadPath, {}).split("?", 2);
		const expires = Number(new URLSearchParams(query).get("expires"));
		return {
			token: Buffer.from(query).toString("base64url"),
			token_type: "Bearer",
			base_url: `${door.publicUrl()}/fal/cdn`,
			expires_at: new Date(expires * 1_000).toISOString(),
		};
	});

	app.post("/cdn/files/upload", { config: { access: "open" } }, async (request) => {
		const { caller } = await door.enterSigned(uploadPath, tokenOf(request));
		const { url } = await keep(caller, request.body);
		return { access_url: url };
	});

	app.post("/cdn/files/upload/multipart", { config: { access: "open" } }, async () => {
		throw tooLarge(door);
	});
}

/** Realtime begins with a token: there is none, and why is told before a socket is opened. */
export function refuseRealtime(app: FastifyInstance): void {
	const refuse = async () => {
		throw new GlassworksError("not_found", "Realtime is not spoken here. Use `stream`, which shows the work as it is, or `subscribe`.");
	};
	for (const path of ["/rest/tokens", "/rest/tokens/"]) app.post(path, uploads, refuse);
}

function tokenOf({ headers }: FastifyRequest): string {
	const [, token] = /^Bearer ([A-Za-z0-9_-]+)$/.exec(headers.authorization ?? "") ?? [];
	if (!token) throw new GlassworksError("unauthenticated", "An upload needs the token of POST /fal/rest/storage/auth/token.");
	return Buffer.from(token, "base64url").toString("utf8");
}

/** A repeated upload finds its picture kept already. */
async function keep(caller: Caller, body: unknown, id?: string) {
	if (!Buffer.isBuffer(body) || body.length === 0) throw new GlassworksError("malformed_body", "Send the picture itself as the body.");
	const kept = id === undefined ? null : await caller.asset(id).catch(() => null);
	return kept ?? caller.upload(body, id);
}

function tooLarge({ maxPictureBytes: max }: Door): GlassworksError {
	return new GlassworksError("body_too_large", `Files here are pictures of at most ${max} bytes.`, { max });
}
