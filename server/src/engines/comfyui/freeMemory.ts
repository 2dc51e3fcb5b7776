import type { ComfyHttp } from "./http.ts";

/** Has the server let go of its models, once it is between prompts. What it could not be told is no harm: it does so by itself when it is short. */
export async function freeMemory(http: ComfyHttp): Promise<void> {
	await http.post("free", { unload_models: true, free_memory: true }).catch(() => {});
}
