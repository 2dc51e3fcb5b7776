import type { Recipe } from "../../../domain/engines/registry.ts";
import type { Drawing, LoadedModel } from "./drawing.ts";
import type { Graph } from "./graph.ts";
import { findInstalled, type LoadingWay, loraSlot, waysToLoad } from "./installed.ts";
import { missing, refuse } from "./readRequest.ts";

/** The model of the step with its LoRAs. @throws {GlassworksError} `model_missing`, `engine_invalid` */
export function loadModel(drawing: Drawing): LoadedModel {
	const { graph, known, request, recipe } = drawing;
	for (const { kind, slots } of waysToLoad(recipe)) {
		const files = slots.map((slot) => findInstalled(known.nodes, slot));
		if (files.every((file) => file !== null)) return applyLoras(loadFiles(graph, kind, files, recipe), drawing);
	}
	return missing("model", request.model);
}

function loadFiles(graph: Graph, kind: LoadingWay["kind"], files: string[], { family }: Recipe): LoadedModel {
	const [first = "", second = "", third = "", fourth = ""] = files;
	if (kind === "checkpoint") {
		const [model, clip, vae] = graph.add("checkpoint", "CheckpointLoaderSimple", { ckpt_name: first });
		return { model, clip, vae };
	}
	const [model] = graph.add("diffusion model", "UNETLoader", { unet_name: first, weight_dtype: "default" });
	if (family === "sd15") {
		const [clip] = graph.add("text encoder", "CLIPLoader", { clip_name: second, type: "stable_diffusion", device: "default" });
		return { model, clip, vae: graph.add("vae", "VAELoader", { vae_name: third })[0] };
	}
	const [clip] = graph.add("text encoders", "DualCLIPLoader", { clip_name1: second, clip_name2: third, type: family, device: "default" });
	return { model, clip, vae: graph.add("vae", "VAELoader", { vae_name: fourth })[0] };
}

/** LoRAs of Flux change its network only; those of Stable Diffusion its text encoders too. */
function applyLoras({ model, clip, vae }: LoadedModel, { graph, known, recipe, params }: Drawing): LoadedModel {
	for (const [at, { name, strength }] of params.loras.entries()) {
		const lora = known.registry.loras.find((each) => each.name === name) ?? missing("LoRA", name);
		if (lora.family !== recipe.family)
			refuse(`loras.${at}.name`, `"${name}" is made for ${lora.family} models, this is one of ${recipe.family}.`);
		const lora_name = findInstalled(known.nodes, loraSlot(lora.files)) ?? missing("LoRA", name);
		const title = `lora ${at + 1}`;
		if (recipe.family === "flux") {
			[model] = graph.add(title, "LoraLoaderModelOnly", { model, lora_name, strength_model: strength });
		} else {
			const strengths = { strength_model: strength, strength_clip: strength };
			[model, clip] = graph.add(title, "LoraLoader", { model, clip, lora_name, ...strengths });
		}
	}
	return { model, clip, vae };
}
