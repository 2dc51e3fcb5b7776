/** The workflows that ship, each run where the built-in engine can, over HTTP by their typed inputs. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { glassworks } from "../../../glassworks.config.ts";
import { operatorConfig } from "../../src/domain/plans/operatorConfig.ts";
import { checkContent } from "../../src/domain/workflows/checkContent.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { type Call, caller, download, finished, uploadPicture } from "../http/call.ts";
import { startScriptedWorker } from "../support/scriptedWorker.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

let app: TestApp;
let call: Call;
let photo: { asset_id: string };
let mask: { asset_id: string };
const png = async (widthPx: number, heightPx: number, white = { left: 0, top: 0, width: 0, height: 0 }) => {
	const canvas = sharp({ create: { width: widthPx, height: heightPx, channels: 3, background: "black" } });
	const { left, top, width, height } = white;
	const patch = width > 0 ? [{ input: { create: { width, height, channels: 3 as const, background: "white" } }, left, top }] : [];
	return new Uint8Array(await canvas.composite(patch).png().toBuffer());
};
beforeAll(async () => {
	app = await startTestApp();
	call = caller(app.url, app.ownerKey);
	const astronaut = join(import.meta.dirname, "../data/photographs/astronaut.jpg");
	const small = await sharp(await readFile(astronaut))
		.resize(96, 96)
		.png()
		.toBuffer();
	photo = await uploadPicture(call, small);
	mask = await uploadPicture(call, await png(96, 96, { left: 30, top: 30, width: 30, height: 30 }));
}, 60_000);
afterAll(() => app?.close());

const run = (slug: string, inputs: object, more: object = {}) =>
	call("POST", `/api/v1/workflows/${slug}/runs`, { body: { inputs, ...more } });
const pixels = async (url: string | null | undefined) =>
	sharp((await download(url ?? "")).bytes)
		.removeAlpha()
		.raw()
		.toBuffer();

/** An enlarged picture at the size that it had before. */
async function shrunk(url: string | null | undefined): Promise<Buffer> {
	const enlarged = sharp(await pixels(url), { raw: { width: 384, height: 384, channels: 3 } });
	return enlarged.resize(96, 96, { kernel: "lanczos3" }).raw().toBuffer();
}

/** Mean of the difference of two pictures of 96 x 96, by channel, where `counts` says so. */
function difference(a: Buffer, b: Buffer, counts: (x: number, y: number) => boolean): number {
	let [sum, count] = [0, 0];
	for (const [at, value] of a.entries()) {
		const pixel = Math.floor(at / 3);
		if (!counts(pixel % 96, Math.floor(pixel / 96))) continue;
		sum += Math.abs(value - (b[at] ?? 0));
		count++;
	}
	return sum / count;
}

test("every workflow that ships could be saved by an author", () => {
	const config = operatorConfig.parse(glassworks);
	for (const { slug, version, ...content } of shippedWorkflows) {
		const fields = content.takes === "values" ? [] : requestFields;
		expect(checkContent({ ...content, takes: "values" }, config, fields), slug).toEqual([]);
		expect(version).toBe(1);
	}
});
const requestFields = [
	"prompt",
	"negativePrompt",
	"model",
	"widthPx",
	"heightPx",
	"seed",
	"steps",
	"guidance",
	"style",
	"strength",
	"image",
].concat(
	["mask", "sampler", "scheduler", "controls", "controlImages", "loras", "hiresFix", "restoreFaces", "faceFidelity", "upscale", "format"],
	["faceRestorer", "quality", "paintImage", "paintMask", "operation", "shapeFidelity", "window", "source"],
);

test("upscale enlarges a picture four times and draws nothing", async () => {
	const accepted = await run("upscale", { image: photo, format: "jpeg" });
	expect(accepted.status, accepted.text).toBe(202);
	const job = await finished(call, app.ownerKey, accepted.body);
	expect(job.images[0]).toMatchObject({ status: "succeeded", width: 384, height: 384, media_type: "image/jpeg" });
	expect(difference(await pixels(job.images[0]?.original_url), await shrunk(job.images[0]?.url), () => true)).toBeLessThan(8);
}, 120_000);

test("a plan without upscaling is told which plans have it", async () => {
	const free = caller(app.url, (await app.createTenant("free", { creditMicroUsd: 1_000_000 })).key);
	const image = await uploadPicture(free, await png(64, 64));
	const refused = await free("POST", "/api/v1/workflows/upscale/runs", { body: { inputs: { image } } });
	expect(refused.body).toMatchObject({ code: "step_not_in_plan", limit: "upscale", plan: "pro", plans: ["pro", "enterprise"] });
});

test("portrait draws upright and asks for the face with the fidelity given", async () => {
	const accepted = await run("portrait", { prompt: "a smiling robot", seed: 3, upscale: false, steps: 2 });
	expect(accepted.status, accepted.text).toBe(202);
	const job = await finished(call, app.ownerKey, accepted.body);
	expect(job.images[0]).toMatchObject({ status: "succeeded", width: 192, height: 256 });
	expect(job).toMatchObject({ request: { face_fidelity: 0.7, width: 192, height: 256 } });
}, 120_000);

test("inpaint, then enhance: it changes where the mask is white, and the whole picture is enlarged", async () => {
	const accepted = await run("inpaint-then-enhance", { image: photo, mask, prompt: "a red apple", model: "embedded", steps: 2, seed: 5 });
	expect(accepted.status, accepted.text).toBe(202);
	const job = await finished(call, app.ownerKey, accepted.body);
	expect(job, JSON.stringify(job)).toMatchObject({ workflow: "inpaint-then-enhance", status: "succeeded" });
	expect(job.images[0]).toMatchObject({ width: 384, height: 384 });
	const after = await shrunk(job.images[0]?.url);
	const before = await pixels(job.images[0]?.original_url);
	const change = (inside: boolean) => difference(before, after, (x, y) => inside === (x >= 30 && x < 60 && y >= 30 && y < 60));
	expect(change(true)).toBeGreaterThan(25);
	expect(change(false)).toBeLessThan(10);
	expect(job.images[0]?.skipped.map(({ step }) => step)).not.toContain("upscale");
}, 180_000);

test("outpaint says what it cannot follow, before anything is queued", async () => {
	for (const door of ["runs", "runs/quotes"]) {
		const refused = await call("POST", `/api/v1/workflows/outpaint/${door}`, {
			body: { inputs: { image: photo, left: 32, prompt: "a beach" } },
		});
		expect(refused.body).toMatchObject({ code: "unsupported_by_model" });
	}
	const worker = await startScriptedWorker(app.url, call, { pools: ["gpu"], traits: { "inpaint:sd15": { operations: ["outpaint"] } } });
	const accepted = await run("outpaint", { image: photo, left: 32, prompt: "a beach" });
	expect(accepted.status, accepted.text).toBe(202);
	const work = await worker.claim("gpu");
	expect(work).toMatchObject({ kind: "inpaint", model: "sd15", params: { operation: "outpaint", prompt: "a beach" } });
	await worker.revoke();
	await call("POST", `/api/v1/jobs/${accepted.body.id}/cancel`);
}, 60_000);

const three = () => ({ prompt: "a dancer", edges_image: photo, depth_image: photo, pose_image: photo, seed: 9, upscale: false });
const nets = ["sdxl-canny", "sdxl-depth", "sdxl-openpose"];
const preprocessors = ["canny", "depth", "openpose"];

test("three ControlNets are refused, naming what no engine at hand has", async () => {
	const refusal = async () => (await call("POST", "/api/v1/workflows/three-controlnets/runs/quotes", { body: { inputs: three() } })).body;
	expect(await refusal()).toMatchObject({ code: "unsupported_by_model", detail: expect.stringContaining("sdxl-canny") });
	for (const [traits, lacks] of [
		[{ controlNets: nets.slice(0, 2), maxControlNets: null, preprocessors }, "sdxl-openpose"],
		[{ controlNets: nets, maxControlNets: 2, preprocessors }, "at most 2 ControlNets"],
		[{ controlNets: nets, maxControlNets: null, preprocessors: ["canny", "depth"] }, "map of sdxl-openpose"],
	] as const) {
		const worker = await startScriptedWorker(app.url, call, {
			pools: ["gpu"],
			traits: { "generate:sdxl": { ...traits, controlNets: [...traits.controlNets], preprocessors: [...traits.preprocessors] } },
		});
		expect(await refusal()).toMatchObject({ code: "unsupported_by_model", detail: expect.stringContaining(lacks) });
		await worker.revoke();
	}
});

test("three ControlNets reach the engine as one stack, each with its picture", async () => {
	const worker = await startScriptedWorker(app.url, call, {
		pools: ["gpu"],
		traits: { "generate:sdxl": { controlNets: nets, maxControlNets: null, preprocessors } },
	});
	const accepted = await run("three-controlnets", { ...three(), pose_strength: 0.9 });
	expect(accepted.status, accepted.text).toBe(202);
	expect(accepted.body).toMatchObject({ model: "sdxl", quote: { skipped: expect.any(Array) } });
	const work = await worker.claim("gpu");
	expect(work).toMatchObject({
		kind: "generate",
		params: { prompt: "a dancer", seed: 9, widthPx: 1_024, heightPx: 1_024, steps: 30 },
	});
	expect(work.params.controls).toEqual(
		[0.6, 0.5, 0.9].map((strength, at) => ({ net: nets[at], strength, start: 0, end: 1, preprocess: true })),
	);
	expect(Object.keys(work.inputs).toSorted()).toEqual(["control_0", "control_1", "control_2"]);
	await worker.succeed(work, await png(1_024, 1_024));
	const job = await finished(call, app.ownerKey, accepted.body);
	expect(job.images[0]).toMatchObject({ status: "succeeded", width: 1_024, height: 1_024 });
	await worker.revoke();
}, 60_000);

test("ControlNets, LoRAs, samplers and a second pass of a plain generation are held against models and engines", async () => {
	const ask = async (more: object) => (await call("POST", "/api/v1/quotes", { body: { prompt: "a hill", ...more } })).body;
	const control = { net: "sdxl-canny", image: photo };
	const field = (name: string[]) => ({ code: "unsupported_by_model", errors: [{ path: name }] });
	expect(await ask({ controls: [control] })).toMatchObject(
		field(["controls", "0", "net"].map((part) => (part === "0" ? 0 : part)) as string[]),
	);
	expect(await ask({ model: "sd15", controls: [control] })).toMatchObject({
		code: "unsupported_by_model",
		detail: expect.stringContaining("sd15-canny"),
	});
	expect(await ask({ model: "sdxl", controls: [control] })).toMatchObject({
		detail: expect.stringContaining("no engine at hand has sdxl-canny"),
	});
	expect(await ask({ model: "sdxl", loras: [{ name: "none" }] })).toMatchObject({ detail: expect.stringContaining("sdxl takes no LoRAs") });
	expect(await ask({ sampler: "euler" })).toMatchObject(field(["sampler"]));
	expect(await ask({ model: "sdxl", hires_fix: {} })).toMatchObject(field(["hires_fix"]));
	const worker = await startScriptedWorker(app.url, call, {
		pools: ["gpu"],
		traits: { "generate:sdxl": { controlNets: nets, maxControlNets: 3, hiresFix: true } },
	});
	const body = { prompt: "a hill", model: "sdxl", controls: [control], sampler: "euler", hires_fix: { scale: 2 }, upscale: false };
	const accepted = await call("POST", "/api/v1/generations", { body });
	expect(accepted.status, accepted.text).toBe(202);
	expect(accepted.body).toMatchObject({
		request: { controls: [{ net: "sdxl-canny", image: { width: 96 } }], hires_fix: { scale: 2, strength: 0.5 } },
	});
	const work = await worker.claim("gpu");
	expect(work.params).toMatchObject({
		sampler: "euler",
		scheduler: null,
		hiresFix: { scale: 2, strength: 0.5 },
		controls: [{ net: "sdxl-canny" }],
	});
	await worker.revoke();
	await call("POST", `/api/v1/jobs/${accepted.body.id}/cancel`);
});

test("the document has a typed address for each, and for one's own with one's key", async () => {
	const paths = async (as: Call) => (await as("GET", "/openapi.json")).body.paths;
	const open = await paths(caller(app.url, null));
	for (const { slug } of shippedWorkflows) expect(Object.keys(open)).toContain(`/api/v1/workflows/${slug}/runs`);
	expect(open["/api/v1/workflows/upscale/runs"]?.post).toMatchObject({
		operationId: "run_upscale",
		requestBody: { content: { "application/json": { schema: { properties: { inputs: { required: ["image"] } } } } } },
	});
	expect((await caller(app.url, "gw_not-a-key-of-this-server-0123456789")("GET", "/openapi.json")).status).toBe(401);
});
