import type { NodeCatalogue, NodeInput } from "../../../domain/engines/nodeCatalogue.ts";
import type { Recipe } from "../../../domain/engines/registry.ts";
import type { NodeName } from "./nodeTypes.ts";

/** A file that a node is to load: any of `files` will do, the first that is installed is taken. */
export interface FileSlot {
	node: NodeName;
	input: string;
	files: readonly string[];
}

/** The file as the server calls it (`sdxl/sd_xl_base_1.0.safetensors` when it lies in a folder), or null when none is installed. */
export function findInstalled(nodes: NodeCatalogue, { node, input, files }: FileSlot): string | null {
	const options = nodes.get(node)?.inputs.find(({ name }) => name === input)?.options;
	if (!options) return null;
	const paths = pathsOf(options);
	for (const file of files) {
		const found = paths.get(file);
		if (found !== undefined) return found;
	}
	return null;
}

type Options = NonNullable<NodeInput["options"]>;
const known = new WeakMap<Options, ReadonlyMap<string, string>>();

/** Options by their name and by every end of their path: servers list thousands, and each is looked for many times. */
function pathsOf(options: Options): ReadonlyMap<string, string> {
	const ready = known.get(options);
	if (ready) return ready;
	const paths = new Map(options.map((option) => [String(option), String(option)]));
	for (const option of options.map(String)) {
		// Windows writes its folders with backslashes.
		const folders = option.split(/[\\/]/);
		for (let at = 1; at < folders.length; at++) {
			const end = folders.slice(at).join("/");
			if (!paths.has(end)) paths.set(end, option);
		}
	}
	known.set(options, paths);
	return paths;
}

/** One way to load a model: every file it takes. */
export interface LoadingWay {
	kind: "parts" | "checkpoint";
	slots: FileSlot[];
}

/**
 * How a model can be loaded, best first. Parts go before the single file: whoever installed four files wants them, and the single file of
 * Flux is the smaller fp8. None: the recipe names no files for ComfyUI.
 */
export function waysToLoad({ family, parts, checkpoint }: Recipe): LoadingWay[] {
	const ways: LoadingWay[] = [];
	if (parts) {
		const { network, textEncoders, vae } = parts;
		const inputs = family === "sd15" ? ["clip_name"] : ["clip_name1", "clip_name2"];
		const node = family === "sd15" ? "CLIPLoader" : "DualCLIPLoader";
		const encoders: FileSlot[] = inputs.flatMap((input, at) => (textEncoders[at] ? [{ node, input, files: textEncoders[at] }] : []));
		// Stable Diffusion 1.5 has one text encoder, the others two; with another number they cannot be loaded.
		if (encoders.length === inputs.length && textEncoders.length === inputs.length)
			ways.push({
				kind: "parts",
				slots: [
					{ node: "UNETLoader", input: "unet_name", files: network },
					...encoders,
					{ node: "VAELoader", input: "vae_name", files: vae },
				],
			});
	}
	if (checkpoint) ways.push({ kind: "checkpoint", slots: [{ node: "CheckpointLoaderSimple", input: "ckpt_name", files: checkpoint }] });
	return ways;
}

export const loraSlot = (files: readonly string[]): FileSlot => ({ node: "LoraLoader", input: "lora_name", files });
export const controlNetSlot = (files: readonly string[]): FileSlot => ({ node: "ControlNetLoader", input: "control_net_name", files });
export const upscalerSlot = (files: readonly string[]): FileSlot => ({ node: "UpscaleModelLoader", input: "model_name", files });
