import type { ApiGraph, NodeLink } from "../../engines/apiGraph.ts";
import type { NodeCatalogue, NodeClass, NodeInput } from "../../engines/nodeCatalogue.ts";
import { isJsonObject, type Json } from "../../json.ts";
import { inputAt, linkOf } from "./graphLinks.ts";

/** ComfyUI's own words for what is wrong. */
export type GraphProblemCode =
	| "prompt_no_outputs"
	| "missing_node_type"
	| "required_input_missing"
	| "bad_linked_input"
	| "return_type_mismatch"
	| "dependency_cycle"
	| "invalid_input_type"
	| "value_not_in_list"
	| "value_smaller_than_min"
	| "value_bigger_than_max";

export interface GraphProblem {
	code: GraphProblemCode;
	/** Id of the node; null: the graph as a whole. */
	node: string | null;
	/** Name of the node's input; null: the node as a whole. */
	input: string | null;
	/** What is wrong, for people. Never lists the choices of an input: they name what the operator installed. */
	message: string;
}

type Nodes = ReadonlyMap<string, ApiGraph[string]>;

/**
 * What ComfyUI would refuse a graph for, without asking it; empty: nothing. Like it, classes are checked everywhere, the rest only in nodes
 * that some output needs. Inputs whose shape depends on other inputs, and names of uploaded files, only the server can judge: they pass.
 */
export function validateGraph(graph: ApiGraph, catalogue: NodeCatalogue): GraphProblem[] {
	const nodes: Nodes = new Map(Object.entries(graph));
	const unknown = [...nodes].flatMap(([id, { class_type }]) =>
		catalogue.has(class_type) ? [] : [problem("missing_node_type", id, null, `There is no node "${class_type}".`)],
	);
	if (unknown.length > 0) return unknown;
	const outputs = [...nodes].filter(([, node]) => catalogue.get(node.class_type)?.isOutput).map(([id]) => id);
	if (outputs.length === 0) return [problem("prompt_no_outputs", null, null, "Nothing in the graph is saved or shown.")];
	const reached = reach(nodes, outputs, catalogue);
	const problems = reached.ids.flatMap((id) => checkNode(id, nodes, catalogue));
	return [...problems, ...reached.cycles.map((id) => problem("dependency_cycle", id, null, "The node needs its own result."))];
}

/** Nodes that the outputs need, each once, and those at which a cycle closes. Walks with a stack of its own: graphs may be deep. */
function reach(nodes: Nodes, outputs: string[], catalogue: NodeCatalogue): { ids: string[]; cycles: string[] } {
	const state = new Map<string, "open" | "done">();
	const cycles = new Set<string>();
	const stack = outputs.toReversed().map((id) => ({ id, leave: false }));
	for (let top = stack.pop(); top; top = stack.pop()) {
		if (top.leave) state.set(top.id, "done");
		else if (state.get(top.id) === "open") cycles.add(top.id);
		else if (!state.has(top.id)) {
			state.set(top.id, "open");
			stack.push({ id: top.id, leave: true }, ...needs(top.id, nodes, catalogue).map((id) => ({ id, leave: false })));
		}
	}
	return { ids: [...state.keys()], cycles: [...cycles] };
}

function needs(id: string, nodes: Nodes, catalogue: NodeCatalogue): string[] {
	const node = nodes.get(id);
	const nodeClass = catalogue.get(node?.class_type ?? "");
	if (!node || !nodeClass) return [];
	const linked = Object.entries(node.inputs).flatMap(([name, value]) => {
		const link = linkOf(value);
		return link && knows(nodeClass, name) ? [link[0]] : [];
	});
	return [...new Set(linked)].filter((need) => nodes.has(need));
}

/** Inputs that a class does not have are ignored by ComfyUI; the members of a dynamic one are written `name.member`. */
function knows(nodeClass: NodeClass, name: string): boolean {
	return nodeClass.inputs.some((input) => belongsTo(name, input));
}

function belongsTo(name: string, input: NodeInput): boolean {
	return name === input.name || (isDynamic(input.type) && name.startsWith(`${input.name}.`));
}

function checkNode(id: string, nodes: Nodes, catalogue: NodeCatalogue): GraphProblem[] {
	const node = nodes.get(id);
	const nodeClass = catalogue.get(node?.class_type ?? "");
	if (!node || !nodeClass) return [];
	return nodeClass.inputs.flatMap((input) => {
		if (isDynamic(input.type)) return checkMembers(id, input, node.inputs, nodes, catalogue);
		const value = inputAt(node, input.name) as Json | undefined;
		if (value === undefined) return input.required ? [problem("required_input_missing", id, input.name, `${input.name} is missing.`)] : [];
		return Array.isArray(value) && !isChoiceOfSeveral(input, value)
			? checkLink(id, input, linkOf(value), nodes, catalogue)
			: checkValue(id, input, value);
	});
}

/** Of a dynamic input only its links can be judged, and only whether they lead somewhere. */
function checkMembers(id: string, input: NodeInput, values: Record<string, Json>, nodes: Nodes, catalogue: NodeCatalogue): GraphProblem[] {
	return Object.entries(values).flatMap(([name, value]) => {
		const link = belongsTo(name, input) ? linkOf(value) : null;
		return link ? checkLink(id, { ...input, name }, link, nodes, catalogue) : [];
	});
}

function checkLink(id: string, input: NodeInput, link: NodeLink | null, nodes: Nodes, catalogue: NodeCatalogue): GraphProblem[] {
	const source = catalogue.get(nodes.get(link?.[0] ?? "")?.class_type ?? "");
	const output = source?.outputs[link?.[1] ?? -1];
	if (!output) return [problem("bad_linked_input", id, input.name, `${input.name} is linked to something that is not there.`)];
	if (fits(output.type, input.type)) return [];
	const message = `${input.name} takes ${input.type} and is linked to ${output.type}.`;
	return [problem("return_type_mismatch", id, input.name, message)];
}

/** Types are names, several with commas between them; one in common is enough. */
function fits(given: string, wanted: string): boolean {
	const [from, to] = [given, wanted].map((types) => types.split(",").map((type) => type.trim())) as [string[], string[]];
	if ([...from, ...to].some((type) => type === "*" || isDynamic(type))) return true;
	return from.some((type) => to.includes(type));
}

function checkValue(id: string, input: NodeInput, value: Json): GraphProblem[] {
	const plain = unwrap(value);
	if (input.type === "INT" || input.type === "FLOAT") return checkNumber(id, input, plain);
	// The list is what had been uploaded when the catalogue was read.
	if (input.type !== "COMBO" || input.options === null || input.upload) return [];
	if (Array.isArray(plain) || input.options.some((option) => option === plain)) return [];
	return [problem("value_not_in_list", id, input.name, `${input.name} is none of the choices.`)];
}

/** Python's int() and float() as far as JSON can feed them: text that is a number counts. */
function checkNumber(id: string, input: NodeInput, value: Json): GraphProblem[] {
	const isText = typeof value === "string" && (input.type === "INT" ? /^\s*[+-]?\d+\s*$/ : /\S/).test(value);
	const number = typeof value === "number" || typeof value === "boolean" || isText ? Number(value) : Number.NaN;
	if (Number.isNaN(number)) return [problem("invalid_input_type", id, input.name, `${input.name} must be a number.`)];
	const rounded = input.type === "INT" ? Math.trunc(number) : number;
	if (input.min !== null && rounded < input.min)
		return [problem("value_smaller_than_min", id, input.name, `${input.name} must be at least ${input.min}.`)];
	if (input.max !== null && rounded > input.max)
		return [problem("value_bigger_than_max", id, input.name, `${input.name} must be at most ${input.max}.`)];
	return [];
}

/** Values that would look like links are wrapped by some clients: `{"__value__": [...]}`. */
function unwrap(value: Json): Json {
	const wrapped = isJsonObject(value) ? value.__value__ : undefined;
	return wrapped === undefined ? value : wrapped;
}

/** A list that a COMBO takes as its value, where it lets people choose several. */
function isChoiceOfSeveral(input: NodeInput, value: Json[]): boolean {
	return input.type === "COMBO" && linkOf(value) === null;
}

/** `COMFY_AUTOGROW_V3`, `COMFY_DYNAMICCOMBO_V3`, `COMFY_MATCHTYPE_V3`, ...: what they take is known only at run time. */
function isDynamic(type: string): boolean {
	return type.startsWith("COMFY_") && type.endsWith("_V3");
}

function problem(code: GraphProblemCode, node: string | null, input: string | null, message: string): GraphProblem {
	return { code, node, input, message };
}
