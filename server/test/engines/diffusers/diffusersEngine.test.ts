/** The engine on the real sidecar, with tiny random networks of the real architectures. */
import { rm } from "node:fs/promises";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/domain/json.ts";
import type { CapabilityInfo, Engine, Picture, StepContext, StepOutput, StepProgress } from "../../../src/domain/ports.ts";
import { createDiffusersEngine } from "../../../src/engines/diffusers/engine.ts";
import { createPictureGate } from "../../../src/pictures/gate.ts";
import { buildTinyModels, hasSidecar, type Sidecar, startSidecar } from "../../support/diffusersSidecar.ts";
import { plainPicture } from "../../support/testPictures.ts";
import { createFaultyProxy, type FaultyProxy } from "./faultyProxy.ts";
import { tinyRegistry } from "./tinyRegistry.ts";

const timings = { retryMs: 5, retries: 4 };
const drawing = { prompt: "a red apple", seed: 1, steps: 4, widthPx: 64, heightPx: 64 };

interface Asked {
	kind?: "generate" | "inpaint";
	model?: string;
	params?: JsonObject;
	inputs?: Record<string, Picture>;
	context?: Partial<StepContext>;
	engine?: Engine;
}

const plain = (background: string, width = 64, height = 64): Promise<Picture> => plainPicture(width, height, background);

describe.skipIf(!hasSidecar)("the diffusers engine on the real sidecar", { timeout: 300_000 }, () => {
	const pictures = createPictureGate();
	let models: string;
	let sidecar: Sidecar;
	let proxy: FaultyProxy;
	let engine: Engine;
	let doubted: Engine;

	beforeAll(async () => {
		models = await buildTinyModels();
		sidecar = await startSidecar(models);
		proxy = await createFaultyProxy(sidecar.url);
		engine = open(sidecar.url);
		doubted = open(proxy.url);
	}, 300_000);
	afterEach(() => {
		proxy.fault = () => undefined;
	});
	afterAll(async () => {
		await Promise.all([engine?.close(), doubted?.close(), pictures.close(), proxy?.close(), sidecar?.close()]);
		await rm(models, { recursive: true, force: true });
	});

	function open(url: string, headers = sidecar.headers): Engine {
		const opened = createDiffusersEngine({ url, headers, pictures, timings });
		opened.learn?.(tinyRegistry);
		return opened;
	}

	function run({
		kind = "generate",
		model = "sd15",
		params = {},
		inputs = {},
		context = {},
		engine: of = engine,
	}: Asked): Promise<StepOutput> {
		const usual: StepContext = { signal: new AbortController().signal, onProgress() {}, onPreview() {} };
		return of.run({ kind, model, params: { ...drawing, ...params }, inputs }, { ...usual, ...context });
	}

	async function draw(asked: Asked): Promise<Picture> {
		const { pictures: made } = await run(asked);
		if (!made.image) throw new Error("no picture was made");
		return made.image;
	}

	const pixels = async (picture: Picture) => (await sharp(picture.bytes).raw().toBuffer()).toString("base64");
	const isIdle = async () => (await engine.status()).queued === 0;

	it("offers what is installed by our names, of the right family, with what each can do", async () => {
		const offered = new Map((await engine.capabilities()).map((info): [string, CapabilityInfo] => [info.capability, info]));
		const both = ["sd15", "sdxl", "flux"].flatMap((name) => [`generate:${name}`, `inpaint:${name}`]);
		const trained = ["sd15", "sdxl", "flux"].map((name) => `train_lora:${name}`);
		expect([...offered.keys()].sort()).toEqual([...both, ...trained, "inpaint:repainter"].sort());
		expect(offered.get("train_lora:sdxl")?.traits?.training).toEqual({ maxSteps: 20_000, maxPictures: 100, maxSidePx: 2_048 });
		expect(offered.get("generate:flux")?.traits).toMatchObject({
			controlNets: ["flux-canny", "flux-depth", "flux-pose"],
			...{ maxControlNets: null, loras: ["flux-one", "flux-two"], imageToImage: true, operations: [], preprocessors: [] },
		});
		expect(offered.get("inpaint:sd15")?.traits?.operations).toEqual(["fill", "replace", "insert"]);
		expect(offered.get("inpaint:repainter")?.traits?.operations).toEqual(["fill", "replace", "insert", "outpaint"]);
	});

	it("tells the operator what it holds and what is missing", async () => {
		await draw({ model: "sdxl" });
		const status = await engine.status();
		expect(status).toMatchObject({ loadedModel: "sdxl", queued: 0, version: "0.1.0" });
		const missing = Object.fromEntries(status.missing.map(({ name, files }) => [name, files]));
		expect(missing).toEqual({
			...{ absent: ["somebody/absent"], "wrong-family": ["tiny-sdxl"] },
			...{ "sd15-absent": ["absent.pth"], "absent-lora": ["another.safetensors", "absent.safetensors"] },
		});
	});

	it("draws with steps and previews on the way, and says what it did", async () => {
		const [progress, previews]: [StepProgress[], Picture[]] = [[], []];
		const context = { onProgress: (each: StepProgress) => progress.push(each), onPreview: (each: Picture) => previews.push(each) };
		const { pictures: made, data } = await run({ context });
		expect(made.image).toMatchObject({ mediaType: "image/png", widthPx: 64, heightPx: 64 });
		expect(progress.map(({ step }) => step)).toEqual([1, 2, 3, 4, undefined]);
		expect(progress.at(-1)).toEqual({ fraction: 1 });
		expect(previews.length).toBeGreaterThan(0);
		for (const { bytes, widthPx } of previews) expect(await sharp(bytes).metadata()).toMatchObject({ format: "jpeg", width: widthPx });
		expect(data).toEqual({ model: "tiny-sd15", family: "sd15", guidance: 5, steps: 4 });
	});

	it.each(["sd15", "sdxl", "flux"])("the same seed gives the same picture, with three ControlNets and two LoRAs: %s", async (model) => {
		const nets = ["canny", "depth", "pose"].map((name) => ({ net: `${model}-${name}`, strength: 0.7, start: 0.1, end: 0.9 }));
		const loras: JsonObject[] = [{ name: `${model}-one` }, { name: `${model}-two`, strength: -0.5 }];
		const maps = { control_0: await plain("white"), control_1: await plain("blue"), control_2: await plain("red") };
		const asked = { model, params: { controls: nets, loras }, inputs: maps };
		const once = await pixels(await draw(asked));
		expect(await pixels(await draw(asked))).toBe(once);
		expect(await pixels(await draw({ ...asked, params: { controls: nets } }))).not.toBe(once);
		expect(await pixels(await draw({ ...asked, inputs: { ...maps, control_2: maps.control_0 } }))).not.toBe(once);
	});

	it("starts from a picture, and inpaints a picture of any size in its own size", async () => {
		const image = await plain("orange", 90, 70);
		expect(await draw({ params: { strength: 0 }, inputs: { image: await plain("orange") } }).then(pixels)).toBe(
			await pixels(await plain("orange")),
		);
		const inputs = { image, mask: await plain("white", 90, 70) };
		for (const model of ["sd15", "repainter", "flux"]) {
			const drawn = await draw({ kind: "inpaint", model, inputs, params: { operation: "replace", widthPx: 72, heightPx: 64 } });
			expect(drawn).toMatchObject({ widthPx: 90, heightPx: 70 });
		}
	});

	it("refuses what it cannot do instead of leaving it out", async () => {
		const control = { net: "sd15-canny", preprocess: true };
		const image = await plain("red");
		const refusals: [Asked, string][] = [
			[{ model: "absent" }, "model_missing"],
			[{ params: { loras: [{ name: "absent-lora" }] } }, "model_missing"],
			[{ params: { controls: [{ net: "sd15-absent" }] }, inputs: { control_0: image } }, "model_missing"],
			[{ params: { controls: [{ net: "sd15-canny" }] } }, "engine_invalid"],
			[{ params: { controls: [control] }, inputs: { control_0: image } }, "engine_invalid"],
			[{ params: { hiresFix: { scale: 2, strength: 0.5 } } }, "engine_invalid"],
			[{ params: { sampler: "magic" } }, "engine_invalid"],
			[{ params: { widthPx: 4096 } }, "engine_invalid"],
			[{ kind: "inpaint", params: { operation: "remove" }, inputs: { image, mask: image } }, "engine_invalid"],
			[{ kind: "inpaint", inputs: { image } }, "engine_invalid"],
			[{ kind: "inpaint", inputs: { image, mask: await plain("white", 80, 64) } }, "engine_invalid"],
		];
		for (const [asked, code] of refusals) await expect(run(asked), JSON.stringify(asked.params)).rejects.toMatchObject({ code });
	});

	it("a cancelled picture stops inside the sidecar, and the next one is the same to the bit", async () => {
		const before = await pixels(await draw({ params: { seed: 3 } }));
		const stop = new AbortController();
		const context = { signal: stop.signal, onProgress: () => stop.abort() };
		await expect(run({ params: { steps: 150 }, context })).rejects.toMatchObject({ code: "cancelled" });
		expect(await isIdle()).toBe(true);
		expect(await pixels(await draw({ params: { seed: 3 } }))).toBe(before);
		await expect(run({ context: { signal: AbortSignal.abort() } })).rejects.toMatchObject({ code: "cancelled" });
	});

	it.skipIf(process.platform !== "linux")("a picture too large for the memory is told apart, and the next one is drawn", async () => {
		const before = await pixels(await draw({ model: "sd15" }));
		sidecar.limitGrowth(8 * 1024 * 1024);
		const large = { steps: 1, widthPx: 896, heightPx: 896 };
		const ended = await run({ params: large }).catch((error: unknown) => error);
		sidecar.limitGrowth(null);
		expect(ended).toMatchObject({ code: "out_of_memory", message: "The device ran out of memory." });
		expect(await pixels(await draw({ model: "sd15" }))).toBe(before);
	});

	it("waits its turn while the device works for another, and stops waiting when it is cancelled", async () => {
		const [stopFirst, stopSecond] = [new AbortController(), new AbortController()];
		const begun = Promise.withResolvers<void>();
		const first = run({ params: { steps: 150 }, context: { signal: stopFirst.signal, onProgress: () => begun.resolve() } });
		await begun.promise;
		const posts = () => proxy.asked.filter((each) => each === "POST /v1/jobs").length;
		const before = posts();
		const second = run({ engine: doubted, context: { signal: stopSecond.signal } });
		const third = run({ engine: doubted });
		while (posts() < before + 2) await new Promise((resolve) => setImmediate(resolve));
		stopSecond.abort();
		await expect(second).rejects.toMatchObject({ code: "cancelled" });
		stopFirst.abort();
		await expect(first).rejects.toMatchObject({ code: "cancelled" });
		expect((await third).pictures.image).toBeDefined();
	});

	it("a job whose answer was lost is not run twice", async () => {
		let lost = 0;
		proxy.fault = ({ method, url }, whole) =>
			method === "POST" && url === "/v1/jobs" && lost++ < 2 ? whole().then(() => null) : undefined;
		const ran = sidecar.log().split("generate done").length;
		await draw({ engine: doubted });
		expect(lost).toBe(3);
		expect(sidecar.log().split("generate done").length).toBe(ran + 1);
	});

	it("a connection that breaks in the middle is taken up where it was, and nothing is told twice", async () => {
		const steps: (number | undefined)[] = [];
		const onProgress = ({ step }: StepProgress) => {
			steps.push(step);
			if (step === 5 || step === 12) proxy.cut();
		};
		const follows = () => proxy.asked.filter((each) => each.endsWith("/events")).length;
		const before = follows();
		await draw({ engine: doubted, params: { steps: 20 }, context: { onProgress } });
		expect(steps).toEqual([...Array.from({ length: 20 }, (_, index) => index + 1), undefined]);
		expect(follows() - before).toBeGreaterThan(1);
	});

	it("a picture that arrives damaged is fetched again, and never passed on", async () => {
		const isOutput = (url = "") => url.includes("/outputs/");
		let fetched = 0;
		const damage = async (whole: () => Promise<Buffer>) => {
			const bytes = await whole();
			bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
			return bytes;
		};
		proxy.fault = ({ url }, whole) => (isOutput(url) && fetched++ === 0 ? damage(whole) : undefined);
		const whole = await pixels(await draw({}));
		expect(await pixels(await draw({ engine: doubted }))).toBe(whole);
		expect(fetched).toBe(2);
		proxy.fault = ({ url }, read) => (isOutput(url) ? damage(read) : undefined);
		await expect(run({ engine: doubted })).rejects.toMatchObject({ code: "engine_down" });
	});

	it("with a wrong token, or nobody there, the engine is down and says nothing of the address", async () => {
		const strangers = [open(sidecar.url, { authorization: "Bearer wrong" }), open("http://127.0.0.1:1")];
		for (const stranger of strangers) {
			await expect(stranger.capabilities()).rejects.toMatchObject({
				code: "engine_down",
				message: expect.not.stringContaining("127.0.0.1"),
			});
			await expect(run({ engine: stranger })).rejects.toMatchObject({ code: "engine_down" });
		}
	});

	it("a prompt does not reach the sidecar's log", async () => {
		await draw({ params: { prompt: "xylophone ".repeat(100) } });
		expect(sidecar.log()).toContain("generate done");
		expect(sidecar.log()).not.toContain("xylophone");
	});

	it("a sidecar that dies in the middle of a picture is an engine that is down", async () => {
		const dying = await startSidecar(models);
		const victim = open(dying.url, dying.headers);
		const killed = Promise.withResolvers<void>();
		const onProgress = () => killed.resolve(dying.kill());
		await expect(run({ engine: victim, params: { steps: 150 }, context: { onProgress } })).rejects.toMatchObject({ code: "engine_down" });
		await killed.promise;
		await dying.close();
	});
});
