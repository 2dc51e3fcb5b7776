import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { GlassworksError } from "../../../src/domain/errors.ts";
import type { JsonObject } from "../../../src/domain/json.ts";
import type { PictureGate, StepProgress } from "../../../src/domain/ports.ts";
import { readExchange, type Script, type Seen, serveRecordings } from "./recordedIopaint.ts";
import { context, inpaintRequest, marked, openWorkbench, recordedPhotograph, usualScript } from "./workbench.ts";

const { serve, connect, pictures } = openWorkbench();
const inpaintRoute = "POST /api/v1/inpaint";
const posts = (seen: Seen[], route = inpaintRoute) => seen.filter((entry) => entry.route === route).map(({ body }) => body);
const pixels = (bytes: Uint8Array) => sharp(bytes).removeAlpha().raw().toBuffer();

describe("what it offers", () => {
	it("offers what is installed there, by our names, with what it can do", async () => {
		const { engine } = await serve(usualScript());
		const [eraser, drawer, ...others] = await engine.capabilities();
		expect(eraser).toMatchObject({ capability: "inpaint:iopaint-cv2", traits: { operations: ["remove", "fill"], shapeGuided: false } });
		expect(drawer).toMatchObject({
			capability: "inpaint:sd15",
			traits: { operations: ["remove", "fill", "replace", "insert", "outpaint"], shapeGuided: true, maxControlNets: 0 },
		});
		expect(others).toEqual([]);
	});

	it("offers ControlNets of the model's family instead of PowerPaint where the operator says so", async () => {
		const { engine } = await serve(usualScript(), { controlNets: true });
		const drawer = (await engine.capabilities()).find(({ capability }) => capability === "inpaint:sd15");
		expect(drawer?.traits).toMatchObject({
			operations: ["fill", "replace", "insert", "outpaint"],
			...{ shapeGuided: false, controlNets: ["sd15-canny"], maxControlNets: 1, preprocessors: ["canny"] },
		});
	});

	it("says which model it holds, and which of ours it lacks", async () => {
		const { engine } = await serve(usualScript());
		expect(await engine.status()).toMatchObject({
			loadedModel: "iopaint-cv2",
			missing: [{ name: "absent", files: ["nobody/has-this"] }],
		});
	});

	it("has no model loaded after somebody switched it to a name it does not know", async () => {
		const { engine } = await serve(usualScript({ "GET /api/v1/model": "42-model-after-bad-switch" }));
		expect((await engine.status()).loadedModel).toBeNull();
	});

	it("says engine_down when nobody listens, or something else does", async () => {
		const gone = await serveRecordings(() => "01-server-config");
		await gone.close();
		await expect(connect(gone.url).capabilities()).rejects.toMatchObject({ code: "engine_down" });
		const { engine } = await serve(() => "04-inputimage-none");
		await expect(engine.capabilities()).rejects.toMatchObject({ code: "engine_down" });
	});

	it("sends the operator's headers", async () => {
		const { server, engine } = await serve(usualScript(), { headers: { authorization: "Bearer of-a-proxy" } });
		await engine.capabilities();
		expect(server.seen[0]?.headers.authorization).toBe("Bearer of-a-proxy");
	});
});

describe("inpaint", () => {
	it("returns the picture that IOPaint made, with the seed it used", async () => {
		const { server, engine } = await serve(usualScript());
		const told: StepProgress[] = [];
		const { pictures, data } = await engine.run(await inpaintRequest("iopaint-cv2"), context({ onProgress: (now) => told.push(now) }));
		const recorded = Buffer.from(readExchange("10-inpaint-png").response.bodyBase64 ?? "", "base64");
		expect(pictures.image).toMatchObject({ mediaType: "image/png", widthPx: 256, heightPx: 256 });
		expect((await pixels(pictures.image?.bytes ?? recorded.subarray(0, 0))).equals(await pixels(recorded))).toBe(true);
		expect(data).toMatchObject({ seed: 42, unused: ["steps", "guidance", "strength", "sampler", "scheduler"] });
		expect(told.at(-1)).toEqual({ fraction: 1 });
		expect(posts(server.seen)).toHaveLength(1);
	});

	it("keeps a picture that was made while ours had no time to look at it", async () => {
		let isFull = true;
		const admit: PictureGate["admit"] = async (...args) => {
			if (!isFull) return pictures.admit(...args);
			isFull = false;
			throw new GlassworksError("unavailable", "Too many pictures are waiting to be read.");
		};
		const { server, engine } = await serve(usualScript(), { pictures: { ...pictures, admit } });
		expect((await engine.run(await inpaintRequest("iopaint-cv2"), context())).pictures.image).toMatchObject({ widthPx: 256 });
		expect(posts(server.seen)).toHaveLength(1);
	});

	it("sends a JPEG as PNG, for IOPaint answers in the format it was asked in", async () => {
		const { server, engine } = await serve(usualScript());
		const request = await inpaintRequest("iopaint-cv2");
		const jpeg = await sharp(recordedPhotograph().bytes).jpeg().toBuffer();
		request.inputs.image = { bytes: jpeg, mediaType: "image/jpeg", widthPx: 256, heightPx: 256 };
		await engine.run(request, context());
		const sent = Buffer.from(String(posts(server.seen)[0]?.image), "base64");
		expect((await sharp(sent).metadata()).format).toBe("png");
		expect((await pixels(sent)).equals(await pixels(jpeg))).toBe(true);
	});

	it("sends what is clear as white, for IOPaint would leave it clear whatever is painted there", async () => {
		const { server, engine } = await serve(usualScript());
		const request = await inpaintRequest("iopaint-cv2");
		const clear = await sharp(recordedPhotograph().bytes).ensureAlpha(0).png().toBuffer();
		request.inputs.image = { ...recordedPhotograph(), bytes: clear };
		await engine.run(request, context());
		const { channels } = await sharp(Buffer.from(String(posts(server.seen)[0]?.image), "base64")).stats();
		expect(channels.map(({ min, max }) => [min, max])).toEqual(Array(3).fill([255, 255]));
	});

	it("sends the mask in black and white, transparent parts black, so that nobody's threshold matters", async () => {
		const { server, engine } = await serve(usualScript());
		const stroke = await sharp((await marked(256, 256, 200)).bytes)
			.joinChannel(
				await sharp((await marked(256, 256)).bytes)
					.extractChannel(0)
					.toBuffer(),
			)
			.png()
			.toBuffer();
		const mask = { bytes: stroke, mediaType: "image/png" as const, widthPx: 256, heightPx: 256 };
		await engine.run(await inpaintRequest("iopaint-cv2", {}, mask), context());
		const sent = await sharp(Buffer.from(String(posts(server.seen)[0]?.mask), "base64"))
			.extractChannel(0)
			.raw()
			.toBuffer();
		expect(new Set(sent)).toEqual(new Set([0, 255]));
		expect(sent.filter((value) => value === 255)).toHaveLength(80 * 80);
	});

	it("loads the model it needs first, and asks nothing of it when it is loaded", async () => {
		const { server, engine } = await serve(usualScript());
		await engine.run(await inpaintRequest("iopaint-cv2"), context());
		expect(posts(server.seen, "POST /api/v1/model")).toEqual([]);
		await engine.run(await inpaintRequest("sd15", { operation: "replace", prompt: "a red fox" }), context());
		expect(posts(server.seen, "POST /api/v1/model")).toContainEqual({ name: "tiny-sd15" });
	});

	it.each([
		["remove", null, { powerpaint_task: "object-remove", fitting_degree: 1, sd_guidance_scale: 12 }],
		["fill", null, { powerpaint_task: "context-aware", sd_guidance_scale: 7 }],
		["replace", null, { powerpaint_task: "text-guided" }],
		["insert", 0.4, { powerpaint_task: "shape-guided", fitting_degree: 0.4 }],
		["replace", 0, { powerpaint_task: "shape-guided", fitting_degree: 0.01 }],
		["outpaint", null, { powerpaint_task: "outpainting", sd_strength: 1, sd_guidance_scale: 12 }],
	])("asks PowerPaint to %s (shape fidelity %s)", async (operation, shapeFidelity, expected) => {
		const { server, engine } = await serve(usualScript());
		const { data } = await engine.run(await inpaintRequest("sd15", { operation, shapeFidelity }), context());
		const sent = posts(server.seen).at(-1);
		expect(sent).toMatchObject({ enable_powerpaint_v2: true, enable_controlnet: false, sd_seed: 42, sd_sampler: "DDIM", ...expected });
		expect(sent).not.toHaveProperty("use_extender");
		expect(data.powerPaint).toBe(expected.powerpaint_task);
	});

	it("asks for the ControlNet of the same kind, and silences it in requests without one", async () => {
		const { server, engine } = await serve(usualScript(), { controlNets: true });
		const params = { operation: "replace", prompt: "a red fox" };
		const controls = [{ net: "sd15-canny", strength: 0.6, preprocess: true }];
		await engine.run(await inpaintRequest("sd15", { ...params, controls }), context());
		await engine.run(await inpaintRequest("sd15", params), context());
		const [withNet, without] = posts(server.seen);
		const method = "lllyasviel/control_v11p_sd15_canny";
		expect(withNet).toMatchObject({ enable_controlnet: true, controlnet_method: method, controlnet_conditioning_scale: 0.6 });
		expect(without).toMatchObject({ enable_controlnet: false, controlnet_conditioning_scale: 0, enable_powerpaint_v2: false });
	});
});

describe("what IOPaint would ignore without a word is refused", () => {
	const control = { net: "sd15-canny", preprocess: true };
	it.each<[string, string, JsonObject]>([
		["an operation of prompt models", "iopaint-cv2", { operation: "replace" }],
		["outpainting", "iopaint-cv2", { operation: "outpaint" }],
		["a prompt", "iopaint-cv2", { prompt: "a red fox" }],
		["the mask's shape", "iopaint-cv2", { shapeFidelity: 0.5 }],
		["a ControlNet", "iopaint-cv2", { controls: [control] }],
		["LoRAs", "sd15", { loras: [{ name: "any" }] }],
		["drawing small and enlarging", "sd15", { hiresFix: { scale: 2, strength: 0.5 } }],
		["a style", "sd15", { style: "flat" }],
		["a sampler it does not have", "sd15", { sampler: "res_multistep" }],
		["ControlNets on a server for PowerPaint", "sd15", { operation: "fill", controls: [control] }],
	])("%s", async (_what, model, params) => {
		const { server, engine } = await serve(usualScript());
		await expect(engine.run(await inpaintRequest(model, params), context())).rejects.toMatchObject({ code: "engine_invalid" });
		expect(server.seen.filter(({ route }) => route.startsWith("POST"))).toEqual([]);
	});

	it.each<[string, JsonObject]>([
		["a map of its own", { ...control, preprocess: false }],
		["more strength than 1", { ...control, strength: 1.5 }],
		["a part of the sampling", { ...control, end: 0.5 }],
		["another family", { ...control, net: "sdxl-canny" }],
	])("a ControlNet with %s", async (_what, asked) => {
		const { server, engine } = await serve(usualScript(), { controlNets: true });
		const request = await inpaintRequest("sd15", { operation: "fill", controls: [asked] });
		await expect(engine.run(request, context())).rejects.toMatchObject({ code: "engine_invalid" });
		expect(server.seen.filter(({ route }) => route.startsWith("POST"))).toEqual([]);
	});

	it("a mask that marks nothing, for which it would answer with the picture as it was", async () => {
		const { server, engine } = await serve(usualScript());
		const request = await inpaintRequest("iopaint-cv2", {}, await marked(256, 256, 100));
		await expect(engine.run(request, context())).rejects.toMatchObject({ code: "engine_invalid" });
		expect(posts(server.seen)).toEqual([]);
	});

	it("a mask of another size", async () => {
		const { engine } = await serve(usualScript());
		const request = await inpaintRequest("iopaint-cv2", {}, await marked(256, 300));
		await expect(engine.run(request, context())).rejects.toMatchObject({ code: "engine_invalid" });
	});
});

describe("what IOPaint refuses becomes one of our errors", () => {
	it.each([
		["30-err-mask-size", "engine_invalid"],
		["31-err-bad-base64", "engine_invalid"],
		["32-err-base64-not-image", "engine_invalid"],
		["33-err-no-image", "engine_invalid"],
		["35-err-range", "engine_invalid"],
		["37-err-plugin-not-enabled", "model_missing"],
		["74-powerpaint-weights-missing", "model_missing"],
		["04-inputimage-none", "internal"],
	])("%s: %s", async (name, code) => {
		const { engine } = await serve(usualScript({ [inpaintRoute]: name }));
		const failure = await engine.run(await inpaintRequest("iopaint-cv2"), context()).catch((error: unknown) => error);
		expect(failure).toMatchObject({ code });
		expect(String(failure)).not.toMatch(/huggingface|BytesIO|NoneType|base64|object at/);
	});

	it("names the fields it refused", async () => {
		const { engine } = await serve(usualScript({ [inpaintRoute]: "35-err-range" }));
		await expect(engine.run(await inpaintRequest("iopaint-cv2"), context())).rejects.toThrow("sd_scale, fitting_degree");
	});

	it("a model that is not installed is never switched to, as that would break the server for all", async () => {
		const { server, engine } = await serve(usualScript());
		await expect(engine.run(await inpaintRequest("absent"), context())).rejects.toMatchObject({ code: "model_missing" });
		await expect(engine.run(await inpaintRequest("iopaint-lama"), context())).rejects.toMatchObject({ code: "model_missing" });
		expect(server.seen.filter(({ route }) => route.startsWith("POST"))).toEqual([]);
	});
});

describe("a server in a bad state", () => {
	it("is given its model again when somebody switched it to a name it does not know", async () => {
		const { server, engine } = await serve(usualScript({ "GET /api/v1/model": "42-model-after-bad-switch" }));
		await engine.run(await inpaintRequest("iopaint-cv2"), context());
		expect(posts(server.seen, "POST /api/v1/model")).toEqual([{ name: "cv2" }]);
	});

	it("is repaired and asked again when it lost its model between two requests", async () => {
		const usual = usualScript();
		const { server, engine } = await serve((request, before) =>
			request.route === inpaintRoute && posts(before).length === 0 ? "44-inpaint-after-bad-switch" : usual(request, before),
		);
		const { pictures } = await engine.run(await inpaintRequest("iopaint-cv2"), context());
		expect(pictures.image?.widthPx).toBe(256);
		expect(posts(server.seen, "POST /api/v1/model")).toEqual([{ name: "tiny-sd15" }, { name: "cv2" }]);
	});

	it("that stays broken is engine_down, after one repair", async () => {
		const { server, engine } = await serve(usualScript({ [inpaintRoute]: "44-inpaint-after-bad-switch" }));
		await expect(engine.run(await inpaintRequest("iopaint-cv2"), context())).rejects.toMatchObject({ code: "engine_down" });
		expect(posts(server.seen)).toHaveLength(2);
	});

	const withoutPowerPaint: Script = (request, before) => {
		if (request.route !== inpaintRoute) return usualScript()(request, before);
		return request.body.enable_powerpaint_v2 === true ? "74-powerpaint-weights-missing" : "75-inpaint-after-powerpaint-failure";
	};

	it("without PowerPaint's files is brought back to plain drawing, and not asked for PowerPaint again", async () => {
		const { server, engine } = await serve(withoutPowerPaint);
		await expect(engine.run(await inpaintRequest("sd15"), context())).rejects.toMatchObject({ code: "model_missing" });
		expect(posts(server.seen).map((body) => body.enable_powerpaint_v2)).toEqual([false, true, false]);
		const drawer = (await engine.capabilities()).find(({ capability }) => capability === "inpaint:sd15");
		expect(drawer?.traits).toMatchObject({ operations: ["fill", "replace", "insert", "outpaint"], shapeGuided: false });
	});

	it("without PowerPaint's files does without what can be done without", async () => {
		const { server, engine } = await serve(withoutPowerPaint);
		const { pictures, data } = await engine.run(await inpaintRequest("sd15", { operation: "replace", prompt: "a red fox" }), context());
		expect(pictures.image?.widthPx).toBe(256);
		expect(data).not.toHaveProperty("powerPaint");
		expect(posts(server.seen).at(-1)).toMatchObject({ enable_powerpaint_v2: false, prompt: "a red fox", sd_strength: 0.7 });
	});
});
