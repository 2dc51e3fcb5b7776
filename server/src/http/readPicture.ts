import type { PictureInput } from "../contract/picture.ts";
import { type FieldError, GlassworksError } from "../domain/errors.ts";
import type { BlobRef } from "../domain/jobs/job.ts";
import type { BlobStore, Picture } from "../domain/ports.ts";
import { requirePicture } from "./pictureOf.ts";
import type { HttpPorts } from "./ports.ts";

export type PicturePorts = Pick<HttpPorts, "assets" | "jobs" | "workflows" | "urls" | "pictures" | "blobs" | "config">;

/** Checks a caller's picture and keeps it. @throws {GlassworksError} picture_*, decode_limit */
export async function admitPicture(
	{ pictures, blobs, config }: Pick<HttpPorts, "pictures" | "blobs" | "config">,
	tenantId: string,
	bytes: Uint8Array,
): Promise<BlobRef> {
	const { maxPictureBytes, maxPicturePixels } = config.limits;
	return storePicture(blobs, tenantId, await pictures.admit(bytes, { maxBytes: maxPictureBytes, maxPixels: maxPicturePixels }));
}

/** Keeps a checked picture; whoever asks refers to it. */
export async function storePicture(blobs: Pick<BlobStore, "put">, tenantId: string, picture: Picture): Promise<BlobRef> {
	const { sha256 } = await blobs.put(tenantId, picture.bytes);
	return { sha256, mediaType: picture.mediaType, widthPx: picture.widthPx, heightPx: picture.heightPx, bytes: picture.bytes.byteLength };
}

/**
 * The picture a request names, out of the caller's own things. Errors name the field.
 * @throws {GlassworksError} not_found, url_*, picture_*, decode_limit
 */
export async function readPicture(ports: PicturePorts, tenantId: string, field: FieldError["path"], input: PictureInput): Promise<BlobRef> {
	try {
		return await findPicture(ports, tenantId, input);
	} catch (error) {
		if (!(error instanceof GlassworksError) || error.fields.length > 0) throw error;
		const key = "asset_id" in input ? "asset_id" : "url" in input ? "url" : "job_id";
		throw new GlassworksError(error.code, `${field.join(".")}: ${error.message}`, error.data, [
			{ path: [...field, key], message: error.message },
		]);
	}
}

async function findPicture(ports: PicturePorts, tenantId: string, input: PictureInput): Promise<BlobRef> {
	if ("asset_id" in input) return (await ports.assets.get(tenantId, input.asset_id)).picture;
	if ("job_id" in input) return requirePicture(ports.workflows, await ports.jobs.get(tenantId, input.job_id), input.n, "result");
	const { maxPictureBytes, urlTimeoutMs } = ports.config.limits;
	const { bytes } = await ports.urls.fetch(input.url, { maxBytes: maxPictureBytes, timeoutMs: urlTimeoutMs });
	return admitPicture(ports, tenantId, bytes);
}
