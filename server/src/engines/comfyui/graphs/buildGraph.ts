import type { ApiGraph } from "../../../domain/engines/apiGraph.ts";
import { GlassworksError } from "../../../domain/errors.ts";
import type { StepRequest } from "../../../domain/ports.ts";
import { validateGraph } from "../../../domain/workflows/comfy/validateGraph.ts";
import { readStepParams } from "../../../domain/workflows/readStepParams.ts";
import type { Drawing } from "./drawing.ts";
import { generate } from "./generate.ts";
import { createGraph, type Graph } from "./graph.ts";
import { inpaint } from "./inpaint.ts";
import type { Link } from "./nodeTypes.ts";
import { type Known, recipeOf, refuse, type Sampling } from "./readRequest.ts";
import { upscale } from "./upscale.ts";

/**
 * The graph that runs a `generate`, `inpaint` or `upscale` step on this server. Its pictures are named by `pictureToCome` and what it saves
 * `gw/out`: the engine puts the real names there. A graph that the server would refuse is refused here.
 * @throws {GlassworksError} `engine_invalid` naming the field; `model_missing` naming our name
 */
export function buildGraph(request: StepRequest, known: Known): ApiGraph {
	const graph = createGraph();
	graph.add("save", "SaveImage", { images: draw(graph, request, known), filename_prefix: "gw/out" });
	const built = graph.toApi();
	check(built, known);
	return built;
}

function draw(graph: Graph, request: StepRequest, known: Known): Link<"IMAGE"> {
	switch (request.kind) {
		case "generate":
			return generate(startDrawing(graph, request, known, readStepParams("generate", request)));
		case "inpaint": {
			const params = readStepParams("inpaint", request);
			return inpaint(startDrawing(graph, request, known, params), params);
		}
		case "upscale":
			return upscale(graph, request, known);
		default:
			throw new GlassworksError("engine_invalid", `No graph is built for the step ${request.kind}.`);
	}
}

function startDrawing(graph: Graph, request: StepRequest, known: Known, params: Sampling): Drawing {
	if (params.style !== null) refuse("style", "this model has no styles.");
	return { graph, known, request, recipe: recipeOf(request, known), params };
}

function check(graph: ApiGraph, { nodes }: Known): void {
	const problems = validateGraph(graph, nodes);
	if (problems.length === 0) return;
	const absent = problems.filter(({ code }) => code === "missing_node_type").map(({ node }) => graph[node ?? ""]?.class_type ?? "");
	if (absent.length > 0)
		throw new GlassworksError("engine_invalid", "This engine lacks nodes that the step needs.", { nodes: [...new Set(absent)] });
	const [first] = problems;
	throw new GlassworksError("engine_invalid", `This engine would refuse the step: ${first?.node}: ${first?.message}`);
}
