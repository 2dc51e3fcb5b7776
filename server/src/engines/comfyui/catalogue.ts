import { GlassworksError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { ComfyHttp } from "./http.ts";
import { asObject } from "./readJson.ts";

/** Folders of model files whose lists change while a server runs; everything else needs a restart. */
const modelFolders = [
	...["checkpoints", "diffusion_models", "text_encoders", "vae", "loras", "controlnet", "upscale_models", "clip_vision", "style_models"],
	...["embeddings", "model_patches"],
];

/** What GET /object_info says: every node with its inputs, and so every model file. */
export interface Catalogue {
	/** @throws {GlassworksError} `engine_down` */
	read(): Promise<JsonObject>;
}

/**
 * Keeps it: it takes the server a second and megabytes. It is read again when a list of model files changed (a few small requests), when a
 * connection was lost since, for the server may have restarted with other nodes, and in any case after `maxAgeMs`.
 */
export function createCatalogue(http: ComfyHttp, losses: () => number, maxAgeMs: number): Catalogue {
	let kept: { nodes: JsonObject; version: string; readAt: number } | null = null;

	/** Equal as long as nothing changed that can be seen cheaply. */
	async function readVersion(): Promise<string> {
		const lists = await Promise.all(modelFolders.map((folder) => http.get(`models/${folder}`)));
		return JSON.stringify([losses(), lists.map(({ status, json }) => (status === 200 ? json : null))]);
	}

	return {
		async read() {
			const version = await readVersion();
			if (kept?.version === version && performance.now() - kept.readAt < maxAgeMs) return kept.nodes;
			const { status, json } = await http.get("object_info");
			const nodes = asObject(json);
			if (status !== 200 || Object.keys(nodes).length === 0)
				throw new GlassworksError("engine_down", "The engine does not say what it has.", { status });
			kept = { nodes, version, readAt: performance.now() };
			return nodes;
		},
	};
}
