import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/domain/json.ts";
import type { Engine, Picture, StepContext, StepKind } from "../../src/domain/ports.ts";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { createPictureGate } from "../../src/pictures/gate.ts";
import { drawShapes, toPicture } from "../support/testPictures.ts";

const modelsDir = join(import.meta.dirname, "../../../models");
const pictures = createPictureGate();
const engine = await createLocalEngine({ modelsDir, pictures });

afterAll(async () => {
	await engine.close();
	await pictures.close();
});

const quiet = (overrides: Partial<StepContext> = {}): StepContext => ({
	signal: new AbortController().signal,
	onProgress: () => {},
	onPreview: () => {},
	...overrides,
});

const models: Record<StepKind, string> = {
	generate: "embedded",
	inpaint: "embedded",
	graph: "comfyui",
	detect_faces: "blazeface",
	restore_faces: "gfpgan",
	upscale: "realesr-animevideov3",
	composite: "standard",
	resize: "standard",
	encode: "standard",
	send_email: "smtp",
	train_lora: "embedded",
};

const run = (kind: StepKind, params: JsonObject, inputs: Record<string, Picture> = {}, context = quiet(), target: Engine = engine) =>
	target.run({ kind, model: models[kind], params, inputs }, context);

const drawing = { prompt: "a red apple", seed: 1, steps: 4, widthPx: 128, heightPx: 128 };
const draw = async (params: JsonObject, inputs: Record<string, Picture> = {}, target: Engine = engine) => {
	const { pictures: made } = await run("generate", { ...drawing, ...params }, inputs, quiet(), target);
	return pictureOf(made);
};

function pictureOf(made: Record<string, Picture>): Picture {
	if (!made.image) throw new Error("no picture was made");
	return made.image;
}

const pixels = (picture: Picture) => sharp(picture.bytes).removeAlpha().raw().toBuffer();

async function meanDifference(a: Picture, b: Picture): Promise<number> {
	const [one, two] = [await pixels(a), await pixels(b)];
	return one.reduce((sum, value, at) => sum + Math.abs(value - (two[at] ?? 0)), 0) / one.length;
}

const meanColor = async (picture: Picture) => {
	const { channels } = await sharp(picture.bytes).stats();
	return channels.map(({ mean }) => mean);
};

const scene = (widthPx: number, heightPx: number) => {
	const shapes = `<rect width="100%" height="100%" fill="#e8f0d0"/><circle cx="40%" cy="50%" r="30%" fill="#d04010"/><rect x="60%" y="10%" width="25%" height="70%" fill="#2040c0"/>`;
	return toPicture(drawShapes(widthPx, heightPx, shapes));
};

const boxMask = (widthPx: number, heightPx: number, box: string) =>
	toPicture(drawShapes(widthPx, heightPx, `<rect width="100%" height="100%"/><rect ${box} fill="#fff"/>`));

describe("a picture drawn from a prompt", () => {
	it("has exactly the size asked for, and says what was understood", async () => {
		const { pictures: made, data } = await run("generate", { ...drawing, prompt: "a purple umbrella", widthPx: 200, heightPx: 96 });
		const picture = pictureOf(made);
		expect(await sharp(picture.bytes).metadata()).toMatchObject({ width: 200, height: 96, format: "png", hasAlpha: false });
		expect(picture).toMatchObject({ mediaType: "image/png", widthPx: 200, heightPx: 96 });
		expect(data).toEqual({
			understood_as: "umbrella",
			understood_score: 1,
			color_applied: true,
			low_confidence: false,
			style: "cartoon",
			steps: 4,
			guidance: 2,
			notice: "small built-in model for clip-art; connect ComfyUI for photographs",
		});
	});

	it("stands on white: the bars of a wide canvas are white and the drawing is whole", async () => {
		const wide = await draw({ widthPx: 300, heightPx: 100, prompt: "red apple" });
		const cut = await sharp(wide.bytes).extract({ left: 0, top: 0, width: 90, height: 100 }).png().toBuffer();
		const bar = await sharp(cut).stats();
		expect(bar.channels.every(({ min }) => min === 255)).toBe(true);
	});

	it("is the same to the byte for the same seed, also in another process's thread", async () => {
		const other = await createLocalEngine({ modelsDir, pictures });
		const [one, two, three] = [await draw({}), await draw({}), await draw({}, {}, other)];
		await other.close();
		expect(Buffer.compare(one.bytes, two.bytes)).toBe(0);
		expect(Buffer.compare(one.bytes, three.bytes)).toBe(0);
	});

	it("changes with the seed, the prompt, the steps, the guidance, the style and the negative prompt", async () => {
		const base = await draw({});
		const changes: JsonObject[] = [
			{ seed: 2 },
			{ prompt: "a blue car" },
			{ steps: 5 },
			{ guidance: 5 },
			{ style: "3d" },
			{ negativePrompt: "leaf" },
		];
		for (const change of changes) {
			expect(await meanDifference(base, await draw(change)), JSON.stringify(change)).toBeGreaterThan(0.05);
		}
	});

	it("shows the colours of the prompt", async () => {
		const [red = 0, , redBlue = 0] = await meanColor(await draw({ prompt: "red heart" }));
		const [blueRed = 0, , blue = 0] = await meanColor(await draw({ prompt: "blue heart" }));
		expect(red).toBeGreaterThan(redBlue + 40);
		expect(blue).toBeGreaterThan(blueRed + 40);
	});

	it("reports each sampler step and shows the picture as it grows", async () => {
		const [steps, fractions, previews]: [unknown[], number[], Picture[]] = [[], [], []];
		const context = quiet({
			onProgress: ({ step, steps: of, fraction }) => {
				steps.push(`${step}/${of}`);
				fractions.push(fraction);
			},
			onPreview: (preview) => previews.push(preview),
		});
		await run("generate", drawing, {}, context);
		expect(steps).toEqual(["1/4", "2/4", "3/4", "4/4"]);
		expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
		expect(previews).toHaveLength(4);
		expect(await sharp(previews[0]?.bytes).metadata()).toMatchObject({ width: 64, height: 64 });
	});
});

describe("a picture drawn from a picture", () => {
	it("is that picture at strength 0, and at strength 1 what the prompt alone gives", async () => {
		const image = await scene(128, 128);
		expect(await meanDifference(await draw({ strength: 0 }, { image }), image)).toBe(0);
		expect(await meanDifference(await draw({ strength: 1 }, { image }), await draw({}))).toBe(0);
	});

	it("resembles it less the more strength is given", async () => {
		const image = await scene(128, 128);
		const differences = [];
		for (const strength of [0.2, 0.6, 0.95]) differences.push(await meanDifference(await draw({ strength }, { image }), image));
		expect(differences[0]).toBeLessThan(12);
		expect(differences).toEqual([...differences].sort((a, b) => a - b));
	});

	it("has the size asked for when the given picture has another shape or is transparent", async () => {
		const image = await toPicture(sharp({ create: { width: 90, height: 300, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } }));
		const result = await draw({ widthPx: 100, heightPx: 64, strength: 0 }, { image });
		expect(result).toMatchObject({ widthPx: 100, heightPx: 64 });
		expect((await meanColor(result)).every((mean) => mean === 255)).toBe(true);
	});
});

describe("a picture repainted inside a mask", () => {
	it("equals the given picture to the byte outside the mask, and differs inside", async () => {
		const [widthPx, heightPx] = [160, 120];
		const [image, mask] = [await scene(widthPx, heightPx), await boxMask(widthPx, heightPx, 'x="40" y="20" width="70" height="80"')];
		const { pictures: made } = await run("inpaint", { ...drawing, prompt: "grapes", strength: 1, widthPx, heightPx }, { image, mask });
		const [before, after, white] = [await pixels(image), await pixels(pictureOf(made)), await pixels(mask)];
		let [inside, changed] = [0, 0];
		for (let at = 0; at < before.length; at++) {
			const difference = Math.abs((before[at] ?? 0) - (after[at] ?? 0));
			if (white[at] === 0) expect(difference).toBe(0);
			else {
				inside++;
				if (difference > 10) changed++;
			}
		}
		expect(inside).toBe(70 * 80 * 3);
		expect(changed / inside).toBeGreaterThan(0.5);
	});

	it("shows the whole thing inside the mask, wherever in a large picture the mask lies", async () => {
		const [widthPx, heightPx] = [512, 384];
		const [image, mask] = [await scene(widthPx, heightPx), await boxMask(widthPx, heightPx, 'x="410" y="20" width="90" height="70"')];
		const params = { ...drawing, prompt: "a red heart", steps: 8, strength: 1, widthPx, heightPx };
		const after = await pixels(pictureOf((await run("inpaint", params, { image, mask })).pictures));
		const isRed = (x: number, y: number) => {
			const [red = 0, green = 0, blue = 0] = after.subarray((y * widthPx + x) * 3, (y * widthPx + x) * 3 + 3);
			return red > green + 80 && red > blue + 80;
		};
		const red = Array.from({ length: 90 * 70 }, (_, at) => isRed(410 + (at % 90), 20 + Math.floor(at / 90))).filter(Boolean).length;
		expect(red / (90 * 70)).toBeGreaterThan(0.35);
		expect([isRed(455, 45), isRed(412, 88), isRed(497, 88)]).toEqual([true, false, false]);
	});

	it("is refused when the mask has another size, is missing, or belongs to no picture", async () => {
		const [image, mask] = [await scene(128, 128), await boxMask(128, 127, 'width="10" height="10"')];
		await expect(run("inpaint", drawing, { image, mask })).rejects.toMatchObject({
			code: "engine_invalid",
			message: expect.stringContaining("128 x 127"),
		});
		await expect(run("inpaint", drawing, { image })).rejects.toMatchObject({
			code: "engine_invalid",
			message: expect.stringContaining("mask: the step inpaint needs a picture"),
		});
		await expect(run("inpaint", drawing, { mask })).rejects.toMatchObject({
			code: "engine_invalid",
			message: expect.stringContaining("image: the step inpaint needs a picture"),
		});
	});
});

describe("a request the built-in model cannot serve", () => {
	it("is refused with what would be right: size, style and parameters", async () => {
		await expect(draw({ widthPx: 1024 })).rejects.toMatchObject({ code: "engine_invalid", data: { min: 64, max: 512, asked: 1024 } });
		await expect(draw({ heightPx: 63 })).rejects.toMatchObject({ code: "engine_invalid" });
		await expect(draw({ style: "photo" })).rejects.toMatchObject({
			code: "engine_invalid",
			data: { allowed: ["flat", "cartoon", "3d", "any"] },
		});
		await expect(draw({ seed: -1, steps: "many" })).rejects.toMatchObject({
			code: "engine_invalid",
			fields: [expect.objectContaining({ path: ["seed"] }), expect.objectContaining({ path: ["steps"] })],
		});
	});

	it("names a model it does not have", async () => {
		const request = { kind: "generate" as const, model: "sdxl", params: drawing, inputs: {} };
		await expect(engine.run(request, quiet())).rejects.toMatchObject({ code: "model_missing", message: expect.stringContaining("sdxl") });
		await expect(run("restore_faces", { faces: [] }, { image: await scene(64, 64) })).rejects.toMatchObject({ code: "model_missing" });
	});

	it("does not spoil the next one when its bytes are no picture", async () => {
		const image: Picture = { bytes: new Uint8Array(100), mediaType: "image/png", widthPx: 64, heightPx: 64 };
		await expect(draw({}, { image })).rejects.toMatchObject({ code: "engine_invalid" });
		await expect(draw({})).resolves.toMatchObject({ widthPx: 128 });
	});
});

describe("cancelling", () => {
	it("stops a drawing within one sampler step, and the next one draws as ever", async () => {
		const before = await draw({});
		const controller = new AbortController();
		const steps: number[] = [];
		const onProgress = ({ step = 0 }: { step?: number }) => {
			steps.push(step);
			if (step === 2) controller.abort();
		};
		const cancelled = run("generate", { ...drawing, steps: 100 }, {}, quiet({ signal: controller.signal, onProgress }));
		await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
		expect(steps.at(-1)).toBeLessThanOrEqual(4);
		expect(Buffer.compare((await draw({})).bytes, before.bytes)).toBe(0);
	});

	it("stops an upscale within one tile", async () => {
		const controller = new AbortController();
		const fractions: number[] = [];
		const onProgress = ({ fraction }: { fraction: number }) => {
			fractions.push(fraction);
			controller.abort();
		};
		const cancelled = run("upscale", {}, { image: await scene(400, 400) }, quiet({ signal: controller.signal, onProgress }));
		await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
		expect(fractions.length).toBeLessThanOrEqual(2);
	});

	it("takes a waiting step out of the line without running it", async () => {
		const controller = new AbortController();
		const first = draw({ steps: 20 });
		const second = run("generate", drawing, {}, quiet({ signal: controller.signal, onProgress: () => expect.unreachable() }));
		controller.abort();
		await expect(second).rejects.toMatchObject({ code: "cancelled" });
		await expect(first).resolves.toMatchObject({ widthPx: 128 });
	});

	it("closing the engine fails what runs and what waits, with an error that another worker may retry", async () => {
		const closing = await createLocalEngine({ modelsDir, pictures });
		const both = [draw({ steps: 100 }, {}, closing), draw({}, {}, closing)].map((each) =>
			expect(each).rejects.toMatchObject({ code: "engine_down" }),
		);
		await new Promise((resolve) => setTimeout(resolve, 300));
		await closing.close();
		await Promise.all(both);
		await expect(draw({}, {}, closing)).rejects.toMatchObject({ code: "engine_down" });
	});
});

describe("the other steps", () => {
	it("upscale returns four times the size and keeps transparency", async () => {
		const half = Buffer.from(
			'<svg xmlns="http://www.w3.org/2000/svg" width="50" height="30"><rect width="25" height="30" fill="#c00"/></svg>',
		);
		const { pictures: made } = await run("upscale", {}, { image: await toPicture(sharp(half)) });
		const { data, info } = await sharp(pictureOf(made).bytes).raw().toBuffer({ resolveWithObject: true });
		expect(info).toMatchObject({ width: 200, height: 120, channels: 4 });
		expect(data[(60 * 200 + 40) * 4 + 3]).toBe(255);
		expect(data[(60 * 200 + 160) * 4 + 3]).toBe(0);
	});

	it("upscale refuses a picture whose result would not fit in memory", async () => {
		const image: Picture = { ...(await scene(64, 64)), widthPx: 4096, heightPx: 4096 };
		await expect(run("upscale", {}, { image })).rejects.toMatchObject({
			code: "engine_invalid",
			data: { max: 4_194_304, asked: 16_777_216 },
		});
	});

	it("reads grey and 16-bit pictures like any other", async () => {
		const grey = await toPicture(sharp((await scene(64, 64)).bytes).toColourspace("b-w"));
		const deep = await toPicture(sharp((await scene(64, 64)).bytes).toColourspace("rgb16"));
		for (const image of [grey, deep])
			expect(pictureOf((await run("upscale", {}, { image })).pictures)).toMatchObject({ widthPx: 256, heightPx: 256 });
	});

	it("encode writes the recipe into the picture and chooses the format", async () => {
		const recipe = { prompt: "a red apple", seed: 1 };
		const { pictures: made } = await run("encode", { format: "png", recipe }, { image: await scene(64, 64) });
		const { comments = [] } = await sharp(pictureOf(made).bytes).metadata();
		expect(JSON.parse(comments.find(({ keyword }) => keyword === "glassworks")?.text ?? "null")).toEqual(recipe);
		const jpeg = await run("encode", { format: "jpeg" }, { image: await scene(64, 64) });
		expect(pictureOf(jpeg.pictures).mediaType).toBe("image/jpeg");
	});

	it("detect_faces finds the face in a portrait", async () => {
		const image = await toPicture(sharp(join(import.meta.dirname, "../data/photographs/astronaut.jpg")));
		const { data } = await run("detect_faces", {}, { image });
		expect(data.faceCount).toBe(1);
	});
});

it("the server's event loop never works 50 ms at a stretch on the networks' behalf once they are loaded", async () => {
	const image = await draw({ widthPx: 256, heightPx: 256 });
	await run("upscale", {}, { image: await scene(64, 64) });
	// Processor time of this thread from one turn to the next: unlike a clock it does not count other programs' turns.
	let [last, longestMs] = [process.threadCpuUsage(), 0];
	const ticker = setInterval(() => {
		const { user, system } = process.threadCpuUsage(last);
		last = process.threadCpuUsage();
		longestMs = Math.max(longestMs, (user + system) / 1000);
	}, 1);
	await draw({ steps: 8, widthPx: 256, heightPx: 256 });
	await run("upscale", {}, { image });
	clearInterval(ticker);
	expect(longestMs).toBeGreaterThan(0);
	expect(longestMs).toBeLessThan(50);
});
