import type { ApiGraph, ApiNode } from "../../engines/apiGraph.ts";
import type { NodeCatalogue, NodeInput } from "../../engines/nodeCatalogue.ts";
import { type ExposedInput, misfitOf } from "./exposedInput.ts";
import { inputAt, linkOf, nodeAt, shorten, titleOf } from "./graphLinks.ts";
import { holders } from "./graphPolicy.ts";
import { type Candidate, snake } from "./inputNames.ts";

export type Place = ExposedInput["bindings"][number];

export function placeKey({ node, input }: Place): string {
	return JSON.stringify([node, input]);
}

/** Where the value of an input stands: there, or in the node that only holds it; null when it is made by some other node, or absent. */
export function findHolder(graph: ApiGraph, at: Place, hops = 0): Place | null {
	const node = nodeAt(graph, at.node);
	const value = node && inputAt(node, at.input);
	if (value === undefined) return null;
	const link = linkOf(value);
	if (!link) return at;
	const source = nodeAt(graph, link[0]);
	const held = source && Object.hasOwn(holders, source.class_type) ? holders[source.class_type] : undefined;
	return held && hops < 8 ? findHolder(graph, { node: link[0], input: held }, hops + 1) : null;
}

/** What the author calls the node, where that is more than its class is called. */
function ownTitle(node: ApiNode, nodes: NodeCatalogue): string {
	const title = titleOf(node).trim();
	return title === node.class_type || title === nodes.get(node.class_type)?.title ? "" : shorten(title, 80);
}

/** The field for a value that stands at `holder` and is used at `at`: bounds of both, and the value as its default. Null: it holds no such value. */
export function describeInput(
	{ graph, nodes }: { graph: ApiGraph; nodes: NodeCatalogue },
	at: Place,
	holder: Place,
	proposal: Pick<Candidate, "base" | "title" | "type"> & Partial<Candidate>,
): Candidate | null {
	const node = nodeAt(graph, holder.node);
	if (!node) return null;
	const value = inputAt(node, holder.input);
	const { type } = proposal;
	const described = [at, holder].flatMap((place) => {
		const found = nodes.get(nodeAt(graph, place.node)?.class_type ?? "")?.inputs.find((input) => input.name === place.input);
		return found ? [found] : [];
	});
	const isNumber = type === "integer" || type === "number" || type === "seed";
	const current = isNumber && typeof value === "string" && value.trim() !== "" ? Number(value) : value;
	if (type !== "picture" && type !== "seed" && misfitOf({ type, min: null, max: null, options: [current as string] }, current) !== null)
		return null;
	if (type === "choice" && String(current).length > 500) return null;
	const candidate: Candidate = {
		description: "",
		hint: ownTitle(node, nodes),
		...proposal,
		default: type === "picture" || type === "seed" ? null : (current as string | number | boolean),
		...(isNumber ? rangeOf(described, proposal, current as number) : { min: null, max: null, step: null }),
		options: type === "choice" ? [current as string] : null,
		multiline: proposal.multiline ?? described.some((input) => input.multiline),
		bindings: [holder],
	};
	return proposal.base === "value" ? nameByTitle(candidate) : candidate;
}

/** A node that only holds a value is called what its author calls it. */
function nameByTitle(candidate: Candidate): Candidate {
	const base = snake(candidate.hint);
	return base === "" ? candidate : { ...candidate, base, title: candidate.hint, hint: "" };
}

/** The node's own range, narrowed to what makes sense, and widened again to hold what the graph uses. */
function rangeOf(described: NodeInput[], proposal: Partial<Candidate>, current: number): Pick<Candidate, "min" | "max" | "step"> {
	if (proposal.type === "seed") {
		const most = described.flatMap(({ max }) => (max === null ? [] : [max]));
		return { min: 0, max: Math.min(Number.MAX_SAFE_INTEGER, ...most), step: null };
	}
	const lows = described.flatMap(({ min }) => (min === null ? [] : [min]));
	const highs = described.flatMap(({ max }) => (max === null ? [] : [max]));
	const min = Math.max(...lows, ...(proposal.min == null ? [] : [Math.min(proposal.min, current)]));
	const max = Math.min(...highs, ...(proposal.max == null ? [] : [Math.max(proposal.max, current)]));
	const safe = (bound: number) => (Number.isFinite(bound) && Math.abs(bound) <= Number.MAX_SAFE_INTEGER ? bound : null);
	const outside = current < min || current > max;
	return {
		min: outside ? null : safe(min),
		max: outside ? null : safe(max),
		step: described.find(({ step }) => (step ?? 0) > 0)?.step ?? null,
	};
}
