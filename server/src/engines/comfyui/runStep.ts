import { randomUUID } from "node:crypto";
import type { ApiGraph } from "../../domain/engines/apiGraph.ts";
import type { ModelRegistry } from "../../domain/engines/registry.ts";
import { GlassworksError, stepCancelled } from "../../domain/errors.ts";
import type { StepContext, StepOutput, StepRequest } from "../../domain/ports.ts";
import { fillGraph } from "../../domain/workflows/comfy/fillGraph.ts";
import { readStepParams, readStepPicture } from "../../domain/workflows/readStepParams.ts";
import { describeExecutionError, describeForLog, isDiskFull } from "./failures.ts";
import { forget } from "./forget.ts";
import { buildGraph } from "./graphs/buildGraph.ts";
import { diskFull } from "./health.ts";
import type { Ended } from "./look.ts";
import type { ComfyServer } from "./openServer.ts";
import { fetchOutputs, listOutputs, type OutputFile } from "./outputs.ts";
import { pictureRoles, placeGraph } from "./placeGraph.ts";
import { runPrompt } from "./runPrompt.ts";
import { uploadPicture } from "./uploads.ts";

/** Runs one step on the server. Throws what `Engine.run` throws. */
export async function runStep(
	request: StepRequest,
	context: StepContext,
	server: ComfyServer,
	registry: ModelRegistry,
): Promise<StepOutput> {
	if (context.signal.aborted) throw stepCancelled();
	await server.health.check();
	await server.leftBehind.stopAll();
	const attempt = randomUUID();
	const drawn = await draw(request, server, registry);
	const graph = placeGraph(drawn, attempt, await uploadAll(drawn, attempt, request, server));
	const { promptId, ended } = await runPrompt(graph, context, server);
	try {
		return { pictures: await fetchOutputs(judge(promptId, ended, graph, server), server, context.signal), data: {} };
	} finally {
		await forget(server.http, promptId).catch((error) => server.log.warn({ promptId, err: error }, "history of ComfyUI not cleared"));
	}
}

async function draw(request: StepRequest, { catalogue }: ComfyServer, registry: ModelRegistry): Promise<ApiGraph> {
	if (request.kind === "graph") return fillGraph(readStepParams("graph", request));
	return buildGraph(request, { registry, nodes: (await catalogue.kept()).nodes });
}

/** The names under which the server keeps the pictures that a graph needs, by role. */
async function uploadAll(graph: ApiGraph, attempt: string, request: StepRequest, { http }: ComfyServer): Promise<Map<string, string>> {
	const names = new Map<string, string>();
	for (const role of pictureRoles(graph)) {
		names.set(role, await uploadPicture(http, attempt, role, readStepPicture(request, role)));
	}
	return names;
}

/** The files of a prompt that ended well. @throws {GlassworksError} when it did not */
function judge(promptId: string, { how, outputs, error }: Ended, graph: ApiGraph, { health, log }: ComfyServer): OutputFile[] {
	if (error) log.warn({ promptId, ...describeForLog(error, graph) }, "a node of ComfyUI failed");
	if (how === "cancelled") throw new GlassworksError("engine_down", "Somebody else interrupted the engine.");
	if (error && isDiskFull(error)) {
		health.rest();
		throw diskFull();
	}
	if (how === "failed") throw describeExecutionError(error ?? {}, graph);
	const files = listOutputs(outputs, graph);
	if (files.length === 0) throw new GlassworksError("engine_invalid", "The graph ended without a picture.");
	return files;
}
