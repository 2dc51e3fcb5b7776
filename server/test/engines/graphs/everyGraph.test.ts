import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apiGraph } from "../../../src/domain/engines/apiGraph.ts";
import type { ModelFamily } from "../../../src/domain/engines/registry.ts";
import type { JsonObject } from "../../../src/domain/json.ts";
import type { StepRequest } from "../../../src/domain/ports.ts";
import { pictureToCome, roleToCome } from "../../../src/domain/workflows/comfy/fillGraph.ts";
import { validateGraph } from "../../../src/domain/workflows/comfy/validateGraph.ts";
import { buildGraph } from "../../../src/engines/comfyui/graphs/buildGraph.ts";
import { operationsOf } from "../../../src/engines/comfyui/graphs/inpaint.ts";
import { listPreprocessors } from "../../../src/engines/comfyui/graphs/preprocess.ts";
import { advancedControlNet, controlNetAux } from "./otherNodes.ts";
import { known, pictureOf, recordedNodes, registry, step, withNodes } from "./recordedServer.ts";

const side = fc.integer({ min: 16, max: 2_048 });
const share = fc.float({ min: 0, max: 1, noNaN: true });

/** Servers with and without the custom nodes, by what is installed. */
const servers: Record<string, typeof recordedNodes> = {
	core: recordedNodes,
	advanced: withNodes(recordedNodes, advancedControlNet),
	aux: withNodes(recordedNodes, controlNetAux),
	both: withNodes(recordedNodes, { ...advancedControlNet, ...controlNetAux }),
};
const nodesOf = (server: string) => servers[server] ?? recordedNodes;

/** Nets of sd15 that the shipped configuration names are not on the recorded server. */
const netsOf = (family: ModelFamily) =>
	registry.controlNets.filter((net) => net.family === family && !/^sd15-(canny|depth|openpose)$/.test(net.name));

function controlsOf(family: ModelFamily, server: string) {
	const can = listPreprocessors(nodesOf(server));
	const one = fc.record({
		net: fc.constantFrom(...netsOf(family)),
		strength: fc.float({ min: 0, max: 2, noNaN: true }),
		start: share,
		end: share,
		asPhotograph: fc.boolean(),
	});
	return fc.array(one, { maxLength: 4 }).map((controls) =>
		controls.map(({ net, strength, start, end, asPhotograph }) => ({
			...{ net: net.name, strength, start: Math.min(start, end), end: Math.max(start, end) },
			preprocess: asPhotograph && net.preprocessor !== null && can.includes(net.preprocessor),
		})),
	);
}

function lorasOf(family: ModelFamily) {
	const names = registry.loras.filter((lora) => lora.family === family).map(({ name }) => name);
	return fc.array(fc.record({ name: fc.constantFrom(...names), strength: fc.float({ min: -2, max: 2, noNaN: true }) }), { maxLength: 4 });
}

const hiresFix = fc.option(fc.record({ scale: fc.float({ min: Math.fround(1.2), max: 4, noNaN: true }), strength: share }));

/** Anything that may be asked of a model that the recorded server has. */
const anyStep = fc
	.constantFrom(...registry.models.flatMap(({ name, steps, recipe }) => steps.map((kind) => ({ name, kind, recipe }))))
	.chain((model) => fc.constantFrom(...Object.keys(servers)).map((server) => ({ ...model, server })))
	.chain(({ name, kind, recipe, server }) =>
		fc
			.record({
				sampling: fc.record({
					...{ prompt: fc.string(), negativePrompt: fc.string(), seed: fc.integer({ min: 0, max: 4_294_967_295 }) },
					...{ steps: fc.integer({ min: 1, max: 150 }), guidance: fc.option(fc.float({ min: 0, max: 30, noNaN: true })) },
					...{ widthPx: side, heightPx: side, strength: share },
					...{ sampler: fc.constantFrom(null, "euler", "ddim"), scheduler: fc.constantFrom(null, "beta", "karras") },
					loras: lorasOf(recipe.family),
				}),
				controls: controlsOf(recipe.family, server),
				ofKind: kind === "generate" ? fc.record({ hiresFix }) : fc.record({ operation: fc.constantFrom(...operationsOf(recipe)) }),
				size: fc.tuple(side, side),
				fromPicture: fc.boolean(),
			})
			.map(({ sampling, controls, ofKind, size, fromPicture }) => {
				const roles = kind === "inpaint" ? ["image", "mask"] : fromPicture ? ["image"] : [];
				const inputs = [...roles, ...controls.map((_, at) => `control_${at}`)].map((role) => [role, pictureOf(...size)]);
				return { request: step(kind, name, { ...sampling, ...ofKind, controls }, Object.fromEntries(inputs)), server };
			}),
	);

function classesOf(request: StepRequest, nodes = recordedNodes): string[] {
	return Object.values(buildGraph(request, { registry, nodes })).map(({ class_type }) => class_type);
}

describe("every graph that is built", () => {
	test("is one that the server accepts, saves one picture under our name, and leaves no node unused", () => {
		fc.assert(
			fc.property(anyStep, ({ request, server }) => {
				const nodes = nodesOf(server);
				const graph = apiGraph.parse(buildGraph(request, { registry, nodes }));
				expect(validateGraph(graph, nodes)).toEqual([]);
				const saves = Object.values(graph).filter(({ class_type }) => class_type === "SaveImage");
				expect(saves.map(({ inputs }) => inputs.filename_prefix)).toEqual(["gw/out"]);
				const linked = Object.values(graph).flatMap(({ inputs }) =>
					Object.values(inputs).flatMap((value) => (Array.isArray(value) ? [String(value[0])] : [])),
				);
				const unused = Object.keys(graph).filter((id) => !linked.includes(id));
				expect(unused.map((id) => graph[id]?.class_type)).toEqual(["SaveImage"]);
			}),
			{ numRuns: 500 },
		);
	});

	test("names every picture of the step once, and no other", () => {
		fc.assert(
			fc.property(anyStep, ({ request, server }) => {
				const nodes = nodesOf(server);
				const values = Object.values(buildGraph(request, { registry, nodes })).flatMap(({ inputs }) => Object.values(inputs));
				const named = values.filter((value) => roleToCome(value) !== null);
				expect(named.sort()).toEqual(Object.keys(request.inputs).map(pictureToCome).sort());
			}),
			{ numRuns: 200 },
		);
	});

	test("ends at the size that was asked for, or that the picture to repaint has", () => {
		fc.assert(
			fc.property(anyStep, ({ request, server }) => {
				const nodes = nodesOf(server);
				const graph = buildGraph(request, { registry, nodes });
				const { image } = request.inputs;
				const wanted =
					request.kind === "inpaint" && image ? [image.widthPx, image.heightPx] : [request.params.widthPx, request.params.heightPx];
				expect(sizeOf(graph, "save", request)).toEqual(wanted);
			}),
			{ numRuns: 300 },
		);
	});
});

/** Width and height of what a node gives, by the rules of ComfyUI's nodes: written apart from what builds the graphs. */
function sizeOf(graph: ReturnType<typeof buildGraph>, id: string, request: StepRequest): unknown[] {
	const { class_type = "", inputs = {} } = graph[id] ?? {};
	const from = (name: string) => sizeOf(graph, String((inputs[name] as [string, number])[0]), request);
	switch (class_type) {
		case "SaveImage":
			return from("images");
		case "VAEDecode":
		case "SetLatentNoiseMask":
			return from("samples");
		case "KSampler":
		case "SamplerCustomAdvanced":
			return from("latent_image");
		case "VAEEncode":
		case "VAEEncodeForInpaint":
		case "InpaintModelConditioning":
			return from("pixels").map((px) => Math.floor(Number(px) / 8) * 8);
		case "EmptyLatentImage":
		case "EmptySD3LatentImage":
		case "LatentUpscale":
			return [inputs.width, inputs.height].map((px) => Math.floor(Number(px) / 8) * 8);
		case "ImageScale":
			return [inputs.width, inputs.height];
		case "ImageCompositeMasked":
			// What is laid over the original must fit it exactly.
			expect(from("source")).toEqual(from("destination"));
			return from("destination");
		case "LoadImage": {
			const picture = request.inputs[roleToCome(inputs.image ?? null) ?? ""];
			return [picture?.widthPx, picture?.heightPx];
		}
		default:
			throw new Error(`no size of ${class_type}`);
	}
}

describe("how a picture is drawn", () => {
	const hires = (strength: number) => step("generate", "sdxl", { hiresFix: { scale: 2, strength } });
	const edit = { image: pictureOf(512), mask: pictureOf(512) };
	const repaint = (params: JsonObject, model = "sdxl") => classesOf(step("inpaint", model, params, edit));

	test("a hires fix of little strength enlarges the picture, one of much the latent", () => {
		expect(classesOf(hires(0.49))).not.toContain("LatentUpscale");
		expect(classesOf(hires(0.49)).filter((name) => name === "VAEDecode")).toHaveLength(2);
		expect(classesOf(hires(0.5))).toContain("LatentUpscale");
	});

	test("repainting at full strength starts from grey, below it from what is there, and outpainting always from grey", () => {
		expect(repaint({ strength: 1 })).toContain("VAEEncodeForInpaint");
		expect(repaint({ strength: 0.6 })).toContain("SetLatentNoiseMask");
		expect(repaint({ strength: 0.6 })).not.toContain("VAEEncodeForInpaint");
		expect(repaint({ strength: 0.6, operation: "outpaint" })).toContain("VAEEncodeForInpaint");
	});

	test("what continues the surroundings is drawn anew, however strongly", () => {
		const graph = buildGraph(step("inpaint", "sdxl-inpaint", { strength: 0.6, operation: "fill", prompt: "" }, edit), known);
		expect(graph.sampler?.inputs.denoise).toBe(1);
	});

	test("a model trained on holes is given the mask itself, with ControlNets as well", () => {
		const controls = [{ net: "sdxl-canny" }];
		const request = step("inpaint", "sdxl-inpaint", { controls }, { ...edit, control_0: pictureOf(512) });
		expect(classesOf(request)).toEqual(expect.arrayContaining(["InpaintModelConditioning", "ControlNetApplyAdvanced"]));
		expect(repaint({ strength: 0.6 }, "sdxl-inpaint")).not.toContain("SetLatentNoiseMask");
	});

	test("a picture larger than asked for is repainted smaller, and what was not repainted stays sharp", () => {
		const large = { image: pictureOf(3_000, 2_000), mask: pictureOf(3_000, 2_000) };
		const graph = buildGraph(step("inpaint", "sdxl", { strength: 1 }, large), known);
		expect(graph.working_size?.inputs).toMatchObject({ width: 1_256, height: 840 });
		// A cell of the latent, 8 px of what is drawn, is 19 px of the original.
		expect(graph.grow_mask?.inputs.expand).toBe(19);
		expect(graph.keep_the_rest?.inputs.destination).toEqual(["image", 0]);
	});

	test("latents of Flux have steps of 16 px, others of 8: between them the next larger is drawn and scaled to what was asked for", () => {
		const drawn = (model: string, px: number) => {
			const graph = buildGraph(step("generate", model, { widthPx: px, heightPx: px }), known);
			return [graph.latent?.inputs.width, graph.asked_size?.inputs.width];
		};
		expect([drawn("sdxl", 1_000), drawn("sdxl", 1_001)]).toEqual([
			[1_000, undefined],
			[1_008, 1_001],
		]);
		expect([drawn("flux", 1_008), drawn("flux", 1_000)]).toEqual([
			[1_008, undefined],
			[1_008, 1_000],
		]);
	});

	test("a distilled model of Stable Diffusion draws without guidance unless it is asked for", () => {
		const turbo = {
			...known,
			registry: { ...registry, models: registry.models.map((model) => ({ ...model, recipe: { ...model.recipe, distilled: true } })) },
		};
		expect(buildGraph(step("generate", "sdxl"), turbo).sampler?.inputs.cfg).toBe(1);
		expect(buildGraph(step("generate", "sdxl", { guidance: 2 }), turbo).sampler?.inputs.cfg).toBe(2);
	});

	test("a strength near 0 is 0: ComfyUI would lay out a million million steps", () => {
		for (const model of ["sdxl", "flux"]) {
			const graph = buildGraph(step("generate", model, { strength: 1e-10 }, { image: pictureOf(512) }), known);
			expect(Object.values(graph).flatMap(({ inputs }) => inputs.denoise ?? [])).toEqual([0]);
		}
	});

	test("guidance of 0 draws without guidance, not the negative prompt", () => {
		expect(buildGraph(step("generate", "sdxl", { guidance: 0 }), known).sampler?.inputs.cfg).toBe(1);
	});

	test("the advanced nodes are used where they are installed, and the core's for nets that they do not list", () => {
		const nodes = withNodes(recordedNodes, advancedControlNet);
		const request = step(
			"generate",
			"sdxl",
			{ controls: [{ net: "sdxl-canny" }, { net: "sdxl-depth" }] },
			{ control_0: pictureOf(9), control_1: pictureOf(9) },
		);
		const graph = buildGraph(request, { registry, nodes });
		expect(graph.control_1_net).toMatchObject({
			class_type: "ACN_ControlNetLoaderAdvanced",
			inputs: { cnet: "sdxl/controlnet-canny-sdxl-1.0.safetensors" },
		});
		expect(graph.control_2_net?.class_type).toBe("ControlNetLoader");
		expect(graph.control_2_apply?.inputs).toMatchObject({ positive: ["control_1_apply", 0], vae_optional: ["checkpoint", 2] });
		expect(classesOf(request, nodes).filter((name) => name === "ACN_AdvancedControlNetApply_v2")).toHaveLength(2);
	});

	test("a map is made by the first node that the server has, as fine as the drawing", () => {
		const nodes = withNodes(recordedNodes, controlNetAux);
		const request = step("generate", "sdxl", { controls: [{ net: "sdxl-depth", preprocess: true }] }, { control_0: pictureOf(900) });
		const graph = buildGraph(request, { registry, nodes });
		expect(graph.control_1_depth).toEqual({
			class_type: "DepthAnythingV2Preprocessor",
			inputs: { image: ["control_1_picture", 0], resolution: 1_024 },
			_meta: { title: "control 1 depth" },
		});
		expect(graph.control_1_apply?.inputs.image).toEqual(["control_1_depth", 0]);
	});
});
