/** Edits as whole jobs on the real platform with what ships: a picture and a mask in over HTTP, the edited picture out. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Call, caller, download, finished, uploadPicture } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { drawOnBlack, drawShapes, plainPicture } from "../support/testPictures.ts";

let app: TestApp;
let call: Call;
beforeAll(async () => {
	app = await startTestApp();
	call = caller(app.url, app.ownerKey);
});
afterAll(() => app?.close());

const photograph = (name: string) => readFile(join(import.meta.dirname, `../data/photographs/${name}.jpg`));
const upload = (bytes: Uint8Array, type?: string) => uploadPicture(call, bytes, type);
const png = (picture: Sharp) => picture.png().toBuffer();
const maskFile = (width: number, height: number, shapes: string) => png(drawOnBlack(width, height, shapes));

interface Raw {
	data: Buffer;
	width: number;
	height: number;
	channels: number;
}
const raw = async (bytes: Uint8Array): Promise<Raw> => {
	const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
	return { data, width: info.width, height: info.height, channels: info.channels };
};
const run = async (body: object) => {
	const accepted = await call("POST", "/api/v1/edits", { body });
	expect(accepted.status, accepted.text).toBe(202);
	const job = await finished(call, app.ownerKey, accepted.body);
	expect(job.status, JSON.stringify(job)).toBe("succeeded");
	const image = job.images[0];
	return { job, image, bytes: (await download(image?.url ?? "")).bytes };
};
/** How many pixels differ, and whether all of those lie where `may` allows. */
const compare = (before: Raw, after: Raw, may: (x: number, y: number) => boolean) => {
	expect([after.width, after.height, after.channels]).toEqual([before.width, before.height, before.channels]);
	const { channels, width } = before;
	let changed = 0;
	let outside = 0;
	for (let at = 0; at < before.data.length; at += channels) {
		if (before.data.compare(after.data, at, at + channels, at, at + channels) === 0) continue;
		changed++;
		if (!may((at / channels) % width, Math.floor(at / channels / width))) outside++;
	}
	return { changed, outside };
};
describe("outside the feathered mask every pixel is the picture's, to the bit", { timeout: 120_000 }, () => {
	test("when a thing is removed from a photograph without any network", async () => {
		const input = await sharp(await photograph("rocket"))
			.png()
			.toBuffer();
		// The right mast.
		const polygons = [
			[
				[345, 80],
				[375, 80],
				[385, 300],
				[335, 300],
			],
		];
		const { image, job, bytes } = await run({ operation: "remove", image: await upload(input), mask: { polygons, feather: 6 } });
		const [before, after] = [await raw(input), await raw(bytes)];
		const { changed, outside } = compare(before, after, (x, y) => x >= 335 - 6 && x <= 385 + 6 && y >= 80 - 6 && y <= 300 + 6);
		expect(outside).toBe(0);
		expect(changed).toBeGreaterThan(4_000);
		expect(job).toMatchObject({ workflow: "edit", model: "telea", request: { operation: "remove", source: { width: 512, height: 342 } } });
		expect(JSON.stringify(image?.recipe)).toContain("telea");
		expect(compare(before, await raw((await download(image?.original_url ?? "")).bytes), () => false).changed).toBe(0);
	});

	test("when something else is drawn into a picture larger than the model draws, transparency included", async () => {
		const input = await png(
			drawShapes(
				1_200,
				900,
				`<rect x="100" width="1100" height="900" fill="#4878a8" fill-opacity="0.6"/><circle cx="300" cy="300" r="150" fill="#f0e0c0"/>`,
			),
		);
		const mask = await maskFile(600, 450, `<rect x="400" y="200" width="120" height="120" fill="#fff"/>`);
		const asked = { operation: "replace", prompt: "a red apple", seed: 3, mask: { image: await upload(mask), grow: 2, feather: 3 } };
		const { job, bytes } = await run({ ...asked, image: await upload(input) });
		const [before, after] = [await raw(input), await raw(bytes)];
		expect(before.channels).toBe(4);
		const { changed, outside } = compare(before, after, (x, y) => x >= 795 && x < 1_045 && y >= 395 && y < 645);
		expect(outside).toBe(0);
		expect(changed).toBeGreaterThan(200 * 200);
		expect(job).toMatchObject({ model: "embedded" });
		const centre = (520 * 1_200 + 920) * 4;
		const [red = 0, green = 255, , alpha] = after.data.subarray(centre, centre + 4);
		expect(red - green).toBeGreaterThan(60);
		expect(alpha).toBe(255);
	});
});

describe("one mask, however it is given", { timeout: 120_000 }, () => {
	const box = { left: 60, top: 40, width: 50, height: 30 };
	const isInBox = (x: number, y: number) => x >= 60 && x < 110 && y >= 40 && y < 70;
	const rectangle = `<rect x="60" y="40" width="50" height="30" fill="#fff"/>`;
	const corners = (across: number, down: number) =>
		[
			[60, 40],
			[110, 40],
			[110, 70],
			[60, 70],
		].map(([x = 0, y = 0]) => [x / across, y / down]);
	const scene = () =>
		png(
			drawShapes(200, 120, `<rect width="200" height="120" fill="#90b060"/><circle cx="85" cy="55" r="9" fill="#602010"/>`).removeAlpha(),
		);

	test("a file, an inverted one, a drawing on nothing and polygons give the same picture", async () => {
		const image = await upload(await scene());
		const file = await maskFile(200, 120, rectangle);
		const masks: object[] = [
			{ image: await upload(file) },
			{ image: await upload(await sharp(file).negate().png().toBuffer()), invert: true },
			{ image: await upload(await png(drawShapes(200, 120, rectangle.replace("#fff", "#d02020")))) },
			{ polygons: [corners(1, 1)] },
			{ polygons: [corners(200, 120)] },
		];
		const results: Buffer[] = [];
		for (const mask of masks) results.push(Buffer.from((await run({ operation: "fill", image, mask: { ...mask, feather: 0 } })).bytes));
		const [first] = results;
		for (const result of results) expect(result.equals(first ?? Buffer.alloc(0))).toBe(true);
		const { changed, outside } = compare(await raw(await scene()), await raw(first ?? new Uint8Array()), isInBox);
		expect(outside).toBe(0);
		expect(changed).toBeGreaterThan(200);
	});

	test("a file of a tenth of the size marks the same, with rounded corners", async () => {
		const small = await sharp(await maskFile(200, 120, rectangle))
			.resize(20, 12, { kernel: "nearest" })
			.png()
			.toBuffer();
		const mask = { image: await upload(small), feather: 0 };
		const { bytes } = await run({ operation: "fill", image: await upload(await scene()), mask });
		const { changed, outside } = compare(await raw(await scene()), await raw(bytes), isInBox);
		expect(outside).toBe(0);
		expect(changed).toBeGreaterThan(200);
	});

	test("the clear part of the picture itself is filled and becomes solid", async () => {
		const { data, info } = await sharp(await scene())
			.ensureAlpha()
			.raw()
			.toBuffer({ resolveWithObject: true });
		for (let y = box.top; y < box.top + box.height; y++)
			for (let x = box.left; x < box.left + box.width; x++) data[(y * 200 + x) * 4 + 3] = 0;
		const input = await png(sharp(data, { raw: { width: info.width, height: info.height, channels: 4 } }));
		const { bytes } = await run({ operation: "fill", image: await upload(input), mask: { alpha: true, feather: 0 } });
		const after = await raw(bytes);
		expect(after.data[(55 * 200 + 85) * 4 + 3]).toBe(255);
		expect(compare(await raw(input), after, isInBox).outside).toBe(0);
	});

	test("a photograph lying on its side is turned first: polygons and result are upright", async () => {
		const lying = await sharp(await scene())
			.rotate(-90)
			.jpeg({ quality: 100 })
			.withMetadata({ orientation: 6 })
			.toBuffer();
		const image = await upload(lying, "image/jpeg");
		const { bytes, image: made } = await run({ operation: "remove", image, mask: { polygons: [corners(1, 1)] } });
		const after = await raw(bytes);
		expect([after.width, after.height]).toEqual([200, 120]);
		const [red = 0, green = 0] = after.data.subarray((55 * 200 + 85) * 3, (55 * 200 + 85) * 3 + 2);
		expect(Math.abs(red - 0x90) + Math.abs(green - 0xb0)).toBeLessThan(24);
		const upright = await raw((await download(made?.original_url ?? "")).bytes);
		expect(compare(upright, after, (x, y) => x >= 55 && x < 115 && y >= 35 && y < 75).outside).toBe(0);
	});
});

test("an edit whose answer was lost is not queued twice", async () => {
	const image = await upload((await plainPicture(64, 48, "#a0a0a0")).bytes);
	const ask = () =>
		call("POST", "/api/v1/edits", {
			body: {
				operation: "remove",
				image,
				mask: {
					polygons: [
						[
							[0, 0],
							[9, 0],
							[9, 9],
						],
					],
				},
			},
			headers: { "idempotency-key": "edit-1" },
		});
	const [first, second] = [await ask(), await ask()];
	expect([first.status, second.headers.get("idempotency-replayed"), second.text === first.text]).toEqual([202, "true", true]);
	await finished(call, app.ownerKey, first.body);
});

test("an edit is finished like any picture where that is asked for: faces looked for, all of it enlarged, and what is skipped says why", {
	timeout: 120_000,
}, async () => {
	const image = await upload((await plainPicture(64, 48, "#4080a0")).bytes);
	const mask = {
		polygons: [
			[
				[0.2, 0.2],
				[0.6, 0.2],
				[0.6, 0.7],
			],
		],
	};
	const asked = { operation: "fill", image, mask, format: "webp" };
	const { image: made, bytes } = await run({ ...asked, restore_faces: true, upscale: true });
	expect(made?.skipped).toMatchObject([{ step: "restore_faces", reason: "model_missing" }]);
	expect(await sharp(bytes).metadata()).toMatchObject({ width: 256, height: 192, format: "webp" });
	const { image: plain } = await run(asked);
	expect(plain).toMatchObject({ width: 64, height: 48 });
	expect(plain?.skipped.map(({ step, reason }) => `${step} ${reason}`)).toEqual([
		"detect_faces not_wanted",
		"restore_faces not_wanted",
		"upscale not_wanted",
	]);
});

test("a photograph larger than what is ever enlarged is edited all the same; only enlarging it is refused, by its field", {
	timeout: 120_000,
}, async () => {
	const { bytes: before } = await plainPicture(4_200, 300, "#4080a0");
	const box = [
		[2_000, 100],
		[2_060, 100],
		[2_060, 160],
		[2_000, 160],
	];
	const asked = { operation: "remove", image: await upload(before), mask: { polygons: [box], feather: 0 } };
	const { image } = await run(asked);
	expect(image).toMatchObject({ width: 4_200, height: 300 });
	for (const path of ["/api/v1/edits/quotes", "/api/v1/edits"])
		expect((await call("POST", path, { body: { ...asked, upscale: true } })).body).toMatchObject({
			code: "unsupported_by_model",
			errors: [{ path: ["upscale"] }],
		});
});
