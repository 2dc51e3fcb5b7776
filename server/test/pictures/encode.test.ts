import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { createPictureGate } from "../../src/pictures/gate.ts";
import { codeOf, expectClean, firstPixel } from "./expectClean.ts";
import { emptyZip, notPictures, sample } from "./fileCorpus.ts";
import { png } from "./pngCorpus.ts";

const gate = createPictureGate();
afterAll(() => gate.close());
const recipe = {
	parameters: 'a café, "quoted" \\u0041 </script>\nSteps: 4, ()',
	wide: "猫 🦊 \ud800 end",
	hidden: "before\0IEND\0after",
	empty: "",
};
const readable = { ...recipe, wide: "猫 🦊 \ufffd end" };

/** Text chunks of a PNG by keyword, read as the PNG specification says. */
function pngTexts(bytes: Uint8Array): Record<string, string> {
	const buffer = Buffer.from(bytes);
	const texts: Record<string, string> = {};
	for (let at = 8; at < buffer.length; at += 12 + buffer.readUInt32BE(at)) {
		const type = buffer.toString("latin1", at + 4, at + 8);
		const data = buffer.subarray(at + 8, at + 8 + buffer.readUInt32BE(at));
		const key = data.toString("latin1", 0, data.indexOf(0));
		if (type === "tEXt") texts[key] = data.toString("latin1", key.length + 1);
		if (type === "iTXt") texts[key] = data.toString("utf8", key.length + 5);
	}
	return texts;
}

/** The UserComment of a big-endian EXIF block, found by following its directories. */
function userComment(exif: Buffer): string {
	const tiff = exif.subarray(exif.indexOf("MM\0*"));
	const entry = (directory: number, tag: number): number => {
		for (let at = directory + 2; at < directory + 2 + 12 * tiff.readUInt16BE(directory); at += 12)
			if (tiff.readUInt16BE(at) === tag) return at;
		throw new Error(`no tag ${tag}`);
	};
	const found = entry(tiff.readUInt32BE(entry(tiff.readUInt32BE(4), 0x8769) + 8), 0x9286);
	const start = tiff.readUInt32BE(found + 8);
	return tiff.toString("latin1", start + 8, start + tiff.readUInt32BE(found + 4));
}

test("a recipe written into a PNG reads back whole, and NUL cannot end it early", async () => {
	const source = await sample().png().toBuffer();
	const { bytes } = await gate.encode(source, { format: "png", quality: 90, text: recipe });
	expect(pngTexts(bytes)).toEqual({ ...readable, hidden: "before\ufffdIEND\ufffdafter" });
	expect(await sharp(bytes, { failOn: "warning" }).raw().toBuffer()).toEqual(await sample().raw().toBuffer());
	expect((await sharp(bytes).metadata()).comments).toContainEqual({ keyword: "parameters", text: recipe.parameters });
});

test.each([
	["jpeg", 3, sample()],
	["webp", 3, sample()],
	["webp", 4, sample().ensureAlpha(0.5)],
] as const)("a recipe written into a %s of %i channels reads back whole", async (format, channels, picture) => {
	const { bytes } = await gate.encode(await picture.clone().png().toBuffer(), { format, quality: 90, text: recipe });
	const metadata = await sharp(bytes, { failOn: "warning" }).metadata();
	expect(metadata).toMatchObject({ format, channels, width: 48, height: 32 });
	expect(JSON.parse(userComment(metadata.exif ?? Buffer.alloc(0)))).toEqual({ ...recipe, wide: "猫 🦊 \ud800 end" });
	expect((await firstPixel(bytes)).length).toBe(channels);
});

test.each(["png", "jpeg", "webp"] as const)("a %s without text carries no metadata", async (format) => {
	const source = await sample()
		.withExif({ IFD0: { Artist: "someone" } })
		.withMetadata({ density: 300 })
		.png()
		.toBuffer();
	await expectClean(await gate.encode(source, { format, quality: 80, text: {} }));
});

test("a preview fits the asked side and a small picture is never enlarged", async () => {
	const source = await sample(100, 40).png().toBuffer();
	expect(await gate.encode(source, { format: "webp", quality: 70, maxSidePx: 50 })).toMatchObject({ widthPx: 50, heightPx: 20 });
	expect(await gate.encode(source, { format: "webp", quality: 70, maxSidePx: 500 })).toMatchObject({ widthPx: 100, heightPx: 40 });
});

test("transparent pixels become white in a JPEG", async () => {
	const clear = png({ width: 1, height: 1, colour: 6 }, new Uint8Array([0, 10, 20, 30, 0]));
	expect(await firstPixel((await gate.encode(clear, { format: "jpeg", quality: 95 })).bytes)).toEqual([255, 255, 255]);
});

test.each([0, 101, 1.5, Number.NaN])("quality %d is refused as a field", async (quality) => {
	const source = await sample().png().toBuffer();
	const refused = { code: "invalid_request", fields: [{ path: ["quality"] }] };
	await expect(gate.encode(source, { format: "jpeg", quality })).rejects.toMatchObject(refused);
});

test.each(["", " leading", "two  spaces", "new\nline", "n\0ul", "ключ", "k".repeat(80)])(
	"the text key %j is refused, not written",
	async (key) => {
		const source = await sample().png().toBuffer();
		expect(await codeOf(gate.encode(source, { format: "png", quality: 90, text: { [key]: "value" } }))).toBe("invalid_request");
	},
);

test("text too long for a JPEG is refused with both numbers, and a WebP holds it", async () => {
	const source = await sample().png().toBuffer();
	const text = { parameters: "x".repeat(70_000) };
	await expect(gate.encode(source, { format: "jpeg", quality: 90, text })).rejects.toMatchObject({
		code: "invalid_request",
		data: { max: 65_527 },
	});
	const { bytes } = await gate.encode(source, { format: "webp", quality: 90, text });
	expect(JSON.parse(userComment((await sharp(bytes).metadata()).exif ?? Buffer.alloc(0)))).toEqual(text);
});

test("a picture too wide for WebP is refused as too large, not as damaged", async () => {
	const wide = png({ width: 16_400, height: 1, depth: 1, colour: 0 }, new Uint8Array(1 + 16_400 / 8));
	expect(await codeOf(gate.encode(wide, { format: "webp", quality: 90 }))).toBe("picture_too_large");
	expect(await codeOf(gate.encode(wide, { format: "png", quality: 90 }))).toBe("no error");
});

test("encode refuses what admit refuses", async () => {
	const options = { format: "png", quality: 90 } as const;
	expect(await codeOf(gate.encode(Buffer.from(notPictures["an HTML page"] ?? ""), options))).toBe("picture_unsupported");
	expect(await codeOf(gate.encode(Buffer.concat([await sample().png().toBuffer(), emptyZip]), options))).toBe("picture_polyglot");
});
