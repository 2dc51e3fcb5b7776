import { readFileSync } from "node:fs";
import { glassworks } from "../../../../glassworks.config.ts";
import { type ApiGraph, apiGraph } from "../../../src/domain/engines/apiGraph.ts";
import { type NodeCatalogue, readNodeCatalogue } from "../../../src/domain/engines/nodeCatalogue.ts";
import { type ModelRegistry, recipe } from "../../../src/domain/engines/registry.ts";
import type { JsonObject } from "../../../src/domain/json.ts";
import { operatorConfig, registryOf } from "../../../src/domain/plans/operatorConfig.ts";
import type { Picture, StepKind, StepRequest } from "../../../src/domain/ports.ts";

const data = new URL("../../data/comfyui/", import.meta.url);

/** What a real ComfyUI 0.33.0 says about its nodes, as recorded. */
export const recordedNodes: NodeCatalogue = readNodeCatalogue(readJson("object_info.json"));

function readJson(file: string): unknown {
	return JSON.parse(readFileSync(new URL(file, data), "utf8"));
}

/** A graph that the real server accepted. */
export function recordedGraph(name: string): ApiGraph {
	return apiGraph.parse(readJson(`graphs/${name}.json`));
}

const shipped = registryOf(operatorConfig.parse(glassworks));
const sdxlFiles = ["sd_xl_base_1.0.safetensors"];

/** The names of the shipped configuration, with LoRAs, Flux from one file and a model trained on holes besides. */
export const registry: ModelRegistry = {
	...shipped,
	models: [
		...shipped.models,
		{
			name: "flux-one-file",
			steps: ["generate", "inpaint"],
			recipe: recipe.parse({ family: "flux", checkpoint: ["flux1-dev-fp8.safetensors"], scheduler: "simple", guidance: 3.5 }),
		},
		{
			name: "sdxl-inpaint",
			steps: ["inpaint"],
			recipe: recipe.parse({
				...{ family: "sdxl", inpaintNet: true, checkpoint: sdxlFiles, sampler: "dpmpp_2m", scheduler: "karras", guidance: 6.5 },
			}),
		},
		{
			name: "flux-fill",
			steps: ["inpaint"],
			recipe: recipe.parse({
				family: "flux",
				inpaintNet: true,
				checkpoint: ["flux1-dev-fp8.safetensors"],
				scheduler: "simple",
				guidance: 30,
			}),
		},
	],
	controlNets: [
		...shipped.controlNets,
		{ name: "flux-canny", title: "Edges", family: "flux", files: ["h1-tiny-controlnet.safetensors"], preprocessor: "canny" },
		{ name: "sd15-maps", title: "Maps", family: "sd15", files: ["h1-tiny-controlnet.safetensors"], preprocessor: null },
	],
	loras: [
		{ name: "style", title: "Style", family: "sdxl", files: ["style.safetensors"] },
		{ name: "detail", title: "Detail", family: "sdxl", files: ["detail.safetensors"] },
		{ name: "tiny", title: "Tiny", family: "sd15", files: ["h1-tiny-lora-a.safetensors"] },
		{ name: "flux-style", title: "Style", family: "flux", files: ["h1-tiny-lora-b.safetensors"] },
	],
};

export const known = { registry, nodes: recordedNodes };

/** A picture of which only the size is looked at. */
export function pictureOf(widthPx: number, heightPx = widthPx): Picture {
	return { bytes: new Uint8Array(), mediaType: "image/png", widthPx, heightPx };
}

const sampling = { prompt: "a portrait photo", negativePrompt: "lowres, blurry", seed: 1, steps: 30, widthPx: 1_024, heightPx: 1_024 };

/** A step as the worker hands it over, for a picture of 1024 px unless `params` say otherwise. */
export function step(kind: StepKind, model: string, params: JsonObject = {}, inputs: Record<string, Picture> = {}): StepRequest {
	return { kind, model, params: kind === "upscale" ? params : { ...sampling, ...params }, inputs };
}

/** A copy of the catalogue in which a choice offers other values. */
export function offering(nodes: NodeCatalogue, className: string, input: string, options: string[]): NodeCatalogue {
	const nodeClass = nodes.get(className);
	if (!nodeClass) throw new Error(`no node ${className}`);
	const inputs = nodeClass.inputs.map((each) => (each.name === input ? { ...each, options } : each));
	return new Map([...nodes, [className, { ...nodeClass, inputs }]]);
}

/** A copy of the catalogue without some classes. */
export function without(nodes: NodeCatalogue, ...classNames: string[]): NodeCatalogue {
	return new Map([...nodes].filter(([name]) => !classNames.includes(name)));
}

/** A copy of the catalogue with classes as another server would describe them in its object_info. */
export function withNodes(nodes: NodeCatalogue, objectInfo: JsonObject): NodeCatalogue {
	return new Map([...nodes, ...readNodeCatalogue(objectInfo)]);
}
