import type { FastifyRequest } from "fastify";
import type { AssetBody, Caller, Door } from "../../contract/door.ts";
import { isJsonObject } from "../../domain/json.ts";
import { type Form, readForm } from "../common/readForm.ts";
import { keepPicture, readPicture, wrong } from "../common/readPicture.ts";

interface Sources {
	fields: Record<string, unknown>;
	image: AssetBody;
	mask: AssetBody | null;
}

/** The pictures of an edit: in a form, or by address in JSON. @throws {GlassworksError} picture_*, invalid_request */
export async function readSources(door: Door, caller: Caller, request: FastifyRequest): Promise<Sources> {
	if (request.isMultipart()) return fromForm(caller, await readForm(request));
	const body = isJsonObject(request.body) ? request.body : {};
	const first = Array.isArray(body.images) ? body.images[0] : undefined;
	const image = await fromAddress(door, caller, first, "images");
	return { fields: body, image, mask: body.mask ? await fromAddress(door, caller, body.mask, "mask") : null };
}

async function fromForm(caller: Caller, { fields, files }: Form): Promise<Sources> {
	const [image, second] = files.filter((file) => file.name === "image");
	const mask = files.find((file) => file.name === "mask");
	if (!image) throw wrong("image", "is required: the picture, as a file");
	if (second) throw wrong("image", "must be one picture: models here start from one");
	return {
		fields,
		image: await keepPicture(caller, image.bytes, "image"),
		mask: mask ? await keepPicture(caller, mask.bytes, "mask") : null,
	};
}

async function fromAddress(door: Door, caller: Caller, given: unknown, field: string): Promise<AssetBody> {
	const address = isJsonObject(given) ? given.image_url : undefined;
	const input = await readPicture(door, caller, address, `${field}.image_url`);
	if ("asset_id" in input) return caller.asset(input.asset_id);
	if ("job_id" in input) return keepPicture(caller, (await caller.picture(input.job_id, input.n ?? 0)).bytes, field);
	throw wrong(`${field}.image_url`, "must be a data URI or an address of this server");
}
