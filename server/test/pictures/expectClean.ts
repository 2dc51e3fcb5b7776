import sharp from "sharp";
import { expect } from "vitest";
import { type ErrorCode, GlassworksError } from "../../src/domain/errors.ts";
import type { Picture } from "../../src/domain/ports.ts";

export const limits = { maxBytes: 20_000_000, maxPixels: 40_000_000 };

const traces = [
	"Exif",
	"GPS",
	"http://ns.adobe.com",
	"xpacket",
	"ICC_PROFILE",
	"iCCP",
	"eXIf",
	"tEXt",
	"iTXt",
	"zTXt",
	"pHYs",
	"XMP ",
	"php",
	"Adobe",
];

/** A picture that decodes to what it says, in 8 bits, with no metadata left in its bytes. */
export async function expectClean(picture: Picture): Promise<void> {
	const decoded = await sharp(picture.bytes, { failOn: "warning" }).raw().toBuffer({ resolveWithObject: true });
	expect([decoded.info.width, decoded.info.height]).toEqual([picture.widthPx, picture.heightPx]);
	const metadata = await sharp(picture.bytes).metadata();
	expect(`image/${metadata.format}`).toBe(picture.mediaType);
	expect(metadata).toMatchObject({ depth: "uchar" });
	for (const block of ["exif", "icc", "xmp", "iptc", "orientation", "comments"]) expect(metadata).not.toHaveProperty(block);
	const text = Buffer.from(picture.bytes).toString("latin1");
	expect(traces.filter((trace) => text.includes(trace))).toEqual([]);
}

/** The code of the error, which must be a typed one. */
export async function codeOf(work: Promise<unknown>): Promise<ErrorCode | "no error"> {
	try {
		await work;
		return "no error";
	} catch (error) {
		if (error instanceof GlassworksError) return error.code;
		throw error;
	}
}

/** The first pixel's channels. */
export async function firstPixel(bytes: Uint8Array): Promise<number[]> {
	const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
	return [...data.subarray(0, info.channels)];
}
