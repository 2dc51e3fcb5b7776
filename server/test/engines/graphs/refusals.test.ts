import { describe, expect, test } from "vitest";
import { recipe } from "../../../src/domain/engines/registry.ts";
import { GlassworksError } from "../../../src/domain/errors.ts";
import type { JsonObject } from "../../../src/domain/json.ts";
import type { StepRequest } from "../../../src/domain/ports.ts";
import { buildGraph } from "../../../src/engines/comfyui/graphs/buildGraph.ts";
import type { Known } from "../../../src/engines/comfyui/graphs/readRequest.ts";
import { known, offering, pictureOf, recordedNodes, registry, step, without } from "./recordedServer.ts";

function refusal(request: StepRequest, against: Known = known): GlassworksError {
	try {
		buildGraph(request, against);
	} catch (error) {
		if (error instanceof GlassworksError) return error;
		throw error;
	}
	throw new Error("a graph was built");
}

/** Nothing of what lies on the server, or of what the operator's file says about it, reaches a tenant. */
function expectNoFiles({ message, data }: GlassworksError): void {
	expect(`${message} ${JSON.stringify(data)}`).not.toMatch(/safetensors|\.pth|ckpt|euler_ancestral|in\.png/);
}

const square = pictureOf(512);
const control = (params: JsonObject) => step("generate", "sdxl", { controls: [params] }, { control_0: square });
const edit = (params: JsonObject, model = "sdxl") => step("inpaint", model, params, { image: square, mask: square });

describe("a parameter that is wrong is named", () => {
	test.each<[string, StepRequest]>([
		["steps", step("generate", "sdxl", { steps: 0 })],
		["prompt", step("generate", "sdxl", { prompt: 7 })],
		["controls.0.strength", control({ net: "sdxl-canny", strength: 3 })],
		["widthPx", step("generate", "sdxl", { widthPx: 8 })],
		["heightPx", step("generate", "sdxl", { heightPx: 20_000 })],
		["style", step("generate", "sdxl", { style: "flat" })],
		["sampler", step("generate", "sdxl", { sampler: "magic" })],
		["scheduler", step("generate", "flux", { scheduler: "magic" })],
		["controls.0.net", control({ net: "sd15-canny" })],
		["controls.0.end", control({ net: "sdxl-canny", start: 0.6, end: 0.5 })],
		["controls.0.preprocess", control({ net: "sdxl-depth", preprocess: true })],
		["control_0", step("generate", "sdxl", { controls: [{ net: "sdxl-canny" }] })],
		["loras.1.name", step("generate", "sdxl", { loras: [{ name: "style" }, { name: "tiny" }] })],
		["image", step("inpaint", "sdxl", {}, { mask: square })],
		["mask", step("inpaint", "sdxl", {}, { image: square })],
		["mask", step("inpaint", "sdxl", {}, { image: square, mask: pictureOf(512, 511) })],
		["operation", edit({ operation: "remove" })],
		["operation", edit({ operation: "fill" })],
		["operation", edit({ operation: "remove" }, "sdxl-inpaint")],
		["hiresFix", edit({ hiresFix: { scale: 2, strength: 0.5 } })],
		["shapeFidelity", edit({ shapeFidelity: 0.5 })],
		["image", step("upscale", "realesrgan-x4plus", {}, { image: pictureOf(4_097, 16) })],
		["factor", step("upscale", "realesrgan-x4plus", { factor: 2 }, { image: square })],
	])("%s", (field, request) => {
		const error = refusal(request);
		expect([error.code, error.message]).toEqual(["engine_invalid", expect.stringContaining(`${field}: `)]);
		expect(error.fields.map(({ path }) => path.join("."))).toEqual([field]);
		expectNoFiles(error);
	});

	test("a map that the server cannot make is named by its kind", () => {
		expect(refusal(control({ net: "sdxl-depth", preprocess: true })).message).toContain("cannot make depth maps");
	});

	test("a net that takes maps only says so", () => {
		const request = step("generate", "sd15", { controls: [{ net: "sd15-maps", preprocess: true }] }, { control_0: square });
		expect(refusal(request).message).toContain('"sd15-maps" takes maps only');
	});
});

describe("what is not installed is named as we name it", () => {
	test.each<[string, StepRequest]>([
		["no-such-model", step("generate", "no-such-model")],
		["embedded", step("generate", "embedded")],
		["sdxl-inpaint", step("generate", "sdxl-inpaint")],
		["sd15-depth", step("generate", "sd15", { controls: [{ net: "sd15-depth" }] }, { control_0: square })],
		["no-such-net", control({ net: "no-such-net" })],
		["no-such-lora", step("generate", "sdxl", { loras: [{ name: "no-such-lora" }] })],
		["no-such-upscaler", step("upscale", "no-such-upscaler", {}, { image: square })],
	])("%s", (name, request) => {
		const error = refusal(request);
		expect([error.code, error.data]).toEqual(["model_missing", { name }]);
		expect(error.message).toContain(`"${name}"`);
		expectNoFiles(error);
	});

	test("a model, LoRA or upscaler whose file went away", () => {
		const gone = (node: string, input: string) => ({ registry, nodes: offering(recordedNodes, node, input, ["other.safetensors"]) });
		for (const [request, against] of [
			[step("generate", "sdxl"), gone("CheckpointLoaderSimple", "ckpt_name")],
			[step("generate", "sdxl", { loras: [{ name: "style" }] }), gone("LoraLoader", "lora_name")],
			[step("upscale", "realesrgan-x4plus", {}, { image: square }), gone("UpscaleModelLoader", "model_name")],
		] as const) {
			const error = refusal(request, against);
			expect(error.code).toBe("model_missing");
			expectNoFiles(error);
		}
	});

	test("Flux whose parts are only partly there is drawn from its one file, and missing when that is gone too", () => {
		const nodes = offering(recordedNodes, "VAELoader", "vae_name", ["sdxl_vae.safetensors"]);
		const request = step("generate", "flux");
		expect(buildGraph(request, { registry, nodes }).checkpoint?.class_type).toBe("CheckpointLoaderSimple");
		const neither = offering(nodes, "CheckpointLoaderSimple", "ckpt_name", []);
		expect(refusal(request, { registry, nodes: neither }).code).toBe("model_missing");
	});

	test("a model with the wrong number of text encoders is not there", () => {
		const parts = { network: ["flux1-dev.safetensors"], textEncoders: [["clip_l.safetensors"]], vae: ["ae.safetensors"] };
		const model = { name: "half", steps: ["generate" as const], recipe: recipe.parse({ family: "flux", parts, guidance: 3 }) };
		expect(refusal(step("generate", "half"), { ...known, registry: { ...registry, models: [model] } }).code).toBe("model_missing");
	});

	test("a node that this server lacks", () => {
		const error = refusal(edit({ strength: 1 }), { registry, nodes: without(recordedNodes, "GrowMask", "ImageCompositeMasked") });
		expect([error.code, error.data]).toEqual(["engine_invalid", { nodes: ["GrowMask", "ImageCompositeMasked"] }]);
	});

	test("steps of other kinds", () => {
		expect(refusal(step("encode", "standard")).code).toBe("engine_invalid");
	});
});
