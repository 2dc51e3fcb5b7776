/** Masks and parts of pictures, as the gate's child process makes them of files that tenants sent. */
import sharp, { type Sharp } from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import type { MaskRequest, MaskSource } from "../../src/domain/edits/mask.ts";
import { createPictureGate } from "../../src/pictures/gate.ts";
import { drawShapes } from "../support/testPictures.ts";
import { codeOf, expectClean, limits } from "./expectClean.ts";
import { emptyZip, notPictures, sample, withJpegSize } from "./fileCorpus.ts";

const gate = createPictureGate();
afterAll(() => gate.close());

const size = { widthPx: 64, heightPx: 48 };
const plain: MaskRequest = { source: { kind: "file", channel: "auto" }, invert: false, ...size, growPx: 0, featherPx: 0 };
const svg = (shapes: string, width = 64, height = 48) => drawShapes(width, height, shapes);
/** Marked by x < 32 and y < 24. */
const quarter = { left: 0, top: 0, widthPx: 32, heightPx: 24 };
const box = `<rect width="32" height="24" fill="#fff"/>`;
const onBlack = (shapes: string) => svg(`<rect width="100%" height="100%"/>${shapes}`).removeAlpha();

const grey = (bytes: Uint8Array) => sharp(bytes).toColourspace("b-w").extractChannel(0).raw().toBuffer();

const make = async (bytes: Uint8Array, request: Partial<MaskRequest> = {}) => {
	const made = await gate.mask(bytes, { ...plain, ...request }, limits);
	await expectClean(made.picture);
	expect(await sharp(made.picture.bytes).metadata()).toMatchObject({ channels: 1, space: "b-w", isPalette: false });
	return { ...made, data: await grey(made.picture.bytes) };
};
const at = ({ data }: { data: Buffer }, x: number, y: number) => data[y * 64 + x];

const quarterFiles: Record<string, () => Sharp> = {
	"white on black": () => onBlack(box).png(),
	"a JPEG, though its black is not quite": () => onBlack(box).jpeg({ quality: 40 }),
	"a grey WebP": () => onBlack(box).greyscale().webp({ lossless: true }),
	"of another size and the same shape": () => onBlack(box).resize(640, 480, { kernel: "nearest" }).png(),
	"drawn in one colour on nothing": () => svg(`<rect width="32" height="24" fill="#c01040"/>`).png(),
	"drawn in black on nothing": () => svg(`<rect width="32" height="24" fill="#000"/>`).png(),
};
test.each(Object.entries(quarterFiles))("a mask %s comes out as one", async (_name, file) => {
	const made = await make(await file().toBuffer());
	expect(made).toMatchObject({ box: quarter, isFull: false });
	expect(made.picture).toMatchObject({ mediaType: "image/png", ...size });
	for (let y = 0; y < 48; y++) for (let x = 0; x < 64; x++) expect(at(made, x, y)).toBe(x < 32 && y < 24 ? 255 : 0);
});

test("of a photograph with a hole the light counts, unless its alpha is asked for", async () => {
	const noisy = `<rect width="64" height="48" fill="#222"/><rect x="40" y="30" width="10" height="10" fill="#fff"/><rect y="40" width="9" height="8" fill="#282"/>`;
	const hole = svg(
		`<defs><mask id="m"><rect width="64" height="48" fill="#fff"/><rect width="32" height="24"/></mask></defs><g mask="url(#m)">${noisy}</g>`,
	);
	const bytes = await hole.png().toBuffer();
	expect((await make(bytes)).box).toEqual({ left: 40, top: 30, widthPx: 10, heightPx: 10 });
	expect((await make(bytes, { source: { kind: "file", channel: "alpha" }, invert: true })).box).toEqual(quarter);
	expect((await make(bytes, { source: { kind: "alpha" } })).box).toEqual(quarter);
});

test("inverted, what was kept is repainted", async () => {
	const made = await make(await onBlack(box).png().toBuffer(), { invert: true });
	expect([at(made, 5, 5), at(made, 40, 5), at(made, 5, 30)]).toEqual([0, 255, 255]);
});

test("a mask lying on its side is turned as the picture was", async () => {
	const upright = await onBlack(box).png().toBuffer();
	const lying = await sharp(upright).rotate(-90).jpeg().withMetadata({ orientation: 6 }).toBuffer();
	expect((await make(lying)).box).toEqual(quarter);
});

test("polygons and borders need no file", async () => {
	const nothing = new Uint8Array();
	const polygons: MaskSource = {
		kind: "polygons",
		polygons: [
			[
				[0, 0],
				[32, 0],
				[32, 24],
				[0, 24],
			],
		],
	};
	expect((await make(nothing, { source: polygons })).box).toEqual(quarter);
	const border: MaskSource = { kind: "border", margins: { left: 8, top: 0, right: 0, bottom: 4 } };
	const made = await make(nothing, { source: border, featherPx: 6 });
	expect([at(made, 7, 20), at(made, 30, 46), at(made, 8, 20)]).toEqual([255, 255, 225]);
	expect([at(made, 13, 20), at(made, 14, 20), at(made, 30, 20)]).toEqual([3, 0, 0]);
});

test("an empty and a full mask say so", async () => {
	expect(await make(await onBlack("").png().toBuffer())).toMatchObject({ box: null, isFull: false });
	expect(await make(await onBlack("").png().toBuffer(), { invert: true })).toMatchObject({
		box: { ...size, left: 0, top: 0 },
		isFull: true,
	});
	expect(await make(await sample().png().toBuffer(), { source: { kind: "alpha" } })).toMatchObject({ box: null });
});

describe("hostile files", () => {
	test.each(Object.entries(notPictures))("%s is no mask", async (_name, text) => {
		expect(await codeOf(gate.mask(Buffer.from(text, "latin1"), plain, limits))).toBe("picture_unsupported");
	});
	test("what is too large, cut off or has something appended is refused as any picture is", async () => {
		const png = await onBlack(box).png().toBuffer();
		expect(await codeOf(gate.mask(Buffer.concat([png, emptyZip]), plain, limits))).toBe("picture_polyglot");
		expect(await codeOf(gate.mask(png.subarray(0, -30), plain, limits))).toBe("picture_corrupt");
		const huge = withJpegSize(await sample().jpeg().toBuffer(), 65_535, 65_535);
		expect(await codeOf(gate.mask(huge, plain, limits))).toBe("picture_too_large");
		expect(await codeOf(gate.mask(png, plain, { ...limits, maxBytes: 10 }))).toBe("picture_too_large");
	});
	test("growth and feather out of range are refused", async () => {
		const png = await onBlack(box).png().toBuffer();
		for (const wrong of [{ growPx: 5_000 }, { featherPx: -1 }, { growPx: 0.5 }, { widthPx: 0 }])
			expect(await codeOf(gate.mask(png, { ...plain, ...wrong }, limits))).toBe("invalid_request");
	});
});

test("a picture of 40 megapixels with a mask over most of it stays within the child's memory and time", async () => {
	const request: MaskRequest = { ...plain, widthPx: 7_300, heightPx: 5_475, growPx: 100, featherPx: 100 };
	const made = await gate.mask(await onBlack(box).png().toBuffer(), { ...request, invert: true }, limits);
	expect(made).toMatchObject({ isFull: false, box: { left: 0, top: 0, widthPx: 7_300, heightPx: 5_475 } });
});

test("a picture is continued outwards by its edge pixels, transparency kept", async () => {
	const picture = await svg(`<rect width="64" height="48" fill="#306090" fill-opacity="0.5"/>`).png().toBuffer();
	const extended = await gate.extend(picture, { left: 3, top: 0, right: 1, bottom: 2 }, limits);
	expect(extended).toMatchObject({ widthPx: 68, heightPx: 50, mediaType: "image/png" });
	const [before, after] = await Promise.all([picture, extended.bytes].map((bytes) => sharp(bytes).raw().toBuffer()));
	expect(after?.subarray(0, 4)).toEqual(before?.subarray(0, 4));
	expect(after?.subarray((10 * 68 + 3) * 4, (10 * 68 + 67) * 4)).toEqual(before?.subarray(10 * 64 * 4, 11 * 64 * 4));
});

test("a part of a picture is cut out and scaled, on white; of a mask no pixel is lost", async () => {
	const picture = await svg(`<rect width="32" height="48" fill="#ff0000"/>`).png().toBuffer();
	const part = { left: 16, top: 0, widthPx: 32, heightPx: 48 };
	const cut = await gate.cut(picture, { kind: "picture", box: part, widthPx: 64, heightPx: 96 });
	const { data, info } = await sharp(cut.bytes).raw().toBuffer({ resolveWithObject: true });
	expect(info).toMatchObject({ width: 64, height: 96, channels: 3 });
	expect([[...data.subarray(0, 3)], [...data.subarray(-3)]]).toEqual([
		[255, 0, 0],
		[255, 255, 255],
	]);
	const dot = await svg(`<rect width="64" height="48"/><rect x="20" y="7" width="1" height="1" fill="#050505"/>`)
		.removeAlpha()
		.png()
		.toBuffer();
	const hard = await gate.cut(dot, { kind: "mask", box: part, widthPx: 8, heightPx: 12 });
	const cells = await grey(hard.bytes);
	expect([cells[1 * 8 + 1], cells.filter((value) => value !== 0).length]).toEqual([255, 1]);
});
