import type { ApiGraph, ApiNode } from "../../engines/apiGraph.ts";
import { linkOf, nodeAt } from "./graphLinks.ts";

/** An input of a node that another feeds, with what was computed of that other. */
export interface Fed<T> {
	input: string;
	node: string;
	output: number;
	value: T;
}

/**
 * Computes something of every node from what was computed of its sources, each once, sources first. A link that closes a circle, or leads to
 * no node, counts as `none`. Keeps a stack of its own: a graph may be one chain of thousands.
 */
export function foldGraph<T>(
	graph: ApiGraph,
	ids: readonly string[],
	none: T,
	visit: (id: string, node: ApiNode, sources: Fed<T>[]) => T,
): Map<string, T> {
	const known = new Map<string, T>();
	const open = new Set<string>();
	const stack = ids.toReversed().map((id) => ({ id, isDone: false }));
	for (let top = stack.pop(); top; top = stack.pop()) {
		const node = nodeAt(graph, top.id);
		if (!node || known.has(top.id)) continue;
		if (top.isDone) {
			const sources = linksOf(node).map(([input, from, output]) => ({ input, node: from, output, value: known.get(from) ?? none }));
			known.set(top.id, visit(top.id, node, sources));
		} else if (!open.has(top.id)) {
			open.add(top.id);
			stack.push({ id: top.id, isDone: true });
			for (const [, from] of linksOf(node)) if (!known.has(from) && !open.has(from)) stack.push({ id: from, isDone: false });
		}
	}
	return known;
}

function linksOf(node: ApiNode): [input: string, node: string, output: number][] {
	return Object.entries(node.inputs).flatMap(([input, value]) => {
		const link = linkOf(value);
		return link ? [[input, link[0], link[1]] as [string, string, number]] : [];
	});
}
