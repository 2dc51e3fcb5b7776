import type { ApiGraph } from "../../domain/engines/apiGraph.ts";
import { GlassworksError, stepCancelled } from "../../domain/errors.ts";
import type { StepContext } from "../../domain/ports.ts";
import { awaitEnd, type Waited } from "./awaitEnd.ts";
import type { Frame } from "./frames.ts";
import { freeMemory } from "./freeMemory.ts";
import { type Ended, readQueue } from "./look.ts";
import type { ComfyServer } from "./openServer.ts";
import { checkPreviews } from "./previews.ts";
import { trackProgress } from "./progress.ts";
import { createPulse } from "./pulse.ts";
import { submit } from "./submit.ts";

/**
 * Queues a graph, follows it and waits for its end. A prompt that is given up is stopped, not left to run for nobody.
 * @throws {GlassworksError} `engine_invalid`, `model_missing`, `cancelled`, `timeout`, `engine_down`, `internal`
 */
export async function runPrompt(
	graph: ApiGraph,
	{ signal, onProgress, onPreview }: StepContext,
	server: ComfyServer,
): Promise<{ promptId: string; ended: Ended }> {
	const pulse = createPulse();
	const previews = checkPreviews(server.pictures, onPreview);
	const hear = trackProgress(graph);
	const onFrame = (frame: Frame) => {
		pulse.beat();
		if (frame.kind === "preview") return previews.offer(frame.bytes);
		const progress = hear(frame);
		if (progress) onProgress(progress);
		if (saysTheEnd(frame)) pulse.hurry();
	};
	try {
		const { promptId, listening } = await submit(graph, { listener: { onFrame, onLost: pulse.hurry }, signal }, server);
		const readRunning = async () => (await readQueue(server.http)).running;
		try {
			const waited = await awaitEnd(promptId, { ...server, listening, pulse, readRunning, signal });
			return { promptId, ended: waited.state === "ended" ? waited : await giveUp(promptId, waited, server) };
		} finally {
			listening.end();
		}
	} finally {
		previews.end();
	}
}

function saysTheEnd({ type, data }: { type: string; data: { node?: unknown } }): boolean {
	return ["execution_success", "execution_error", "execution_interrupted"].includes(type) || (type === "executing" && data.node === null);
}

/** Stops it. It may have ended well in the meantime; then that is the end. */
async function giveUp(promptId: string, waited: Exclude<Waited, Ended>, { http, stop, health, leftBehind }: ComfyServer): Promise<Ended> {
	if (waited.state === "lost") {
		leftBehind.add(promptId);
		throw waited.error;
	}
	const after = await stop(promptId);
	if (after?.state !== "ended" && after?.state !== "absent") leftBehind.add(promptId);
	if (waited.state === "stuck") await freeMemory(http);
	if (after?.state === "running") health.suspect([promptId]);
	if (waited.state === "stuck" && !waited.behind.includes(promptId)) health.suspect(waited.behind);
	if (waited.state === "aborted") throw stepCancelled();
	if (after?.state === "ended" && after.how === "completed") return after;
	if (waited.state === "late") throw new GlassworksError("timeout", "The engine took longer than a picture may take.");
	throw new GlassworksError("engine_down", "The engine stopped making progress.");
}
