import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiGraph } from "../../domain/engines/apiGraph.ts";
import { GlassworksError, stepCancelled } from "../../domain/errors.ts";
import { asObject, asText } from "../../domain/json.ts";
import { describeRefusal } from "./failures.ts";
import type { Hints, Listener, Listening } from "./hints.ts";
import type { Answer } from "./http.ts";
import type { ComfyServer } from "./openServer.ts";

export interface Submitted {
	promptId: string;
	listening: Listening;
}

/** Who waits for a prompt. */
export interface Waiting {
	listener: Listener;
	signal: AbortSignal;
}

/**
 * Queues a graph once. An answer that is lost, late or a server error says nothing about whether it was queued (ComfyUI can answer 500 and
 * run it), and posting an id again queues it again: so the server is asked whether it has the prompt, and only what it does not have is
 * posted a second time, under a new id.
 * @throws {GlassworksError} `engine_invalid`, `model_missing`, `engine_down`, `cancelled`, `internal`
 */
export async function submit(graph: ApiGraph, { listener, signal }: Waiting, server: ComfyServer): Promise<Submitted> {
	let refusal: Answer | null = null;
	for (let posts = 0; posts < 2; posts += 1) {
		const promptId = randomUUID();
		const listening = await server.hints.listen(promptId, listener);
		try {
			refusal = await server.http.post("prompt", promptBody(graph, promptId, listening.clientId)).catch(() => null);
			const acceptedId = refusal && (await readAcceptance(refusal, graph, server));
			if (acceptedId === promptId || (acceptedId === null && (await hasArrived(promptId, signal, server)))) return { promptId, listening };
			if (acceptedId !== null) return await listenAgain(acceptedId, listening, listener, server.hints);
		} catch (error) {
			listening.end();
			throw error;
		}
		listening.end();
		server.leftBehind.add(promptId);
	}
	if (refusal && refusal.status >= 500) throw new GlassworksError("internal", "The engine failed to take the graph.");
	throw new GlassworksError("engine_down", "The engine does not take work.");
}

function promptBody(graph: ApiGraph, promptId: string, clientId: string) {
	return { prompt: graph, prompt_id: promptId, client_id: clientId, extra_data: { preview_method: "auto" } };
}

/** The id under which it was queued; null: the answer does not tell. */
async function readAcceptance({ status, json }: Answer, graph: ApiGraph, { stop }: ComfyServer): Promise<string | null> {
	const body = asObject(json);
	if (status === 200) {
		const acceptedId = asText(body.prompt_id);
		if (acceptedId === null || Object.keys(asObject(body.node_errors)).length === 0) return acceptedId;
		// Some outputs are wrong; the server runs the others, which nobody asked for.
		await stop(acceptedId);
		throw describeRefusal(body, graph);
	}
	if (status === 400 && json !== undefined) throw describeRefusal(body, graph);
	if (status === 413) throw new GlassworksError("engine_invalid", "The graph is larger than the engine takes.");
	if (status === 401 || status === 403) throw new GlassworksError("engine_down", "The engine refuses this worker.", { status });
	return null;
}

/** Servers older than 0.3.64 choose the id themselves. */
async function listenAgain(promptId: string, old: Listening, listener: Listener, hints: Hints): Promise<Submitted> {
	const listening = await hints.listen(promptId, listener);
	old.end();
	return { promptId, listening };
}

/** Whether a prompt is there whose answer told nothing. Not there twice: it is not. */
async function hasArrived(promptId: string, signal: AbortSignal, { look, leftBehind, timings }: ComfyServer): Promise<boolean> {
	const giveUpAt = performance.now() + timings.unreachableMs;
	let absences = 0;
	for (;;) {
		const truth = await look(promptId).catch(() => null);
		if (truth && truth.state !== "absent") return true;
		if (truth) absences += 1;
		if (absences === 2) return false;
		if (signal.aborted || performance.now() >= giveUpAt) {
			leftBehind.add(promptId);
			if (signal.aborted) throw stepCancelled();
			throw new GlassworksError("engine_down", "The engine could not be reached.");
		}
		await sleep(timings.blindLookMs);
	}
}
