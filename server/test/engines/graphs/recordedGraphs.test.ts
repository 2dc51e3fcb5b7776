import { describe, expect, test } from "vitest";
import type { ApiGraph } from "../../../src/domain/engines/apiGraph.ts";
import type { StepRequest } from "../../../src/domain/ports.ts";
import { roleToCome } from "../../../src/domain/workflows/comfy/fillGraph.ts";
import { buildGraph } from "../../../src/engines/comfyui/graphs/buildGraph.ts";
import { canonical } from "./canonical.ts";
import { known, pictureOf, recordedGraph, step } from "./recordedServer.ts";

type Inputs = ApiGraph[string]["inputs"];

/** The graph for the step, with its pictures under the names that the recorded graph gives them. */
function build(request: StepRequest, names: Record<string, string> = {}): ApiGraph {
	const graph = buildGraph(request, known);
	for (const { inputs } of Object.values(graph)) {
		const role = roleToCome(inputs.image ?? null);
		if (role !== null) inputs.image = names[role] ?? "in.png";
	}
	return graph;
}

/** A node of a recorded graph as we build it instead. */
function replace(graph: ApiGraph, id: string, class_type: string, inputs: Inputs): void {
	graph[id] = { class_type, inputs };
}

function set(graph: ApiGraph, id: string, inputs: Inputs): void {
	Object.assign(graph[id]?.inputs ?? {}, inputs);
}

const square = pictureOf(1_024);
const maps = { control_0: square, control_1: square, control_2: square };
const edit = { image: square, mask: square };

describe("the same request gives the graph that a real server accepted", () => {
	test.each<[string, StepRequest]>([
		["flux-dev-t2i", step("generate", "flux", { steps: 20 })],
		["flux-schnell-t2i", step("generate", "flux-schnell", { steps: 4 })],
		["sdxl-t2i", step("generate", "sdxl")],
		["sd15-t2i", step("generate", "sd15", { steps: 25, widthPx: 512, heightPx: 512, sampler: "euler_ancestral", scheduler: "normal" })],
		[
			"sdxl-2-loras",
			step("generate", "sdxl", {
				loras: [
					{ name: "style", strength: 0.8 },
					{ name: "detail", strength: 0.5 },
				],
			}),
		],
		[
			"sdxl-3-controlnets",
			step(
				"generate",
				"sdxl",
				{
					controls: [
						{ net: "sdxl-canny", strength: 0.6, end: 0.8 },
						{ net: "sdxl-depth", strength: 0.5 },
						{ net: "sdxl-openpose", strength: 0.8 },
					],
				},
				maps,
			),
		],
	])("%s", (name, request) => {
		expect(canonical(build(request))).toEqual(canonical(recordedGraph(name)));
	});
});

/** Each recorded graph is changed by what we do differently, and by nothing else. */
describe("where the graph differs from the recorded one, it differs on purpose", () => {
	test("Flux from one file is drawn as Flux from parts: the same noise schedule, and no negative prompt that it does not use", () => {
		const recorded = recordedGraph("flux-dev-t2i");
		for (const id of ["10", "11", "12"]) delete recorded[id];
		replace(recorded, "4", "CheckpointLoaderSimple", recordedGraph("flux-dev-fp8-checkpoint-t2i")["4"]?.inputs ?? {});
		set(recorded, "30", { model: ["4", 0] });
		set(recorded, "6", { clip: ["4", 1] });
		set(recorded, "8", { vae: ["4", 2] });
		expect(canonical(build(step("generate", "flux-one-file", { steps: 20 })))).toEqual(canonical(recorded));
	});

	test("image-to-image draws at the size that was asked for, not at a megapixel of the picture's shape", () => {
		const recorded = recordedGraph("sdxl-img2img");
		replace(recorded, "11", "ImageScale", { image: ["10", 0], upscale_method: "lanczos", width: 1_024, height: 1_024, crop: "center" });
		expect(canonical(build(step("generate", "sdxl", { strength: 0.6 }, { image: pictureOf(700, 900) })))).toEqual(canonical(recorded));
	});

	test("the hires fix ends at exactly the size that was asked for, which a factor would round", () => {
		const recorded = recordedGraph("sdxl-hires-fix");
		replace(recorded, "20", "LatentUpscale", {
			...{ samples: ["3", 0], upscale_method: "nearest-exact", width: 1_536, height: 1_536, crop: "disabled" },
		});
		const request = step("generate", "sdxl", { widthPx: 1_536, heightPx: 1_536, hiresFix: { scale: 1.5, strength: 0.5 } });
		expect(canonical(build(request))).toEqual(canonical(recorded));
	});

	test("a mask is a picture, white where to repaint, not the transparency of one", () => {
		const recorded = recordedGraph("sdxl-inpaint");
		set(recorded, "11", { channel: "red" });
		const request = step("inpaint", "sdxl", { strength: 1 }, edit);
		expect(canonical(build(request, { mask: "clipspace-mask.png" }))).toEqual(canonical(recorded));
	});

	test("a network trained on holes also gets a grown mask, and the untouched original around what it drew", () => {
		const recorded = recordedGraph("sdxl-inpaint-model-conditioning");
		const grown = recordedGraph("sdxl-inpaint");
		set(recorded, "11", { channel: "red" });
		replace(recorded, "20", "GrowMask", grown["12"]?.inputs ?? {});
		replace(recorded, "13", "ImageCompositeMasked", { ...grown["13"]?.inputs, mask: ["20", 0] });
		set(recorded, "12", { mask: ["20", 0] });
		set(recorded, "9", { images: ["13", 0] });
		const request = step("inpaint", "sdxl-inpaint", { strength: 0.9 }, edit);
		expect(canonical(build(request, { mask: "clipspace-mask.png" }))).toEqual(canonical(recorded));
	});

	test("upscaling ends at four times the size, whatever factor the net has", () => {
		const recorded = recordedGraph("upscale-with-model");
		replace(recorded, "4", "ImageScale", { image: ["3", 0], upscale_method: "lanczos", width: 1_200, height: 800, crop: "disabled" });
		set(recorded, "9", { filename_prefix: "gw/out" });
		expect(canonical(build(step("upscale", "realesrgan-x4plus", {}, { image: pictureOf(300, 200) })))).toEqual(canonical(recorded));
	});
});
