import type { ApiGraph } from "../engines/apiGraph.ts";
import type { NodeCatalogue } from "../engines/nodeCatalogue.ts";
import { type FieldError, GlassworksError } from "../errors.ts";
import type { OperatorConfig, Plan } from "../plans/operatorConfig.ts";
import { reservedNames } from "./checkContent.ts";
import { checkGraphSafety } from "./comfy/checkGraphSafety.ts";
import { checkInputs, narrowInputs } from "./comfy/checkInputs.ts";
import { convertUiGraph } from "./comfy/convertUiGraph.ts";
import type { ExposedInput } from "./comfy/exposedInput.ts";
import { findInputs } from "./comfy/findInputs.ts";
import { graphNeeds, missingFrom } from "./comfy/graphNeeds.ts";
import { isUiGraph, readApiGraph } from "./comfy/readApiGraph.ts";
import { replaceDeployNodes } from "./comfy/replaceDeployNodes.ts";
import { type GraphProblem, validateGraph } from "./comfy/validateGraph.ts";
import { graphPolicyOf } from "./graphPolicyOf.ts";
import { finishingNames, graphWorkflow } from "./templates/graphWorkflow.ts";

/** Something about a workflow that keeps it from being saved, and what kind of thing. */
export interface Problem {
	about: "conversion" | "graph" | "safety" | "steps" | "plan";
	path: FieldError["path"];
	message: string;
}

/** Parts that no engine at hand has. A workflow may be saved without them; it runs once they are there. */
export interface MissingParts {
	nodes: string[];
	files: string[];
}

export interface Imported {
	content: ReturnType<typeof graphWorkflow>;
	problems: Problem[];
	missing: MissingParts;
}

/** ComfyUI's JSON in either format, and what its author says about it. */
export interface GraphProposal {
	comfyui: unknown;
	/** Null: those that are found. */
	inputs: unknown;
	/** Whether its picture is finished like any other: faces, upscaling. */
	finish: boolean;
}

/**
 * Turns somebody's ComfyUI JSON into a workflow: converted, its inputs found or checked, held against the plan.
 * @throws {GlassworksError} invalid_request when it is no such JSON or the inputs cannot work; parts_missing without a ComfyUI to ask
 */
export function importGraph(proposal: GraphProposal, nodes: NodeCatalogue | null, terms: { config: OperatorConfig; plan: Plan }): Imported {
	if (!nodes)
		throw new GlassworksError(
			"parts_missing",
			"No ComfyUI is connected to this server, so its nodes are not known. Connect one and retry.",
			{
				nodes: [],
				files: [],
			},
		);
	const { graph: given, problems: conversion } = underComfyui(() =>
		isUiGraph(proposal.comfyui) ? convertUiGraph(proposal.comfyui, nodes) : { graph: readApiGraph(proposal.comfyui), problems: [] },
	);
	const policy = graphPolicyOf(terms.config, terms.plan, { inputs: [], assets: [] });
	// Nodes made for comfyui-deploy fetch addresses and are not needed: what they marked is an input of ours.
	const { graph, inputs: found } = replaceDeployNodes(given, findInputs(given, nodes));
	const inputs = proposal.inputs === null ? rename(narrowInputs(found, graph, policy)) : checkInputs(proposal.inputs, graph, nodes);
	const missing = missingFrom(graphNeeds(graph, nodes), nodes);
	const problems: Problem[] = [
		...conversion.map(({ node, message }) => ({ about: "conversion" as const, path: ["comfyui", node], message })),
		...checkGraphSafety(graph, { ...policy, inputs }).map((problem) => toProblem("safety", problem)),
		...validateGraph(graph, nodes)
			.filter((problem) => !isMissing(problem, graph, missing))
			.map((problem) => toProblem("graph", problem)),
		...(proposal.finish ? taken(inputs) : []),
	];
	return { content: graphWorkflow(graph, inputs, proposal.finish), problems, missing };
}

/** What reads the document knows no field around it. */
function underComfyui<T>(read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (!(error instanceof GlassworksError)) throw error;
		const { code, message, data, fields } = error;
		const within = fields.length > 0 ? fields : [{ path: [], message }];
		throw new GlassworksError(
			code,
			message,
			data,
			within.map((field) => ({ ...field, path: ["comfyui", ...field.path] })),
		);
	}
}

/** What is missing is told as that. */
function isMissing({ code, node, input }: GraphProblem, graph: ApiGraph, { files }: MissingParts): boolean {
	const value = graph[node ?? ""]?.inputs[input ?? ""];
	return code === "missing_node_type" || (code === "value_not_in_list" && typeof value === "string" && files.includes(value));
}

function toProblem(
	about: Problem["about"],
	{ node, input, message }: { node: string | null; input: string | null; message: string },
): Problem {
	return { about, path: ["comfyui", ...(node === null ? [] : [node]), ...(input === null ? [] : [input])], message };
}

/** Found fields give way to those that finishing and every run have. */
function rename(inputs: readonly ExposedInput[]): ExposedInput[] {
	return inputs.map((input) =>
		[...finishingNames, ...reservedNames].includes(input.name) ? { ...input, name: `graph_${input.name}` } : input,
	);
}

function taken(inputs: readonly ExposedInput[]): Problem[] {
	const clash = (name: string) => finishingNames.includes(name);
	return inputs.flatMap(({ name }, at) =>
		clash(name)
			? [
					{
						about: "steps" as const,
						path: ["inputs", at, "name"],
						message: `finishing has an input named ${name}; call this one otherwise`,
					},
				]
			: [],
	);
}
