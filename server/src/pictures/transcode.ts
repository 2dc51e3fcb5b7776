import sharp, { type Sharp } from "sharp";
import { GlassworksError } from "../domain/errors.ts";
import type { MediaType, Picture } from "../domain/ports.ts";
import { inspectContainer } from "./containers/inspect.ts";
import { inspectPng } from "./containers/png.ts";
import { withJpegText, withPngText, withWebpText } from "./pictureText.ts";
import type { PictureRequest } from "./protocol.ts";

// One thread and no cache: the process holds one picture at a time, and its memory is what that picture needs.
sharp.concurrency(1);
sharp.cache(false);
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: ["Png", "Jpeg", "Webp", "Nsgif", "Heif"].map((name) => `VipsForeignLoad${name}Buffer`) });

type Format = Extract<PictureRequest, { kind: "encode" }>["format"];
const mediaTypes: Record<Format, MediaType> = { png: "image/png", jpeg: "image/jpeg", webp: "image/webp" };

/**
 * Decodes hostile bytes and encodes them anew: oriented, sRGB, 8 bits, without metadata. Runs only in the gate's child process.
 * @throws {GlassworksError} picture_*, decode_limit, invalid_request
 */
export async function transcode(bytes: Buffer, request: PictureRequest): Promise<Picture> {
	try {
		const container = inspectContainer(bytes, request.maxPixels);
		const decoded = sharp(Buffer.concat(container.decodable), { failOn: "warning", limitInputPixels: request.maxPixels }).autoOrient();
		// Only for pictures that carry a profile: without one this would take 16-bit pixels for Display P3, and with one, leaving it out would.
		if ((await decoded.metadata()).hasProfile) decoded.withIccProfile("srgb", { attach: false });
		if (request.kind === "admit") return await encode(decoded, container.format === "jpeg" ? "jpeg" : "png", 95, {});
		const side = request.maxSidePx;
		if (side) decoded.resize({ width: side, height: side, fit: "inside", withoutEnlargement: true });
		return await encode(decoded, request.format, request.quality, request.text ?? {});
	} catch (error) {
		throw error instanceof GlassworksError ? error : readingError(error, request.maxPixels);
	}
}

async function encode(decoded: Sharp, format: Format, quality: number, text: Record<string, string>): Promise<Picture> {
	if (format === "png") decoded.png({ palette: false });
	if (format === "jpeg") {
		// Optimized Huffman tables save 4 % of the file and need 12 bytes per pixel: 3 GB instead of 120 MB for 16,000 x 16,000.
		decoded
			.flatten({ background: "#ffffff" })
			.jpeg({ quality, chromaSubsampling: quality >= 90 ? "4:4:4" : "4:2:0", optimizeCoding: false });
	}
	if (format === "webp") decoded.webp({ quality });
	const { data, info } = await decoded.toBuffer({ resolveWithObject: true });
	const size = { widthPx: info.width, heightPx: info.height };
	return { bytes: finish(data, format, text, { ...size, hasAlpha: info.channels === 4 }), mediaType: mediaTypes[format], ...size };
}

/** Drops what the encoder adds of the input (its density) and adds what was asked for. */
function finish(
	data: Buffer,
	format: Format,
	text: Record<string, string>,
	picture: { widthPx: number; heightPx: number; hasAlpha: boolean },
): Buffer {
	const hasText = Object.keys(text).length > 0;
	if (format === "png") return withPngText(Buffer.concat(inspectPng(data).decodable), text);
	if (!hasText) return data;
	return format === "jpeg" ? withJpegText(data, text) : withWebpText(data, text, picture);
}

/** The decoders' own messages may quote the file, so none of them reaches the caller. */
function readingError(error: unknown, maxPixels: number): GlassworksError {
	const message = error instanceof Error ? error.message : "";
	if (/out of memory|allocat|insufficient memory|security limit/i.test(message)) {
		return new GlassworksError("decode_limit", "Reading the picture took more memory than allowed.");
	}
	if (/pixel limit|too large/i.test(message)) {
		return new GlassworksError("picture_too_large", "The picture has more pixels than allowed.", { max: maxPixels });
	}
	return new GlassworksError("picture_corrupt", "The picture is truncated or damaged: its pixels cannot be read.");
}
