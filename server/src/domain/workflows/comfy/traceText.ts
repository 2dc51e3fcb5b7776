import type { ApiGraph, ApiNode } from "../../engines/apiGraph.ts";
import type { NodeCatalogue } from "../../engines/nodeCatalogue.ts";
import { names } from "./coreNodeClasses.ts";
import { foldGraph } from "./foldGraph.ts";
import { inputAt, linkOf, nodeAt, sortIds } from "./graphLinks.ts";

/** What a conditioning is used for. */
export type TextRole = "positive" | "negative";

/** Inputs of encoders that hold a text, in the order in which people think of them. */
export const textInputs = names`text text_g text_l prompt t5xxl clip_l clip_g llama bert mt5xl user_prompt`;

const conditionsOf: Readonly<Record<TextRole, readonly string[]>> = {
	positive: ["positive", "conditioning", "cond1", "cond2"],
	negative: ["negative"],
};
/** Classes that sample or guide, for engines whose catalogue is not at hand. */
const knownRoots = new Set(names`KSampler KSamplerAdvanced SamplerCustom BasicGuider CFGGuider DualCFGGuider PerpNegGuider`);

/** Nodes that hold a text and what a sampler or guider makes of it, in the order in which samplers run, then by id. */
export function traceText(graph: ApiGraph, nodes: NodeCatalogue): Map<string, TextRole> {
	const roles = new Map<string, TextRole>();
	const roots = rankSamplers(graph, nodes);
	for (const role of ["positive", "negative"] as const) {
		// What was walked for one sampler holds nothing new for the next.
		const seen = new Set<string>();
		for (const root of roots)
			for (const found of encodersOf({ graph, nodes, seen }, root, role)) if (!roles.has(found)) roles.set(found, role);
	}
	return roles;
}

/** Sampling and guiding nodes, those first that need no other of them. */
export function rankSamplers(graph: ApiGraph, nodes: NodeCatalogue): string[] {
	const ids = sortIds(Object.keys(graph));
	const roots = new Set(ids.filter((id) => isRoot(nodeAt(graph, id), nodes)));
	const depths = foldGraph(graph, ids, 0, (_, __, sources) =>
		sources.reduce((most, { node, value }) => Math.max(most, value + (roots.has(node) ? 1 : 0)), 0),
	);
	return [...roots].sort((a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0));
}

function isRoot(node: ApiNode | undefined, nodes: NodeCatalogue): boolean {
	if (!node) return false;
	const described = nodes.get(node.class_type);
	if (!described) return knownRoots.has(node.class_type);
	const types = described.outputs.map((output) => output.type);
	const takes = described.inputs.some((input) => conditionsOf.positive.includes(input.name) && input.type === "CONDITIONING");
	return takes && (types.includes("LATENT") || types.includes("GUIDER")) && !types.includes("CONDITIONING");
}

interface Walk {
	graph: ApiGraph;
	nodes: NodeCatalogue;
	seen: Set<string>;
}

/** Walks a sampler's conditionings back to the texts they were made of. What was zeroed out is no prompt. */
function encodersOf({ graph, nodes, seen }: Walk, root: string, role: TextRole): string[] {
	const found: string[] = [];
	const open: { id: string; role: TextRole }[] = [];
	const follow = (id: string, inputs: readonly string[], as: TextRole) => {
		for (const name of inputs) {
			const link = linkOf(inputAt(nodeAt(graph, id) ?? { class_type: "", inputs: {} }, name));
			if (link) open.unshift({ id: link[0], role: roleBehind(graph, nodes, link, as) });
		}
	};
	follow(root, conditionsOf[role], role);
	for (let next = open.pop(); next; next = open.pop()) {
		const node = nodeAt(graph, next.id);
		const key = JSON.stringify([next.id, next.role]);
		if (!node || seen.has(key) || node.class_type === "ConditioningZeroOut") continue;
		seen.add(key);
		if (textInputs.some((name) => inputAt(node, name) !== undefined)) found.push(next.id);
		else follow(next.id, conditioningInputs(node, nodes, next.role), next.role);
	}
	return found;
}

/** A node that hands on a positive and a negative conditioning, such as a ControlNet's, keeps them apart by its outputs. */
function roleBehind(graph: ApiGraph, nodes: NodeCatalogue, [id, output]: [string, number], role: TextRole): TextRole {
	const node = nodeAt(graph, id);
	if (!node || inputAt(node, "positive") === undefined || inputAt(node, "negative") === undefined) return role;
	const name = nodes.get(node.class_type)?.outputs[output]?.name.toLowerCase();
	return name === "negative" || (name !== "positive" && output === 1) ? "negative" : "positive";
}

function conditioningInputs(node: ApiNode, nodes: NodeCatalogue, role: TextRole): string[] {
	const known = Object.keys(node.inputs).sort();
	if (known.includes("positive") && known.includes("negative")) return [role];
	const described = nodes.get(node.class_type);
	const typed = described?.inputs.filter((input) => input.type === "CONDITIONING").map((input) => input.name);
	return typed ?? known.filter((name) => /cond|positive|negative/i.test(name));
}
