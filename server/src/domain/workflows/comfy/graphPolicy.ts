import type { ApiGraph, ApiNode, NodeLink } from "../../engines/apiGraph.ts";
import type { ExposedInput } from "./exposedInput.ts";
import { inputAt, linkOf, nameNode, nodeAt, titleOf } from "./graphLinks.ts";

/** What a tenant's graph may hold. Nulls: no bound (the owner). */
export interface GraphPolicy {
	/** `coreNodeClasses` and what the operator added. Any other class is refused. */
	allowedClasses: ReadonlySet<string>;
	/** Files, as the engine names them, of the models that the tenant's plan includes. */
	allowedFiles: ReadonlySet<string>;
	/** Longest side drawn; enlarging afterwards may reach `upscaleRoom` times as far. Pictures given to a run must be shrunk to it. */
	maxSidePx: number | null;
	/** Steps of each sampling node. */
	maxSteps: number | null;
	/** Pictures in one batch, anywhere in the graph. */
	maxBatch: number | null;
	/** Nodes that sample: each costs about a picture. */
	maxSamplers: number | null;
	/** Fields of the workflow: what they may be given counts as if it stood in the graph. */
	inputs: readonly ExposedInput[];
	/** Inputs that the workflow fills with pictures of its author's own. */
	assets: readonly { node: string; input: string }[];
}

/** One reason to refuse a graph. `message` may be shown to the tenant: it names no installed file. */
export interface SafetyProblem {
	node: string;
	title: string;
	class: string;
	/** Null: the node itself. */
	input: string | null;
	message: string;
}

/** A graph under a policy, with what its checks look up again and again. */
export interface Judged {
	graph: ApiGraph;
	policy: GraphPolicy;
	exposed: ReadonlyMap<string, ExposedInput>;
	/** Inputs that fields fill, by node. */
	bound: ReadonlyMap<string, string[]>;
}

export function judge(graph: ApiGraph, policy: GraphPolicy): Judged {
	const exposed = new Map<string, ExposedInput>();
	const bound = new Map<string, string[]>();
	for (const field of policy.inputs)
		for (const { node, input } of field.bindings) {
			exposed.set(placeOf(node, input), field);
			bound.set(node, [...(bound.get(node) ?? []), input]);
		}
	return { graph, policy, exposed, bound };
}

export function placeOf(node: string, input: string): string {
	return JSON.stringify([node, input]);
}

export function problemAt(id: string, node: ApiNode, input: string | null, fault: string): SafetyProblem {
	const where = input === null ? nameNode(id, node) : `${nameNode(id, node)}, input ${input}`;
	return { node: id, title: titleOf(node), class: node.class_type, input, message: `${where}: ${fault}.` };
}

/** The inputs that a node spells out, and those that only a field fills. */
export function inputsOf({ bound }: Judged, id: string, node: ApiNode): string[] {
	return [...new Set([...Object.keys(node.inputs), ...(bound.get(id) ?? [])])];
}

/** The last part of an input's name: what a nested input of ComfyUI, such as `resize_type.width`, is about. */
export function baseName(input: string): string {
	return input.slice(input.lastIndexOf(".") + 1);
}

/** Least and greatest value that an input can get. `from`: the node and output that decide it; null: nothing says. */
export type Bounds = { low: number; high: number } | { from: NodeLink } | null;

/** The input of nodes that do nothing but hold a value. */
export const holders: Readonly<Record<string, string>> = {
	PrimitiveInt: "value",
	PrimitiveFloat: "value",
	PrimitiveBoolean: "value",
	PrimitiveString: "value",
	PrimitiveStringMultiline: "value",
	SeedNode: "seed",
};

/** Hands on one of two things of any type, whichever its third input says, which may be a field: both count. */
export const switchClass = "ComfySwitchNode";
export const switchSides = ["on_false", "on_true"] as const;

/** What an input can get, through nodes that only hold a value or choose one, and within the range of the field bound to it. */
export function boundsAt(judged: Judged, id: string, input: string, hops = 0): Bounds {
	const exposed = judged.exposed.get(placeOf(id, input));
	if (exposed) return boundsOfField(exposed);
	const node = nodeAt(judged.graph, id);
	const value = node && inputAt(node, input);
	const link = linkOf(value);
	if (!link) return numberIn(value);
	const source = nodeAt(judged.graph, link[0]);
	if (source?.class_type === switchClass) {
		const sides = hops < 8 ? switchSides.map((side) => boundsAt(judged, link[0], side, hops + 1)) : [];
		const known = sides.flatMap((side) => (side && "high" in side ? [side] : []));
		if (known.length < switchSides.length) return { from: link };
		return { low: Math.min(...known.map(({ low }) => low)), high: Math.max(...known.map(({ high }) => high)) };
	}
	const held = source && Object.hasOwn(holders, source.class_type) ? holders[source.class_type] : undefined;
	return held && hops < 8 ? boundsAt(judged, link[0], held, hops + 1) : { from: link };
}

function boundsOfField({ type, min, max, options }: ExposedInput): Bounds {
	if (type === "choice") {
		const numbers = (options ?? []).map(Number).filter(Number.isFinite);
		return numbers.length > 0 ? { low: Math.min(...numbers), high: Math.max(...numbers) } : null;
	}
	return type === "integer" || type === "number" || type === "seed"
		? { low: min ?? Number.NEGATIVE_INFINITY, high: max ?? Number.POSITIVE_INFINITY }
		: null;
}

/** ComfyUI turns texts into numbers where a number is due, and takes a wrapped value for the value. */
function numberIn(wrapped: unknown): Bounds {
	const value = unwrap(wrapped);
	const number = typeof value === "string" && value.trim() !== "" ? Number(value) : typeof value === "boolean" ? Number(value) : value;
	return typeof number === "number" && !Number.isNaN(number) ? { low: number, high: number } : null;
}

/** `{"__value__": [...]}` is how clients keep ComfyUI from taking a list for a link; it takes any value out of it. */
export function unwrap(value: unknown): unknown {
	return typeof value === "object" && value !== null && Object.hasOwn(value, "__value__")
		? (value as { __value__: unknown }).__value__
		: value;
}
