/** What the built-in engine does for edits, without weights: filling by Telea's method, putting edits into originals, resizing. */
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import type { JsonObject } from "../../src/domain/json.ts";
import type { Picture, StepKind } from "../../src/domain/ports.ts";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { createPictureGate } from "../../src/pictures/gate.ts";
import { drawOnBlack, drawShapes, plainPicture, toPicture } from "../support/testPictures.ts";

const pictures = createPictureGate();
// No networks at all: a folder that is not there.
const engine = await createLocalEngine({ modelsDir: join(import.meta.dirname, "absent"), pictures });
afterAll(async () => {
	await engine.close();
	await pictures.close();
});

const run = async (kind: StepKind, model: string, params: JsonObject, inputs: Record<string, Picture>) => {
	const context = { signal: new AbortController().signal, onProgress() {}, onPreview() {} };
	const { image } = (await engine.run({ kind, model, params, inputs }, context)).pictures;
	if (!image) throw new Error("no picture was made");
	return image;
};
const maskOf = (widthPx: number, heightPx: number, shape: string) => toPicture(drawOnBlack(widthPx, heightPx, shape));
const raw = (picture: Picture) => sharp(picture.bytes).raw().toBuffer();

const sampling = { prompt: "", seed: 1, steps: 1, widthPx: 200, heightPx: 120 };
const sky = `<rect width="100%" height="100%" fill="#4080c0"/>`;
const bird = `<circle cx="60" cy="50" r="12" fill="#201008"/>`;
const hole = `<circle cx="60" cy="50" r="16" fill="#fff"/>`;

test("it offers to fill, to put together and to resize with no file installed", async () => {
	const offered = await engine.capabilities();
	expect(offered.map(({ capability }) => capability).toSorted()).toEqual([
		"composite:standard",
		"encode:standard",
		"inpaint:mirror",
		"inpaint:telea",
		"resize:standard",
	]);
	const telea = offered.find(({ capability }) => capability === "inpaint:telea");
	expect(telea).toMatchObject({ traits: { operations: ["remove", "fill"] }, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test("a thing on a plain ground is gone, and around it nothing changed", async () => {
	const image = await toPicture(drawShapes(200, 120, sky + bird).removeAlpha());
	const filled = await raw(
		await run("inpaint", "telea", { ...sampling, operation: "remove" }, { image, mask: await maskOf(200, 120, hole) }),
	);
	const before = await raw(image);
	const mask = await raw(await maskOf(200, 120, hole));
	for (let at = 0; at < before.length; at += 3) {
		if ((mask[at] ?? 0) <= 127) expect([filled[at], filled[at + 1], filled[at + 2]]).toEqual([before[at], before[at + 1], before[at + 2]]);
		else expect(Math.abs((filled[at] ?? 0) - 0x40)).toBeLessThanOrEqual(2);
	}
});

test("a mask at the corner of a picture of 4096 x 4096 px is filled", async () => {
	const image = await plainPicture(4096, 4096, "#4080c0");
	const mask = await maskOf(4096, 4096, `<rect x="4000" y="4000" width="96" height="96" fill="#fff"/>`);
	const last = (await raw(await run("inpaint", "telea", { ...sampling, operation: "fill" }, { image, mask }))).subarray(-3);
	// Colours drift a little on the way from the rim: OpenCV rounds at every pixel.
	for (const [at, value] of [0x40, 0x80, 0xc0].entries()) expect(Math.abs((last[at] ?? 0) - value)).toBeLessThan(20);
});

test("what it cannot do is refused in words", async () => {
	const image = await toPicture(drawShapes(64, 64, sky));
	const mask = await maskOf(64, 64, `<rect width="64" height="64" fill="#fff"/>`);
	const ask = (params: JsonObject) => run("inpaint", "telea", { ...sampling, ...params }, { image, mask });
	await expect(ask({ operation: "replace" })).rejects.toMatchObject({
		code: "engine_invalid",
		message: expect.stringContaining("remove and fill"),
	});
	await expect(ask({ operation: "remove" })).rejects.toMatchObject({
		code: "engine_invalid",
		message: expect.stringContaining("whole picture"),
	});
});

test("an edit is put into its window, scaled, and the rest keeps every byte, transparency included", async () => {
	const original = await toPicture(drawShapes(100, 80, `<rect x="10" width="90" height="80" fill="#306090" fill-opacity="0.4"/>`));
	const image = await plainPicture(64, 64, "#ff0000");
	const mask = await maskOf(100, 80, `<rect x="20" y="20" width="30" height="30" fill="#fff"/>`);
	const window = { left: 15, top: 15, widthPx: 40, heightPx: 40 };
	const [before, after] = [await raw(original), await raw(await run("composite", "standard", { window }, { image, original, mask }))];
	const pixel = (x: number, y: number) => [...after.subarray((y * 100 + x) * 4, (y * 100 + x) * 4 + 4)];
	expect(pixel(30, 30)).toEqual([255, 0, 0, 255]);
	for (let at = 0; at < before.length; at++) {
		const [x, y] = [Math.floor(at / 4) % 100, Math.floor(at / 400)];
		if (x < 20 || x >= 50 || y < 20 || y >= 50) expect(after[at]).toBe(before[at]);
	}
	await expect(run("composite", "standard", { window: { ...window, left: 90 } }, { image, original, mask })).rejects.toMatchObject({
		code: "engine_invalid",
	});
	await expect(run("composite", "standard", {}, { image, original, mask: image })).rejects.toMatchObject({ code: "engine_invalid" });
});

test("grey pictures and those with one channel and alpha are edited like any other", async () => {
	const image = await plainPicture(100, 80, "#ff0000");
	const mask = await maskOf(100, 80, `<rect x="20" y="20" width="30" height="30" fill="#fff"/>`);
	const grey = drawShapes(100, 80, `<rect width="100" height="80" fill="#777"/>`).removeAlpha().toColourspace("b-w");
	const veiled = drawShapes(100, 80, `<rect width="60" height="80" fill="#777" fill-opacity="0.5"/>`).toColourspace("b-w");
	for (const [original, channels] of [
		[await toPicture(grey), 3],
		[await toPicture(veiled), 4],
	] as const) {
		const after = await raw(await run("composite", "standard", {}, { image, original, mask }));
		const before = await sharp(original.bytes).toColourspace("srgb").raw().toBuffer();
		expect([after.length, before.length]).toEqual([100 * 80 * channels, 100 * 80 * channels]);
		expect([...after.subarray((30 * 100 + 30) * channels, (30 * 100 + 30) * channels + 3)]).toEqual([255, 0, 0]);
		expect(after.subarray(0, 20 * 100 * channels).equals(before.subarray(0, 20 * 100 * channels))).toBe(true);
	}
});

test("a picture is resized as asked: cut, whole with bars, or stretched", async () => {
	const image = await toPicture(
		drawShapes(100, 50, `<rect width="50" height="50" fill="#ff0000"/><rect x="50" width="50" height="50" fill="#0000ff"/>`).removeAlpha(),
	);
	const at = async (fit: string) => {
		const resized = await run("resize", "standard", { widthPx: 40, heightPx: 40, fit }, { image });
		expect(resized).toMatchObject({ widthPx: 40, heightPx: 40 });
		const pixels = await raw(resized);
		return (x: number, y: number) => [...pixels.subarray((y * 40 + x) * 3, (y * 40 + x) * 3 + 3)];
	};
	expect((await at("contain"))(5, 2)).toEqual([255, 255, 255]);
	expect((await at("fill"))(2, 2)).toEqual([255, 0, 0]);
	expect((await at("cover"))(37, 37)).toEqual([0, 0, 255]);
});
