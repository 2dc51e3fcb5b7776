import type { ComfyHttp } from "./http.ts";

/** Takes a prompt that has ended out of the history: the server keeps the graph, prompts included, until it is told not to, or restarts. */
export async function forget(http: ComfyHttp, promptId: string): Promise<void> {
	await http.post("history", { delete: [promptId] });
}
