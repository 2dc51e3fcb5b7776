import sharp, { type OutputInfo, type Sharp } from "sharp";
import { GlassworksError } from "../../domain/errors.ts";
import type { Picture } from "../../domain/ports.ts";
import type { RawImage } from "./runtime/types.ts";

/** Clip-art stands on white. */
const white = { r: 255, g: 255, b: 255 };
const black = { r: 0, g: 0, b: 0 };

interface Raw {
	readonly data: Buffer;
	readonly info: OutputInfo;
}

/** Bytes of one channel. */
export interface RawPlane {
	readonly widthPx: number;
	readonly heightPx: number;
	readonly values: Uint8Array;
}

function fromRaw({ widthPx, heightPx, rgb }: RawImage): Sharp {
	return sharp(rgb, { raw: { width: widthPx, height: heightPx, channels: 3 } });
}

function toRawImage({ data, info }: Raw): RawImage {
	if (info.channels !== 3) throw new Error(`expected 3 channels, got ${info.channels}`);
	return { widthPx: info.width, heightPx: info.height, rgb: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

async function readRaw(pipeline: Sharp): Promise<RawImage> {
	return toRawImage(await pipeline.toColourspace("srgb").raw().toBuffer({ resolveWithObject: true }));
}

/** Decodes a picture that was checked before. Transparency is laid on white. @throws {GlassworksError} `engine_invalid` */
export async function decode(bytes: Uint8Array): Promise<RawImage> {
	return readRaw(sharp(bytes).flatten({ background: white })).catch((cause: unknown) => {
		throw new GlassworksError("engine_invalid", "The picture could not be decoded.", { cause: String(cause) });
	});
}

/** Its transparency (0 clear to 255 solid), or null when every pixel is solid. */
export async function decodeAlpha(bytes: Uint8Array): Promise<RawPlane | null> {
	const picture = sharp(bytes);
	if (!(await picture.metadata()).hasAlpha) return null;
	const { data, info } = await picture.toColourspace("srgb").ensureAlpha().extractChannel(3).raw().toBuffer({ resolveWithObject: true });
	if (data.every((value) => value === 255)) return null;
	return { widthPx: info.width, heightPx: info.height, values: data };
}

/** A mask as 1 (repaint: lighter than mid-grey) or 0 per pixel. Transparent parts count as black. */
export async function decodeMask(bytes: Uint8Array): Promise<RawPlane> {
	const grey = await decodeGrey(bytes);
	return { ...grey, values: Uint8Array.from(grey.values, (value) => (value > 127 ? 1 : 0)) };
}

/** A picture with its transparency, where it has one. */
export interface RawPixels {
	readonly widthPx: number;
	readonly heightPx: number;
	readonly channels: 3 | 4;
	/** Rows from the top: red, green, blue and, of four, how solid (0 clear to 255). */
	readonly pixels: Uint8Array;
}

/** Decodes a picture that was checked before, to the byte. @throws {GlassworksError} `engine_invalid` */
export async function decodePixels(bytes: Uint8Array): Promise<RawPixels> {
	try {
		const { data, info } = await sharp(bytes).toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
		const { width: widthPx, height: heightPx, channels } = info;
		if (channels !== 3 && channels !== 4) throw new Error(`expected 3 or 4 channels, got ${channels}`);
		return { widthPx, heightPx, channels, pixels: data };
	} catch (cause) {
		throw new GlassworksError("engine_invalid", "The picture could not be decoded.", { cause: String(cause) });
	}
}

export async function encodePixels({ widthPx, heightPx, channels, pixels }: RawPixels): Promise<Picture> {
	const bytes = await sharp(pixels, { raw: { width: widthPx, height: heightPx, channels } })
		.png({ compressionLevel: 4 })
		.toBuffer();
	return { bytes: new Uint8Array(bytes), mediaType: "image/png", widthPx, heightPx };
}

/** Scales to exactly this size, distorting if the shape differs; what is not solid gives no colour to what lies beside it. */
export async function resizePixels({ pixels, channels, ...size }: RawPixels, widthPx: number, heightPx: number): Promise<RawPixels> {
	const source = sharp(pixels, { raw: { width: size.widthPx, height: size.heightPx, channels } });
	const scaled = source.resize({ width: widthPx, height: heightPx, fit: "fill", kernel: "cubic" });
	return { widthPx, heightPx, channels, pixels: await scaled.raw().toBuffer() };
}

/** A mask as it is, 0 (black) to 255 (white) per pixel. Transparent parts count as black. */
export async function decodeGrey(bytes: Uint8Array): Promise<RawPlane> {
	const grey = sharp(bytes).flatten({ background: black }).toColourspace("b-w").extractChannel(0);
	const { data, info } = await grey.raw().toBuffer({ resolveWithObject: true });
	return { widthPx: info.width, heightPx: info.height, values: data };
}

/** A lossless picture of it, quick rather than small: the last step of a workflow chooses the format. */
export async function encodePng(image: RawImage, alpha: RawPlane | null = null): Promise<Picture> {
	const size = { width: image.widthPx, height: image.heightPx };
	const picture = alpha ? fromRaw(image).joinChannel(Buffer.from(alpha.values), { raw: { ...size, channels: 1 } }) : fromRaw(image);
	const bytes = await picture.png({ compressionLevel: 4 }).toBuffer();
	return { bytes: new Uint8Array(bytes), mediaType: "image/png", widthPx: image.widthPx, heightPx: image.heightPx };
}

/** Scales to exactly this size (Lanczos), distorting if the shape differs. The same picture when it has that size. */
export async function resize(image: RawImage, widthPx: number, heightPx: number): Promise<RawImage> {
	if (image.widthPx === widthPx && image.heightPx === heightPx) return image;
	return readRaw(fromRaw(image).resize({ width: widthPx, height: heightPx, fit: "fill", kernel: "lanczos3" }));
}

/** Scales a transparency plane to exactly this size. */
export async function resizePlane(plane: RawPlane, widthPx: number, heightPx: number): Promise<RawPlane> {
	const source = sharp(plane.values, { raw: { width: plane.widthPx, height: plane.heightPx, channels: 1 } });
	const scaled = source.resize({ width: widthPx, height: heightPx, fit: "fill", kernel: "lanczos3" }).extractChannel(0);
	return { widthPx, heightPx, values: await scaled.raw().toBuffer() };
}

/** The whole picture in the middle of a white canvas of this size, as large as fits. */
export async function containOnWhite(image: RawImage, widthPx: number, heightPx: number): Promise<RawImage> {
	if (image.widthPx === widthPx && image.heightPx === heightPx) return image;
	return readRaw(fromRaw(image).resize({ width: widthPx, height: heightPx, fit: "contain", background: white, kernel: "lanczos3" }));
}

/** White added on two sides until the picture is square. */
export async function padToSquare(image: RawImage): Promise<RawImage> {
	const { left, top, side } = squareAround(image);
	const [right, bottom] = [side - left - image.widthPx, side - top - image.heightPx];
	return readRaw(fromRaw(image).extend({ left, top, right, bottom, background: white }));
}

/** The part of a square that `padToSquare` made from a picture of this size. */
export async function cropFromSquare(square: RawImage, widthPx: number, heightPx: number): Promise<RawImage> {
	const { left, top, side } = squareAround({ widthPx, heightPx });
	const scaled = await resize(square, side, side);
	return readRaw(fromRaw(scaled).extract({ left, top, width: widthPx, height: heightPx }));
}

/** Where a picture lies in the smallest square around it. */
export function squareAround({ widthPx, heightPx }: { widthPx: number; heightPx: number }): { left: number; top: number; side: number } {
	const side = Math.max(widthPx, heightPx);
	return { left: Math.floor((side - widthPx) / 2), top: Math.floor((side - heightPx) / 2), side };
}
