import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { createPictureGate } from "../../src/pictures/gate.ts";
import { codeOf, expectClean, firstPixel, limits } from "./expectClean.ts";
import { animatedWebp, emptyZip, gif, notPictures, sample, withJpegSegment, withJpegSize } from "./fileCorpus.ts";
import { apng, chunk, exifBlock, png, pngHeader, pngWithChunkBombs } from "./pngCorpus.ts";

const gate = createPictureGate();
afterAll(() => gate.close());
const admit = (bytes: Uint8Array, some = {}) => gate.admit(bytes, { ...limits, ...some });
const tooWide = Buffer.concat([
	png({ width: 1, height: 1 }, new Uint8Array(4)).subarray(0, 8),
	pngHeader({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 }),
]);

test.each([
	["a PNG", () => sample().png(), "image/png"],
	["a JPEG", () => sample().jpeg(), "image/jpeg"],
	["a progressive JPEG", () => sample().jpeg({ progressive: true }), "image/jpeg"],
	["a WebP", () => sample().webp(), "image/png"],
	["a lossless WebP", () => sample().webp({ lossless: true }), "image/png"],
	["an AVIF", () => sample().avif(), "image/png"],
	["a GIF", () => sample().gif(), "image/png"],
] as const)("%s is read and comes back clean", async (_name, make, mediaType) => {
	const picture = await admit(await make().toBuffer());
	expect(picture).toMatchObject({ mediaType, widthPx: 48, heightPx: 32 });
	await expectClean(picture);
});

test("a PNG keeps every pixel", async () => {
	const before = await sample().png().toBuffer();
	const { bytes } = await admit(before);
	expect(await sharp(bytes).raw().toBuffer()).toEqual(await sharp(before).raw().toBuffer());
});

test.each(Object.entries(notPictures))("%s is refused as no picture", async (_name, text) => {
	expect(await codeOf(admit(Buffer.from(text, "latin1")))).toBe("picture_unsupported");
});

test("nothing at all is refused as no picture", async () => {
	expect(await codeOf(admit(new Uint8Array()))).toBe("picture_unsupported");
});

test("a file over the byte limit is refused with both numbers", async () => {
	await expect(admit(new Uint8Array(11), { maxBytes: 10 })).rejects.toMatchObject({
		code: "picture_too_large",
		data: { max: 10, asked: 11 },
	});
});

test.each([
	[
		"a PNG header of 2 billion squared and no pixels",
		async () => Buffer.concat([tooWide, chunk("IDAT", Buffer.alloc(1)), chunk("IEND", Buffer.alloc(0))]),
	],
	["a JPEG header of 65,535 x 65,535", async () => withJpegSize(await sample().jpeg().toBuffer(), 65_535, 65_535)],
	["a GIF of more frames than the limit has pixels", async () => gif(101, 1000)],
	["an animated PNG of more frames than the limit has pixels", async () => apng(400), 1_000],
	["an animated WebP of more frames than the limit has pixels", animatedWebp, 300],
] as const)("%s is too large before anything is decoded", async (_name, make, maxPixels: number = limits.maxPixels) => {
	expect(await codeOf(admit(await make(), { maxPixels }))).toBe("picture_too_large");
});

test("a picture of exactly the pixel limit is read, and one pixel less refuses it", async () => {
	const bytes = await sample(10, 10).png().toBuffer();
	expect(await codeOf(admit(bytes, { maxPixels: 100 }))).toBe("no error");
	await expect(admit(bytes, { maxPixels: 99 })).rejects.toMatchObject({ code: "picture_too_large", data: { max: 99, asked: 100 } });
});

test.each([
	["a GIF", async () => gif(50), 1, 1],
	["an animated PNG", async () => apng(3), 2, 2],
	["an animated WebP", animatedWebp, 16, 16],
] as const)("%s of several frames gives its first, clean", async (_name, make, widthPx, heightPx) => {
	const picture = await admit(await make());
	expect(picture).toMatchObject({ mediaType: "image/png", widthPx, heightPx });
	await expectClean(picture);
});

const appended: Record<string, Buffer> = {
	"a ZIP archive": emptyZip,
	"a script": Buffer.from("<script>alert(1)</script>"),
	"one byte": Buffer.from([7]),
	"zeros and then a byte": Buffer.from([0, 0, 0, 7]),
	"far too much padding": Buffer.alloc(100_000),
};
test.each(Object.entries(appended))("a picture with %s appended is refused in every format", async (_name, tail) => {
	const files = [sample().png(), sample().jpeg(), sample().webp(), sample().gif(), sample().avif()];
	for (const file of files) expect(await codeOf(admit(Buffer.concat([await file.toBuffer(), tail])))).toBe("picture_polyglot");
});

test("a little zero padding after the end is tolerated and dropped", async () => {
	for (const file of [sample().png(), sample().jpeg(), sample().webp(), sample().gif()]) {
		await expectClean(await admit(Buffer.concat([await file.toBuffer(), Buffer.alloc(16)])));
	}
});

test("a phone's JPEG with a second picture announced by MPF is read, and the second is dropped", async () => {
	const second = await sample(16, 16).jpeg().toBuffer();
	const first = withJpegSegment(await sample().jpeg().toBuffer(), 0xe2, Buffer.from("MPF\0MM\0*"));
	const picture = await admit(Buffer.concat([first, second]));
	expect(picture).toMatchObject({ widthPx: 48, heightPx: 32 });
	await expectClean(picture);
	expect(await codeOf(admit(Buffer.concat([first, second, emptyZip])))).toBe("picture_polyglot");
	expect(await codeOf(admit(Buffer.concat([await sample().jpeg().toBuffer(), second])))).toBe("picture_polyglot");
});

test("text and profiles that inflate to 64 MiB never reach the decoder, and the picture is read", async () => {
	const picture = await admit(pngWithChunkBombs());
	expect(picture.bytes.length).toBeLessThan(200);
	await expectClean(picture);
});

test("PHP in a JPEG comment and in XMP is gone", async () => {
	const jpeg = withJpegSegment(await sample().jpeg().toBuffer(), 0xfe, Buffer.from("<?php system('id'); ?>"));
	await expectClean(await admit(withJpegSegment(jpeg, 0xe1, Buffer.from("http://ns.adobe.com/xap/1.0/\0<?php ?>"))));
});

test.each(["jpeg", "png"] as const)("a %s lying on its side is turned upright, and its tag and place are gone", async (format) => {
	const upright = await sample()[format]().toBuffer();
	const exif = exifBlock(6);
	const lying =
		format === "jpeg"
			? withJpegSegment(upright, 0xe1, Buffer.concat([Buffer.from("Exif\0\0"), exif]))
			: Buffer.concat([upright.subarray(0, 33), chunk("eXIf", exif), upright.subarray(33)]);
	expect((await sharp(lying).metadata()).orientation).toBe(6);
	const picture = await admit(lying);
	expect(picture).toMatchObject({ widthPx: 32, heightPx: 48 });
	const [red = 0, , blue = 0] = await firstPixel(picture.bytes);
	expect(red).toBeGreaterThan(blue + 100);
	await expectClean(picture);
});

test.each([
	["a CMYK JPEG", () => sample().toColourspace("cmyk").withIccProfile("cmyk").jpeg(), 3],
	["a 16-bit PNG", () => sample().toColourspace("rgb16").png(), 3],
	["a 16-bit PNG in Display P3", () => sample().toColourspace("rgb16").withIccProfile("p3").png(), 3],
	["a Display P3 JPEG", () => sample().withIccProfile("p3").jpeg({ quality: 100 }), 3],
	["a palette PNG with transparency", () => sample().ensureAlpha(0.5).png({ palette: true }), 4],
] as const)("%s becomes 8-bit sRGB of the same colours", async (_name, make, channels) => {
	const picture = await admit(await make().toBuffer());
	await expectClean(picture);
	const pixel = await firstPixel(picture.bytes);
	expect(pixel).toHaveLength(channels);
	// CMYK cannot hold the red exactly; everything else may differ by rounding.
	const tolerance = _name === "a CMYK JPEG" ? 60 : 6;
	for (const [index, value] of [220, 0, 0].entries()) expect(Math.abs((pixel[index] ?? 0) - value)).toBeLessThanOrEqual(tolerance);
});

test("grey with alpha keeps its alpha", async () => {
	const { bytes } = await admit(png({ width: 1, height: 1, colour: 4 }, new Uint8Array([0, 90, 128])));
	expect((await firstPixel(bytes)).slice(-1)).toEqual([128]);
	expect((await firstPixel(bytes)).slice(0, 1)).toEqual([90]);
});
