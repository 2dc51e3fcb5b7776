import type { ApiGraph } from "../../domain/engines/apiGraph.ts";
import { GlassworksError } from "../../domain/errors.ts";
import type { PictureGate, StepContext } from "../../domain/ports.ts";
import { awaitEnd, type Waited } from "./awaitEnd.ts";
import type { Frame } from "./frames.ts";
import type { Health } from "./health.ts";
import { type Ended, readQueue } from "./look.ts";
import { checkPreviews } from "./previews.ts";
import { trackProgress } from "./progress.ts";
import { createPulse } from "./pulse.ts";
import { type SubmitPorts, submit } from "./submit.ts";
import type { Timings } from "./timings.ts";

export interface PromptPorts extends SubmitPorts {
	pictures: PictureGate;
	health: Health;
	timings: Timings;
}

/** How a prompt ended, and its id on the server. */
export interface PromptEnd extends Ended {
	promptId: string;
}

/**
 * Queues a graph, follows it and waits for its end. A prompt that is given up is stopped, not left to run for nobody.
 * @throws {GlassworksError} `engine_invalid`, `model_missing`, `cancelled`, `timeout`, `engine_down`, `internal`
 */
export async function runPrompt(graph: ApiGraph, context: StepContext, ports: PromptPorts): Promise<PromptEnd> {
	const pulse = createPulse();
	const previews = checkPreviews(ports.pictures, context.onPreview);
	const hear = trackProgress(graph);
	const onFrame = (frame: Frame) => {
		pulse.beat();
		if (frame.kind === "preview") return previews.offer(frame.bytes);
		const progress = hear(frame);
		if (progress) context.onProgress(progress);
		if (saysTheEnd(frame)) pulse.hurry();
	};
	try {
		const { promptId, listening } = await submit(graph, { onFrame, onLost: pulse.hurry }, ports);
		try {
			const readRunning = async () => (await readQueue(ports.http)).running;
			const waited = await awaitEnd(promptId, { ...ports, listening, pulse, readRunning, signal: context.signal });
			return { promptId, ...(waited.state === "ended" ? waited : await giveUp(promptId, waited, ports)) };
		} catch (error) {
			ports.leaveBehind(promptId);
			throw error;
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
async function giveUp(promptId: string, waited: Exclude<Waited, Ended>, { stop, health }: PromptPorts): Promise<Ended> {
	const after = await stop(promptId);
	if (waited.state === "stuck" && !waited.behind.includes(promptId)) health.suspect(waited.behind);
	if (after?.state === "running") health.suspect([promptId]);
	if (waited.state === "aborted") throw new GlassworksError("cancelled", "The step was stopped.");
	if (after?.state === "ended" && after.how === "completed") return after;
	if (waited.state === "late") throw new GlassworksError("timeout", "The engine took longer than a picture may take.");
	throw new GlassworksError("engine_down", "The engine stopped making progress.");
}
