import sharp from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/domain/json.ts";
import type { Picture, StepProgress } from "../../../src/domain/ports.ts";
import { createMachineLock } from "../../../src/engines/iopaint/machineLock.ts";
import { context, inpaintRequest, marked, openWorkbench, recordedPhotograph } from "./workbench.ts";

/** `npm run test:engines` sets both. The nets are tiny and random: their pictures are noise, what is done with them is not. */
const url = process.env.TEST_IOPAINT_URL ?? "";
const bareUrl = process.env.TEST_IOPAINT_BARE_URL ?? "";
const limit = 600_000;

/** IOPaint holds whatever the test before left in it, and the last tests use it up: they run in this order. */
describe.skipIf(!process.env.TEST_IOPAINT_URL)("a real IOPaint", { timeout: limit }, () => {
	const { connect, lockDir } = openWorkbench();
	const drawing = { operation: "replace", prompt: "a red fox", steps: 2, strength: 1 };
	const draw = async (at: string, params: JsonObject, options = {}) => {
		const { pictures, data } = await connect(at, options).run(await inpaintRequest("sd15", params), context());
		return { pixels: await pixels(pictures.image), data };
	};

	afterEach(async () => {
		expect(await fetch(`${url}/api/v1/model`).then(({ status }) => status)).toBe(200);
	});

	it("is discovered by our names", async () => {
		const capabilities = await connect(url).capabilities();
		expect(capabilities.map(({ capability }) => capability)).toEqual(["inpaint:iopaint-cv2", "inpaint:sd15", "upscale:general-x4"]);
		expect(await connect(url).status()).toMatchObject({ loadedModel: "iopaint-cv2", missing: [{ name: "absent" }] });
	});

	it("takes a patch out of a photograph and leaves the rest to the byte", async () => {
		const mask = await marked(256, 256);
		const { pictures } = await connect(url).run(await inpaintRequest("iopaint-cv2", {}, mask), context());
		const [before, after, inside] = [await pixels(recordedPhotograph()), await pixels(pictures.image), await pixels(mask)];
		const changed = (where: number) => before.filter((value, at) => (inside[at] ?? 0) === where && value !== after[at]).length;
		expect(changed(0)).toBe(0);
		expect(changed(255)).toBeGreaterThan(80 * 80);
	});

	it("enlarges fourfold", async () => {
		const image = { ...recordedPhotograph() };
		const { pictures } = await connect(url).run({ kind: "upscale", model: "general-x4", params: {}, inputs: { image } }, context());
		expect(pictures.image).toMatchObject({ widthPx: 1024, heightPx: 1024 });
	});

	it("switches models by itself, draws the same picture for the same seed, and tells each step", async () => {
		const told: StepProgress[] = [];
		const engine = connect(bareUrl);
		const request = await inpaintRequest("sd15", { ...drawing, steps: 4 });
		const first = await engine.run(request, context({ onProgress: (now) => told.push(now) }));
		const second = await engine.run(request, context());
		expect((await pixels(first.pictures.image)).equals(await pixels(second.pictures.image))).toBe(true);
		expect(first.data.seed).toBe(42);
		expect(told.map(({ step }) => step).filter((step) => step !== undefined).length).toBeGreaterThan(0);
		expect((await engine.status()).loadedModel).toBe("sd15");
	});

	it("says what is missing without PowerPaint's files, and stays usable", async () => {
		const engine = connect(bareUrl);
		await expect(engine.run(await inpaintRequest("sd15", { steps: 1 }), context())).rejects.toMatchObject({ code: "model_missing" });
		// Left alone, IOPaint would now draw an ordinary picture for PowerPaint, and could not be switched back to this model.
		await engine.run(await inpaintRequest("iopaint-cv2"), context());
		const { data } = await engine.run(await inpaintRequest("sd15", { ...drawing, steps: 1 }), context());
		expect(data).not.toHaveProperty("powerPaint");
	});

	it("is repaired after somebody switched it to a name it does not have", async () => {
		await post(bareUrl, "/api/v1/model", { name: "nobody/has-this" });
		expect((await fetch(`${bareUrl}/api/v1/model`)).status).toBe(500);
		const { pictures } = await connect(bareUrl).run(await inpaintRequest("iopaint-cv2"), context());
		expect(pictures.image?.widthPx).toBe(256);
	});

	it("waits for the request of a process that was killed, until IOPaint says that it ended", async () => {
		const lock = createMachineLock(bareUrl, lockDir, 5);
		const turn = await lock.take(new AbortController().signal);
		turn.begin();
		turn.release();
		const image = Buffer.from(recordedPhotograph().bytes).toString("base64");
		const mask = Buffer.from((await marked(256, 256)).bytes).toString("base64");
		await post(bareUrl, "/api/v1/model", { name: "tiny-sd15" });
		let ended = false;
		const left = post(bareUrl, "/api/v1/inpaint", { image, mask, sd_steps: 3, sd_sampler: "DDIM" }).then(() => (ended = true));
		const engine = connect(bareUrl, { timings: { quietMs: limit } });
		await engine.run(await inpaintRequest("iopaint-cv2"), context());
		expect(ended).toBe(true);
		await left;
	});

	it("draws with PowerPaint what differs from plain drawing, and to replace what differs from removing", async () => {
		const plain = await draw(url, drawing, { controlNets: true });
		const seen = [plain.pixels];
		for (const operation of ["replace", "remove"]) {
			const prompt = operation === "replace" ? drawing.prompt : "";
			const { pixels: drawn, data } = await draw(url, { ...drawing, prompt, operation });
			expect(data).toHaveProperty("powerPaint");
			for (const other of seen) expect(drawn.equals(other)).toBe(false);
			seen.push(drawn);
		}
	});

	it("lets a ControlNet act in the request that asks for it and in no other", async () => {
		const use = { controlNets: true };
		const before = await draw(url, drawing, use);
		const guided = await draw(url, { ...drawing, controls: [{ net: "sd15-canny", preprocess: true }] }, use);
		const after = await draw(url, drawing, use);
		expect(guided.pixels.equals(before.pixels)).toBe(false);
		expect(after.pixels.equals(before.pixels)).toBe(true);
	});

	it("no longer offers PowerPaint once a ControlNet was used, as IOPaint would ignore it", async () => {
		const drawer = (await connect(url).capabilities()).find(({ capability }) => capability === "inpaint:sd15");
		expect(drawer?.traits).toMatchObject({ operations: ["fill", "replace", "insert", "outpaint"], shapeGuided: false });
	});
});

async function post(at: string, path: string, body: object): Promise<void> {
	const answer = await fetch(`${at}${path}`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(body),
	});
	await answer.arrayBuffer();
}

async function pixels(picture: Picture | undefined): Promise<Buffer> {
	if (!picture) throw new Error("no picture was made");
	return sharp(picture.bytes).removeAlpha().toColourspace("srgb").raw().toBuffer();
}
