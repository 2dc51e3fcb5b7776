import { describe, expect, test } from "vitest";
import { emptyRegistry } from "../../../src/domain/engines/registry.ts";
import { traits } from "../../../src/domain/engines/traits.ts";
import { buildGraph } from "../../../src/engines/comfyui/graphs/buildGraph.ts";
import { discover } from "../../../src/engines/comfyui/graphs/discover.ts";
import { controlNetAux } from "./otherNodes.ts";
import { known, offering, recordedNodes, registry, step, withNodes, without } from "./recordedServer.ts";

const names = (nodes = recordedNodes) => discover({ registry, nodes }).capabilities.map(({ capability }) => capability);
const traitsOf = (capability: string, nodes = recordedNodes) =>
	traits.parse(discover({ registry, nodes }).capabilities.find((each) => each.capability === capability)?.traits);
const missing = (nodes = recordedNodes) =>
	Object.fromEntries(discover({ registry, nodes }).missing.map(({ name, files }) => [name, files]));

describe("what the recorded server can run", () => {
	test("every model, ControlNet and LoRA whose files it lists", () => {
		expect(names()).toEqual([
			...["generate:sd15", "inpaint:sd15", "generate:sdxl", "inpaint:sdxl", "generate:flux", "inpaint:flux"],
			...["generate:flux-schnell", "inpaint:flux-schnell", "generate:flux-one-file", "inpaint:flux-one-file"],
			...["inpaint:sdxl-inpaint", "inpaint:flux-fill", "upscale:realesrgan-x4plus", "graph:comfyui"],
		]);
		expect(traitsOf("generate:sdxl")).toMatchObject({
			...{ operations: [], shapeGuided: false, maxControlNets: null, preprocessors: ["canny"], hiresFix: true, imageToImage: true },
			...{ controlNets: ["sdxl-canny", "sdxl-depth", "sdxl-openpose"], loras: ["style", "detail"] },
			...{ samplers: expect.arrayContaining(["euler", "dpmpp_2m"]), schedulers: expect.arrayContaining(["normal", "karras"]) },
		});
		expect(traitsOf("generate:flux")).toMatchObject({ controlNets: ["flux-canny"], loras: ["flux-style"] });
	});

	test("an ordinary model repaints by a prompt; one trained on holes also continues the surroundings; none removes", () => {
		expect(traitsOf("inpaint:sdxl").operations).toEqual(["replace", "insert", "outpaint"]);
		expect(traitsOf("inpaint:sdxl-inpaint").operations).toEqual(["replace", "insert", "outpaint", "fill"]);
		expect(traitsOf("inpaint:sdxl")).toMatchObject({
			hiresFix: false,
			imageToImage: false,
			controlNets: ["sdxl-canny", "sdxl-depth", "sdxl-openpose"],
		});
	});

	test("what is missing is told with the file to install", () => {
		expect(missing()).toEqual({
			...{ "sd15-canny": ["control_v11p_sd15_canny.pth"], "sd15-depth": ["control_v11f1p_sd15_depth.pth"] },
			"sd15-openpose": ["control_v11p_sd15_openpose.pth"],
			...{
				"preprocessor:depth": ["custom_nodes/comfyui_controlnet_aux"],
				"preprocessor:openpose": ["custom_nodes/comfyui_controlnet_aux"],
			},
		});
	});
});

describe("when the server changes, so does what it can run", () => {
	test("a checkpoint that goes away takes its capabilities along and is missing", () => {
		const nodes = offering(recordedNodes, "CheckpointLoaderSimple", "ckpt_name", ["v1-5-pruned-emaonly.safetensors"]);
		expect(names(nodes)).toEqual(expect.arrayContaining(["generate:sd15", "generate:flux"]));
		expect(names(nodes)).not.toContain("generate:sdxl");
		expect(missing(nodes)).toMatchObject({ sdxl: ["sd_xl_base_1.0.safetensors"], "flux-one-file": ["flux1-dev-fp8.safetensors"] });
	});

	test.each([["sdxl/sd_xl_base_1.0.safetensors"], ["SDXL\\base\\sd_xl_base_1.0.safetensors"], ["sd_xl_base_1.0_0.9vae.safetensors"]])(
		"sdxl is found as %s",
		(file) => {
			expect(names(offering(recordedNodes, "CheckpointLoaderSimple", "ckpt_name", [file]))).toContain("generate:sdxl");
		},
	);

	test("of files with one name the one in no folder is taken, else the first", () => {
		const chosen = (...files: string[]) => {
			const nodes = offering(recordedNodes, "CheckpointLoaderSimple", "ckpt_name", files);
			return buildGraph(step("generate", "sdxl"), { registry, nodes }).checkpoint?.inputs.ckpt_name;
		};
		const name = "sd_xl_base_1.0.safetensors";
		expect(chosen(`b/${name}`, name)).toBe(name);
		expect(chosen(`b/${name}`, `a/${name}`)).toBe(`b/${name}`);
	});

	test("a file whose name only ends the same is another file", () => {
		const nodes = offering(recordedNodes, "CheckpointLoaderSimple", "ckpt_name", ["my-sd_xl_base_1.0.safetensors"]);
		expect(names(nodes)).not.toContain("generate:sdxl");
	});

	test("of several ways to load a model the one with the fewest files is what is missing", () => {
		const bare = without(recordedNodes, "UNETLoader", "DualCLIPLoader", "VAELoader");
		expect(missing(offering(bare, "CheckpointLoaderSimple", "ckpt_name", []))).toMatchObject({ flux: ["flux1-dev-fp8.safetensors"] });
		const noVae = offering(recordedNodes, "VAELoader", "vae_name", []);
		expect(missing(offering(noVae, "CheckpointLoaderSimple", "ckpt_name", []))).toMatchObject({ flux: ["ae.safetensors"] });
	});

	test("a ControlNet, a LoRA and an upscaler come and go with their files", () => {
		const nets = offering(recordedNodes, "ControlNetLoader", "control_net_name", ["x/controlnet-depth-sdxl-1.0.safetensors"]);
		expect(traitsOf("generate:sdxl", nets).controlNets).toEqual(["sdxl-depth"]);
		expect(traitsOf("generate:sdxl", offering(recordedNodes, "LoraLoader", "lora_name", ["detail.safetensors"])).loras).toEqual(["detail"]);
		expect(names(offering(recordedNodes, "UpscaleModelLoader", "model_name", []))).not.toContain("upscale:realesrgan-x4plus");
	});

	test("preprocessors come with their nodes", () => {
		const nodes = withNodes(recordedNodes, controlNetAux);
		expect(traitsOf("generate:sdxl", nodes).preprocessors).toEqual(["canny", "depth", "openpose"]);
		expect(Object.keys(missing(nodes)).filter((name) => name.startsWith("preprocessor:"))).toEqual([]);
		expect(traitsOf("generate:sdxl", without(recordedNodes, "Canny")).preprocessors).toEqual([]);
	});

	test("without the nodes of a step it is not promised, and the nodes are missing", () => {
		const nodes = without(recordedNodes, "InpaintModelConditioning", "LatentUpscale");
		expect(names(nodes)).not.toContain("inpaint:sdxl-inpaint");
		expect(missing(nodes)).toMatchObject({ "inpaint:sdxl-inpaint": ["node InpaintModelConditioning"] });
		expect(traitsOf("generate:sdxl", nodes).hiresFix).toBe(false);
		expect(traitsOf("generate:sdxl", without(recordedNodes, "VAEEncode"))).toMatchObject({ hiresFix: false, imageToImage: false });
		// Repainting would work at some strengths, and the rest at some sizes.
		for (const node of ["VAEEncodeForInpaint", "SetLatentNoiseMask"])
			expect(names(without(recordedNodes, node))).not.toContain("inpaint:sdxl");
		expect(names(without(recordedNodes, "ImageScale"))).toEqual(["graph:comfyui"]);
	});

	test("a server that says nothing, or has no names of ours, runs graphs and nothing else", () => {
		expect(names(new Map())).toEqual(["graph:comfyui"]);
		expect(discover({ ...known, registry: emptyRegistry })).toEqual({
			capabilities: [{ capability: "graph:comfyui", digest: null }],
			missing: [],
		});
	});
});
