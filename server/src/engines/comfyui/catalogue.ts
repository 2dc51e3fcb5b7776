import { type NodeCatalogue, readNodeCatalogue } from "../../domain/engines/nodeCatalogue.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { asObject, type JsonObject } from "../../domain/json.ts";
import type { ComfyHttp } from "./http.ts";

/** Folders of model files whose lists change while a server runs; everything else needs a restart. */
const modelFolders = [
	...["checkpoints", "diffusion_models", "text_encoders", "vae", "loras", "controlnet", "upscale_models", "clip_vision", "style_models"],
	...["embeddings", "model_patches"],
];

/** What the server has: every node with its inputs, and so every model file. */
export interface Known {
	/** GET /object_info as it came. */
	objectInfo: JsonObject;
	nodes: NodeCatalogue;
}

export interface Catalogue {
	/** What the server has now. @throws {GlassworksError} `engine_down` */
	read(): Promise<Known>;
	/** What was read last, however old; what it has now when nothing was read yet. @throws {GlassworksError} `engine_down` */
	kept(): Promise<Known>;
}

/**
 * Keeps it: it takes the server a second and megabytes. It is read again when a list of model files changed (a few small requests), when a
 * connection was lost since, for the server may have restarted with other nodes, and in any case after `maxAgeMs`.
 */
export function createCatalogue(http: ComfyHttp, losses: () => number, maxAgeMs: number): Catalogue {
	let kept: (Known & { version: string; readAt: number }) | null = null;

	/** Equal as long as nothing changed that can be seen cheaply. */
	async function readVersion(): Promise<string> {
		const lists = await Promise.all(modelFolders.map((folder) => http.get(`models/${folder}`)));
		return JSON.stringify([losses(), lists.map(({ status, json }) => (status === 200 ? json : null))]);
	}

	async function read(): Promise<Known> {
		const version = await readVersion();
		if (kept?.version === version && performance.now() - kept.readAt < maxAgeMs) return kept;
		const { status, json } = await http.get("object_info");
		const objectInfo = asObject(json);
		if (status !== 200 || Object.keys(objectInfo).length === 0)
			throw new GlassworksError("engine_down", "The engine does not say what it has.", { status });
		kept = { objectInfo, nodes: readNodeCatalogue(objectInfo), version, readAt: performance.now() };
		return kept;
	}

	return { read, kept: async () => kept ?? read() };
}
