import type { AssetBody, Caller, Door } from "../../contract/door.ts";
import type { PictureInput } from "../../contract/picture.ts";
import { GlassworksError } from "../../domain/errors.ts";

/**
 * A picture as clients of other services give one: a data URI, base64 (where `bare` allows it), an address of ours or anybody's.
 * @throws {GlassworksError} invalid_request, picture_*, naming `field`
 */
export async function readPicture(door: Door, caller: Caller, value: unknown, field: string, { bare = false } = {}): Promise<PictureInput> {
	if (typeof value !== "string" || value === "") throw wrong(field, "must be the address of a picture or a data URI");
	const data = /^data:[^,]{0,200};base64,/.exec(value);
	if (data) return keep(caller, decode(value.slice(data[0].length), field), field);
	if (/^https?:\/\//i.test(value)) return ownPicture(door, value) ?? { url: value };
	if (bare) return keep(caller, decode(value, field), field);
	throw wrong(field, "must be an address that begins with http or https, or a base64 data URI");
}

/** Keeps a picture that came as bytes; errors name `field`. */
export async function keepPicture(caller: Caller, bytes: Uint8Array, field: string): Promise<AssetBody> {
	try {
		return await caller.upload(bytes);
	} catch (error) {
		if (!(error instanceof GlassworksError) || error.fields.length > 0) throw error;
		throw new GlassworksError(error.code, `${field}: ${error.message}`, error.data, [{ path: [field], message: error.message }]);
	}
}

async function keep(caller: Caller, bytes: Uint8Array, field: string): Promise<PictureInput> {
	return { asset_id: (await keepPicture(caller, bytes, field)).id };
}

function decode(text: string, field: string): Uint8Array {
	if (!/^[A-Za-z0-9+/_-]+={0,2}\s*$/.test(text.replaceAll(/[\r\n]/g, ""))) throw wrong(field, "is not valid base64");
	return Buffer.from(text, "base64");
}

/** A link of this server names its picture: fetching it from ourselves would go around, and private networks are refused. */
function ownPicture(door: Door, address: string): PictureInput | null {
	if (!URL.canParse(address)) return null;
	const url = new URL(address);
	if (url.origin !== new URL(door.publicUrl()).origin) return null;
	const [, assetId] = /^\/api\/v1\/assets\/([A-Za-z0-9_-]{1,100})\/content$/.exec(url.pathname) ?? [];
	if (assetId) return { asset_id: assetId };
	const [, jobId, n] = /^\/api\/v1\/jobs\/([A-Za-z0-9_-]{1,100})\/images\/(\d{1,2})$/.exec(url.pathname) ?? [];
	return jobId && url.searchParams.get("variant") !== "original" ? { job_id: jobId, n: Number(n) } : null;
}

export function wrong(field: string, message: string): GlassworksError {
	return new GlassworksError("invalid_request", `${field}: ${message}.`, {}, [{ path: [field], message }]);
}
