import { randomUUID } from "node:crypto";
import { once } from "node:events";
import WebSocket from "ws";
import type { ApiGraph } from "../../server/src/domain/engines/apiGraph.ts";

type Outputs = Record<string, { images?: { filename: string; subfolder: string; type: string }[] }>;

/** The least a client of ComfyUI does for a picture: post the graph, wait on a socket that is open, ask for the outputs, fetch them. */
export async function openRawComfyui(url: string): Promise<{ draw(graph: ApiGraph): Promise<Uint8Array>; close(): void }> {
	const clientId = randomUUID();
	const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws?clientId=${clientId}`);
	const ended = new Map<string, () => void>();
	socket.on("message", (bytes, isBinary) => {
		if (isBinary) return;
		const { type, data } = JSON.parse(String(bytes)) as { type: string; data: { node?: string | null; prompt_id?: string } };
		if (type === "executing" && data.node === null && data.prompt_id) ended.get(data.prompt_id)?.();
	});
	await once(socket, "open");

	async function draw(graph: ApiGraph): Promise<Uint8Array> {
		const promptId = randomUUID();
		const end = new Promise<void>((resolve) => ended.set(promptId, resolve));
		const body = JSON.stringify({ prompt: graph, client_id: clientId, prompt_id: promptId });
		const posted = await fetch(`${url}/prompt`, { method: "POST", headers: { "content-type": "application/json" }, body });
		if (!posted.ok) throw new Error(`POST /prompt answered ${posted.status}`);
		await end;
		const history = (await (await fetch(`${url}/history/${promptId}`)).json()) as Record<string, { outputs: Outputs }>;
		const [image] = Object.values(history[promptId]?.outputs ?? {}).flatMap(({ images = [] }) => images);
		if (!image) throw new Error("the prompt ended without a picture");
		const picture = await fetch(`${url}/view?${new URLSearchParams(image)}`);
		return new Uint8Array(await picture.arrayBuffer());
	}

	return { draw, close: () => socket.close() };
}
