import type { NodeLink } from "../../../engines/apiGraph.ts";
import type { Json } from "../../../json.ts";
import { overrideKey } from "./hostValues.ts";
import { bypassed, idIn, type Scope } from "./layOut.ts";
import { insideInputs, refuse, textOf, type UiGraph, type UiNode } from "./uiGraph.ts";

/** What an input gets: another node's output, a value, or nothing, so that its own widget counts. `fault`: why that cannot be told. */
export type Source = { link: NodeLink } | { value: Json } | { fault: string } | null;

/** Nodes of the editor that hand on what they get, and those that no one runs. */
const passes = ["Reroute", "Reroute (rgthree)", "SetNode"];
const ornaments = ["Note", "MarkdownNote", "Label (rgthree)", "Bookmark (rgthree)", "Fast Groups Muter (rgthree)"];
for (const name of [
	"Fast Groups Bypasser (rgthree)",
	"Fast Muter (rgthree)",
	"Fast Bypasser (rgthree)",
	"Mute / Bypass Repeater (rgthree)",
])
	ornaments.push(name);

/** It exists in the editor only. */
export function isVirtual(type: string): boolean {
	return passes.includes(type) || ornaments.includes(type) || type === "PrimitiveNode" || type === "GetNode";
}

/** Steps along links in one conversion: enough for any workflow that people draw. */
const mostSteps = 400_000;

interface Walk {
	steps: number;
	/** Places passed on the way from the input that is being resolved. */
	seen: Set<string>;
	setters: Map<UiGraph, ReadonlyMap<string, UiNode>>;
}

/** Follows links back through reroutes, bypassed nodes and the borders of subgraphs, as the editor's own export does. */
export function createResolving(): (scope: Scope, node: UiNode, at: number) => Source {
	const walk: Walk = { steps: 0, seen: new Set(), setters: new Map() };
	return (scope, node, at) => {
		walk.seen.clear();
		return behindInput(walk, scope, node, at);
	};
}

function isNew(walk: Walk, key: string): boolean {
	walk.steps += 1;
	if (walk.steps > mostSteps) throw refuse("The links of the workflow are too tangled to follow.");
	return !walk.seen.has(key) && walk.seen.add(key) !== undefined;
}

function behindInput(walk: Walk, scope: Scope, node: UiNode, at: number, type?: string): Source {
	if (!isNew(walk, `${idIn(scope, node.id)} in ${at}`)) return { fault: "is linked in a circle" };
	const slot = node.inputs[at];
	if (!slot || slot.link === null) return null;
	const link = scope.graph.links.get(slot.link);
	if (!link) return { fault: `is linked by ${slot.link}, which the workflow does not hold` };
	if (link.from === insideInputs && scope.host) return behindBorder(walk, scope, scope.host, link.output, type);
	const source = scope.graph.nodes.get(link.from);
	if (!source) return { fault: `is linked to node ${link.from}, which the workflow does not hold` };
	return behindOutput(walk, scope, source, link.output, type ?? slot.type);
}

/** An input of a subgraph: what its node outside gets or holds there. */
function behindBorder(walk: Walk, scope: Scope, { node, scope: outside }: NonNullable<Scope["host"]>, slot: number, type?: string): Source {
	const name = scope.graph.inputs[slot];
	if (name === undefined) return { fault: "is linked to an input that its subgraph does not have" };
	const at = node.inputs.findIndex((one) => one.name === name);
	const found = at >= 0 ? behindInput(walk, outside, node, at, type) : null;
	if (found) return found;
	const value = scope.values.get(name);
	return value === undefined ? null : { value };
}

function behindOutput(walk: Walk, scope: Scope, node: UiNode, at: number, type: string): Source {
	if (!isNew(walk, `${idIn(scope, node.id)} out ${at}`)) return { fault: "is linked in a circle" };
	if (node.mode === bypassed) {
		const through = bypassInput(node, at, type);
		return through < 0 ? null : behindInput(walk, scope, node, through);
	}
	const inner = scope.inner.get(node.id);
	if (inner) return behindInside(walk, inner, { node, scope }, at, type);
	if (node.type === "PrimitiveNode") return primitive(scope, node);
	if (node.type === "GetNode") return fetched(walk, scope, node, type);
	if (passes.includes(node.type)) return behindInput(walk, scope, node, at, type);
	return isVirtual(node.type) ? null : { link: [idIn(scope, node.id), at] };
}

/** An output of a subgraph: what its inside hands on, which may be one of its own inputs as it is. */
function behindInside(walk: Walk, inner: Scope, host: NonNullable<Scope["host"]>, at: number, type: string): Source {
	const id = inner.graph.outputs[at];
	const link = id ? inner.graph.links.get(id) : undefined;
	if (!link) return null;
	if (link.from === insideInputs) return behindBorder(walk, inner, host, link.output, type);
	const source = inner.graph.nodes.get(link.from);
	return source ? behindOutput(walk, inner, source, link.output, type) : null;
}

/** KJNodes: what the SetNode of the same name gets, here or in a graph around this one. */
function fetched(walk: Walk, scope: Scope, node: UiNode, type: string): Source {
	const name = textOf(node.values[0]);
	for (let around: Scope | undefined = scope; around; around = around.host?.scope) {
		const known = walk.setters.get(around.graph) ?? settersOf(around.graph);
		walk.setters.set(around.graph, known);
		const setter = known.get(name);
		if (setter) return behindInput(walk, around, setter, 0, type);
	}
	return { fault: `gets "${name.slice(0, 100)}", which no SetNode sets` };
}

function settersOf({ nodes }: UiGraph): ReadonlyMap<string, UiNode> {
	return new Map([...nodes.values()].filter((node) => node.type === "SetNode").map((node) => [textOf(node.values[0]), node]));
}

function primitive(scope: Scope, node: UiNode): Source {
	const value = scope.overrides.get(overrideKey(node.id, "value")) ?? node.values[0];
	if (value === undefined || value === null) return null;
	if (node.properties["Run widget replace on values"] === true && typeof value === "string" && /%[^%]+\.[^%]+%/.test(value))
		return { fault: "gets a text with %node.widget% in it, which only the editor replaces" };
	return { value };
}

/** The input that a bypassed node hands on at an output: of the same place if the types agree, else the first of the type. */
function bypassInput({ inputs, outputTypes }: UiNode, at: number, type: string): number {
	if (isAny(type)) return inputs.length > at ? at : inputs.length > 0 ? 0 : -1;
	const given = outputTypes[at] ?? "";
	const fits = (input: { type: string } | undefined) => input !== undefined && agree(input.type, given) && agree(input.type, type);
	if (fits(inputs[at])) return at;
	const exact = inputs.findIndex((input) => input.type === type);
	return exact >= 0 ? exact : inputs.findIndex(fits);
}

function agree(a: string, b: string): boolean {
	if (isAny(a) || isAny(b)) return true;
	const wanted = b.toLowerCase().split(",");
	return a
		.toLowerCase()
		.split(",")
		.some((type) => wanted.includes(type));
}

function isAny(type: string): boolean {
	return type === "*" || type === "" || type === "0";
}
