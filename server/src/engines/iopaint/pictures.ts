import sharp from "sharp";
import { admitMade } from "../../domain/engines/admitMade.ts";
import { GlassworksError } from "../../domain/errors.ts";
import type { Picture, PictureGate } from "../../domain/ports.ts";

const black = { r: 0, g: 0, b: 0 };
const white = { r: 255, g: 255, b: 255 };

/**
 * The picture as IOPaint takes it: base64 of a PNG. It answers in the format it was asked in, and a JPEG that is encoded again differs
 * outside the mask too.
 */
export async function encodeImage({ bytes, mediaType }: Picture): Promise<string> {
	const png = mediaType === "image/png" ? bytes : await sharp(bytes).png({ compressionLevel: 4 }).toBuffer();
	return Buffer.from(png).toString("base64");
}

/** The same for repainting: solid, what is clear white. IOPaint would leave clear whatever it paints there. */
export async function encodeSolid(picture: Picture): Promise<string> {
	const { hasAlpha } = await sharp(picture.bytes).metadata();
	if (!hasAlpha) return encodeImage(picture);
	const png = await sharp(picture.bytes).flatten({ background: white }).png({ compressionLevel: 4 }).toBuffer();
	return png.toString("base64");
}

/**
 * The mask as base64 of a black and white PNG: white where it is lighter than mid-grey, transparent parts black. IOPaint cuts at 127 as well,
 * but does not look at transparency; a mask without a light pixel it would answer with the picture as it was.
 * @throws {GlassworksError} engine_invalid when nothing is marked
 */
export async function encodeMask(mask: Picture): Promise<string> {
	const grey = sharp(mask.bytes).flatten({ background: black }).toColourspace("b-w").extractChannel(0);
	const { data, info } = await grey.raw().toBuffer({ resolveWithObject: true });
	if (!data.some((value) => value > 127)) {
		throw new GlassworksError("engine_invalid", "The mask marks nothing: none of its pixels is lighter than mid-grey.");
	}
	const cut = Buffer.from(data.map((value) => (value > 127 ? 255 : 0)));
	const size = { width: info.width, height: info.height, channels: 1 } as const;
	const png = await sharp(cut, { raw: size }).toColourspace("b-w").png().toBuffer();
	return png.toString("base64");
}

/** A picture of 64 x 64 px with a mask over all of it, for requests whose answer nobody wants. */
export async function tinyPicture(): Promise<string> {
	const png = await sharp({ create: { width: 64, height: 64, channels: 3, background: white } })
		.png()
		.toBuffer();
	return png.toString("base64");
}

/**
 * What IOPaint answered, read like a stranger's upload and of exactly this size.
 * @throws {GlassworksError} internal when it is no such picture, unavailable when nobody has time to look at it
 */
export async function admitResult(
	pictures: PictureGate,
	bytes: Uint8Array,
	{ widthPx, heightPx }: { widthPx: number; heightPx: number },
	signal: AbortSignal,
): Promise<Picture> {
	const limits = { maxBytes: bytes.byteLength, maxPixels: widthPx * heightPx };
	const broken = new GlassworksError("internal", "IOPaint answered with something that is not the picture asked for.");
	const picture = await admitMade(pictures, { bytes, limits, signal, broken });
	if (picture.widthPx === widthPx && picture.heightPx === heightPx) return picture;
	const sizes = `${picture.widthPx} x ${picture.heightPx} instead of ${widthPx} x ${heightPx}`;
	throw new GlassworksError("internal", `IOPaint answered with a picture of ${sizes} pixels.`);
}
