import type { ApiGraph, ApiNode, NodeLink } from "../../engines/apiGraph.ts";

/** The link that an input's value is, by ComfyUI's own rule: two entries, the first a string, the second an output's index. */
export function linkOf(value: unknown): NodeLink | null {
	if (!Array.isArray(value) || value.length !== 2) return null;
	const [node, output] = value;
	return typeof node === "string" && typeof output === "number" && Number.isInteger(output) && output >= 0 ? [node, output] : null;
}

/** A node by id; ids come from strangers, so what objects inherit does not count. */
export function nodeAt(graph: ApiGraph, id: string): ApiNode | undefined {
	return Object.hasOwn(graph, id) ? graph[id] : undefined;
}

/** The value of an input, links included; undefined when the node has none of that name. */
export function inputAt(node: ApiNode, name: string): unknown {
	return Object.hasOwn(node.inputs, name) ? node.inputs[name] : undefined;
}

/** What its author calls a node: its title, or its class. */
export function titleOf(node: ApiNode): string {
	return node._meta?.title || node.class_type;
}

/** `node 3 "Sampler" (KSampler)`, or without the title when it says no more than the class. */
export function nameNode(id: string, node: ApiNode): string {
	const title = titleOf(node);
	return title === node.class_type ? `node ${id} (${node.class_type})` : `node ${id} "${shorten(title, 80)}" (${node.class_type})`;
}

export function shorten(text: string, length: number): string {
	return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Ids in an order that does not depend on how the graph was written down: numbers by value, then texts. */
export function sortIds(ids: Iterable<string>): string[] {
	return [...ids].sort((a, b) => compareIds(a.split(":"), b.split(":")));
}

function compareIds(a: string[], b: string[]): number {
	for (let at = 0; at < Math.min(a.length, b.length); at++) {
		const [left = "", right = ""] = [a[at], b[at]];
		const [first, second] = [Number(left), Number(right)];
		if (left !== right && first !== second && !Number.isNaN(first) && !Number.isNaN(second)) return first - second;
		if (left !== right) return left < right ? -1 : 1;
	}
	return a.length - b.length;
}
