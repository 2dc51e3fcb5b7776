import sharp, { type Sharp } from "sharp";
import { GlassworksError } from "../domain/errors.ts";
import type { MediaType, Picture } from "../domain/ports.ts";
import type { ContainerFormat } from "./containers/container.ts";
import { inspectContainer } from "./containers/inspect.ts";
import { inspectPng } from "./containers/png.ts";
import { cutHardMask, type MadeMask, makeMask, maskPixels } from "./masks/makeMask.ts";
import { withJpegText, withPngText, withWebpText } from "./pictureText.ts";
import type { PictureRequest } from "./protocol.ts";

// One thread and no cache: the process holds one picture at a time, and its memory is what that picture needs.
sharp.concurrency(1);
sharp.cache(false);
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: ["Png", "Jpeg", "Webp", "Nsgif", "Heif"].map((name) => `VipsForeignLoad${name}Buffer`) });

type RequestOf<K extends PictureRequest["kind"]> = Extract<PictureRequest, { kind: K }>;
type Format = RequestOf<"encode">["format"];
type Extent = Pick<MadeMask, "box" | "isFull">;
const mediaTypes: Record<Format, MediaType> = { png: "image/png", jpeg: "image/jpeg", webp: "image/webp" };

/** A picture, and of a mask where it is not 0. */
export type Transcoded = Picture & { extent?: Extent };

/**
 * Decodes hostile bytes and encodes them anew: oriented, sRGB, 8 bits, without metadata. Runs only in the gate's child process.
 * @throws {GlassworksError} picture_*, decode_limit, invalid_request
 */
export async function transcode(bytes: Buffer, request: PictureRequest): Promise<Transcoded> {
	try {
		// A mask is no matter of colour: its profile is left alone.
		if (request.kind === "mask") return await finishMask(await makeMask(request, () => openUpright(bytes, request.maxPixels).decoded));
		const { decoded, format } = await open(bytes, request.maxPixels);
		switch (request.kind) {
			case "admit":
				return await encode(decoded, format === "jpeg" ? "jpeg" : "png", 95, {});
			case "encode":
				return await encodeWithin(decoded, request);
			case "extend":
				return await encode(decoded.extend({ ...request.margins, extendWith: "copy" }), "png", 100, {});
			case "cut":
				return await cut(decoded, request.part);
		}
	} catch (error) {
		throw error instanceof GlassworksError ? error : readingError(error, request.maxPixels);
	}
}

function openUpright(bytes: Buffer, maxPixels: number): { decoded: Sharp; format: ContainerFormat } {
	const { decodable, format } = inspectContainer(bytes, maxPixels);
	return { decoded: sharp(Buffer.concat(decodable), { failOn: "warning", limitInputPixels: maxPixels }).autoOrient(), format };
}

async function open(bytes: Buffer, maxPixels: number): Promise<{ decoded: Sharp; format: ContainerFormat }> {
	const { decoded, format } = openUpright(bytes, maxPixels);
	// Only for pictures that carry a profile: without one this would take 16-bit pixels for Display P3, and with one, leaving it out would.
	if ((await decoded.metadata()).hasProfile) decoded.withIccProfile("srgb", { attach: false });
	return { decoded, format };
}

function encodeWithin(decoded: Sharp, { maxSidePx: side, format, quality, text }: RequestOf<"encode">): Promise<Picture> {
	if (side) decoded.resize({ width: side, height: side, fit: "inside", withoutEnlargement: true });
	return encode(decoded, format, quality, text ?? {});
}

async function cut(decoded: Sharp, { kind, box, widthPx, heightPx }: RequestOf<"cut">["part"]): Promise<Transcoded> {
	if (kind === "mask") {
		const { data, info } = await decoded.toColourspace("b-w").extractChannel(0).raw().toBuffer({ resolveWithObject: true });
		const mask = cutHardMask({ widthPx: info.width, heightPx: info.height, values: data }, box, { widthPx, heightPx });
		return encode(maskPixels(mask), "png", 100, {});
	}
	// Engines see no transparency: what is clear is white to them.
	const flat = decoded.flatten({ background: "#ffffff" }).toColourspace("srgb");
	const part = flat.extract({ left: box.left, top: box.top, width: box.widthPx, height: box.heightPx });
	return encode(part.resize({ width: widthPx, height: heightPx, fit: "fill", kernel: "lanczos3" }), "png", 100, {});
}

async function finishMask({ mask, ...extent }: MadeMask): Promise<Transcoded> {
	return { ...(await encode(maskPixels(mask), "png", 100, {})), extent };
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
