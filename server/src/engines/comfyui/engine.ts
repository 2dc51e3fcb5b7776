import { randomUUID } from "node:crypto";
import type { ApiGraph } from "../../domain/engines/apiGraph.ts";
import { readNodeCatalogue } from "../../domain/engines/nodeCatalogue.ts";
import { emptyRegistry, type ModelRegistry } from "../../domain/engines/registry.ts";
import { GlassworksError } from "../../domain/errors.ts";
import type { Engine, Log, PictureGate, StepContext, StepOutput, StepRequest } from "../../domain/ports.ts";
import { fillGraph } from "../../domain/workflows/comfy/fillGraph.ts";
import { createCatalogue } from "./catalogue.ts";
import { describeExecutionError, describeForLog } from "./failures.ts";
import { buildGraph } from "./graphs/buildGraph.ts";
import { discover } from "./graphs/discover.ts";
import { type Known, readParams } from "./graphs/readRequest.ts";
import { createHealth } from "./health.ts";
import { createHints } from "./hints.ts";
import { createHttp } from "./http.ts";
import { createLook } from "./look.ts";
import { fetchOutputs, listOutputs, type OutputFile } from "./outputs.ts";
import { pictureRoles, placeGraph } from "./placeGraph.ts";
import { readStatus } from "./readStatus.ts";
import { type PromptEnd, type PromptPorts, runPrompt } from "./runPrompt.ts";
import { createStop } from "./stop.ts";
import { defaultTimings, type Timings } from "./timings.ts";
import { uploadPicture } from "./uploads.ts";

export interface ComfyEngineOptions {
	/** The server's address, with a path when it lies behind one: `http://127.0.0.1:8188`. */
	url: string;
	/** Sent with every request and with the socket, as `authorization` for a server behind a guard. */
	headers?: Record<string, string>;
	log: Log;
	/** Checks what the server made and drops its metadata. */
	pictures: PictureGate;
	/** Instead of `defaultTimings`. */
	timings?: Partial<Timings>;
}

/**
 * Runs steps on a ComfyUI server, of which nothing is expected but its HTTP and its socket. What HTTP says is true, what the socket says
 * is a hint (docs/decisions/0015).
 */
export function createComfyEngine(options: ComfyEngineOptions): Engine {
	const { url, headers = {}, log, pictures } = options;
	const timings = { ...defaultTimings, ...options.timings };
	const http = createHttp({ url, headers, requestMs: timings.requestMs });
	const hints = createHints({ url, headers, timings, log });
	const look = createLook(http);
	const stop = createStop(http, look, timings);
	const health = createHealth(look);
	const catalogue = createCatalogue(http, hints.losses, timings.catalogueMs);
	const leftBehind = new Set<string>();
	const ports: PromptPorts = { http, hints, look, stop, health, pictures, timings, leaveBehind: (id) => leftBehind.add(id) };
	let registry: ModelRegistry = emptyRegistry;
	/** `losses`: a server that was lost since may have restarted, and then holds nothing. */
	let held: { model: string; losses: number } | null = null;

	const readKnown = async (): Promise<Known> => ({ registry, nodes: readNodeCatalogue(await catalogue.read()) });

	/** Prompts that nobody waits for must not keep this one waiting. */
	async function stopLeftBehind(): Promise<void> {
		for (const promptId of leftBehind) {
			const after = await stop(promptId);
			if (after === null) throw new GlassworksError("engine_down", "The engine could not be reached.");
			if (after.state === "ended" || after.state === "absent") leftBehind.delete(promptId);
		}
	}

	async function upload(graph: ApiGraph, attempt: string, { inputs }: StepRequest): Promise<Map<string, string>> {
		const names = new Map<string, string>();
		for (const role of pictureRoles(graph)) {
			const picture = Object.hasOwn(inputs, role) ? inputs[role] : undefined;
			if (!picture) throw new GlassworksError("engine_invalid", `The step needs a picture for "${role}".`);
			names.set(role, await uploadPicture(http, attempt, role, picture));
		}
		return names;
	}

	/** The files of a prompt that ended well. */
	function judge(end: PromptEnd, graph: ApiGraph): OutputFile[] {
		if (end.error) log.warn({ promptId: end.promptId, ...describeForLog(end.error, graph) }, "a node of ComfyUI failed");
		if (end.how === "cancelled") throw new GlassworksError("engine_down", "Somebody else interrupted the engine.");
		if (end.how === "failed") throw describeExecutionError(end.error ?? {}, graph);
		const files = listOutputs(end.outputs, graph);
		if (files.length === 0) throw new GlassworksError("engine_invalid", "The graph ended without a picture.");
		return files;
	}

	async function forget(promptId: string): Promise<void> {
		await http
			.post("history", { delete: [promptId] })
			.catch((error) => log.warn({ promptId, err: error }, "history of ComfyUI not cleared"));
	}

	async function run(request: StepRequest, context: StepContext): Promise<StepOutput> {
		if (context.signal.aborted) throw new GlassworksError("cancelled", "The step was stopped.");
		await health.check();
		await stopLeftBehind();
		const attempt = randomUUID();
		const drawn = request.kind === "graph" ? fillGraph(readParams("graph", request)) : buildGraph(request, await readKnown());
		const graph = placeGraph(drawn, attempt, await upload(drawn, attempt, request));
		held = null;
		const end = await runPrompt(graph, context, ports);
		try {
			const files = judge(end, graph);
			if (request.kind === "generate" || request.kind === "inpaint") held = { model: request.model, losses: hints.losses() };
			return { pictures: await fetchOutputs(files, { http, pictures, log }), data: {} };
		} finally {
			await forget(end.promptId);
		}
	}

	return {
		name: "comfyui",
		slots: 1,
		learn(learnt) {
			registry = learnt;
		},
		async capabilities() {
			await health.check();
			return discover(await readKnown()).capabilities;
		},
		async status() {
			await health.check();
			const { missing } = discover(await readKnown());
			const loadedModel = held?.losses === hints.losses() ? held.model : null;
			return { ...(await readStatus(http)), loadedModel, missing };
		},
		nodes: () => catalogue.read(),
		run,
		close: async () => hints.close(),
	};
}
