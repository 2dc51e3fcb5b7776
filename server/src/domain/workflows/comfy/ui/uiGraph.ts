import { GlassworksError } from "../../../errors.ts";
import { asArray, asObject, type Json, type JsonObject } from "../../../json.ts";
import { graphLimits } from "../graphLimits.ts";

/** ComfyUI's editor format (litegraph, versions 0.4 and 1), read as far as running it needs: no places, colours or groups. */
export interface UiNode {
	id: string;
	type: string;
	/** What its author calls it; empty when it goes by its class. */
	title: string;
	/** 0 runs, 2 is muted, 4 is bypassed. */
	mode: number;
	inputs: { name: string; type: string; link: string | null; widget: string | null }[];
	outputTypes: string[];
	properties: JsonObject;
	/** By place, as long as the editor has saved workflows. */
	values: Json[];
	/** By name: what newer editors add, and some nodes of others save instead. */
	named: JsonObject;
}

export interface UiLink {
	from: string;
	output: number;
	to: string;
	input: number;
}

/** A graph, or the inside of a subgraph, whose own inputs and outputs are the nodes `-10` and `-20`. */
export interface UiGraph {
	name: string;
	nodes: ReadonlyMap<string, UiNode>;
	links: ReadonlyMap<string, UiLink>;
	inputs: string[];
	/** Inputs that a widget inside takes its value from. */
	widgetInputs: ReadonlySet<string>;
	/** The link that each output hands on; null: none. */
	outputs: (string | null)[];
}

export interface UiDocument {
	root: UiGraph;
	subgraphs: ReadonlyMap<string, UiGraph>;
}

export const insideInputs = "-10";
const insideOutputs = "-20";
const idPattern = /^[A-Za-z0-9_.-]{1,50}$/;
const most = { definitions: 500, inputsOfNode: graphLimits.inputsOfNode, links: 20_000 };

/** @throws {GlassworksError} invalid_request when it is no such document, or too large a one */
export function readUiDocument(value: unknown): UiDocument {
	const document = asObject(value);
	if (!Array.isArray(document.nodes))
		throw refuse('The workflow has no list of "nodes": this is not the format that ComfyUI\'s editor saves.');
	const subgraphs = new Map<string, UiGraph>();
	const open = [document];
	for (let next = open.pop(); next; next = open.pop())
		for (const definition of asArray(asObject(next.definitions).subgraphs).map(asObject)) {
			const id = typeof definition.id === "string" ? definition.id : "";
			if (id === "" || subgraphs.has(id)) continue;
			if (subgraphs.size === most.definitions) throw refuse(`The workflow has more than ${most.definitions} subgraphs.`);
			subgraphs.set(id, readGraph(definition));
			open.push(definition);
		}
	return { root: readGraph(document), subgraphs };
}

function readGraph(value: JsonObject): UiGraph {
	const described = asArray(value.nodes);
	if (described.length > graphLimits.nodes)
		throw refuse(`The workflow has ${described.length} nodes; at most ${graphLimits.nodes} are allowed.`);
	const nodes = new Map<string, UiNode>();
	for (const [at, entry] of described.entries()) {
		const node = readNode(asObject(entry), at);
		if (nodes.has(node.id)) throw refuse(`The workflow has two nodes with the id ${node.id}.`);
		nodes.set(node.id, node);
	}
	const links = readLinks(value.links);
	const handedOn = new Map([...links].flatMap(([id, link]) => (link.to === insideOutputs ? [[link.input, id] as const] : [])));
	const [inputs, outputs] = [asArray(value.inputs), asArray(value.outputs)];
	if (Math.max(inputs.length, outputs.length) > most.inputsOfNode)
		throw refuse(`A subgraph has more than ${most.inputsOfNode} inputs or outputs.`);
	const named = inputs.map((input) => textOf(asObject(input).name));
	const feeding = [...nodes.values()].flatMap((node) =>
		node.inputs.flatMap(({ link, widget }) => {
			const found = link === null || widget === null ? undefined : links.get(link);
			return found?.from === insideInputs ? [named[found.output] ?? ""] : [];
		}),
	);
	return {
		name: typeof value.name === "string" ? value.name.slice(0, 100) : "",
		nodes,
		links,
		inputs: named,
		widgetInputs: new Set(feeding),
		outputs: outputs.map((_, at) => handedOn.get(at) ?? null),
	};
}

function readNode(node: JsonObject, at: number): UiNode {
	const id = idOf(node.id);
	if (id === null) throw refuse(`The node at place ${at} of the workflow has no usable id.`);
	const type = textOf(node.type);
	if (type === "" || type.length > 200) throw refuse(`Node ${id} has no usable class.`);
	const inputs = asArray(node.inputs);
	if (inputs.length > most.inputsOfNode) throw refuse(`Node ${id} has ${inputs.length} inputs; at most ${most.inputsOfNode} are allowed.`);
	const named = { ...asObject(node.widgets_values), ...asObject(node.widgets_values_named) };
	if (Object.keys(named).length > most.inputsOfNode) throw refuse(`Node ${id} has more than ${most.inputsOfNode} values.`);
	return {
		id,
		type,
		title: textOf(node.title).slice(0, 500),
		mode: typeof node.mode === "number" ? node.mode : 0,
		inputs: inputs.map(asObject).map((input) => ({
			name: textOf(input.name).slice(0, 200),
			type: typeOf(input.type),
			link: idOf(input.link),
			widget: textOf(asObject(input.widget).name) || null,
		})),
		outputTypes: asArray(node.outputs).map((output) => typeOf(asObject(output).type)),
		properties: asObject(node.properties),
		values: asArray(node.widgets_values),
		named,
	};
}

/** Links as lists (0.4) or objects (1). Reroutes of litegraph itself only bend a link: it still says where it starts and ends. */
function readLinks(value: Json | undefined): Map<string, UiLink> {
	const entries = Array.isArray(value) ? value : Object.values(asObject(value));
	if (entries.length > most.links) throw refuse(`The workflow has ${entries.length} links; at most ${most.links} are allowed.`);
	const links = new Map<string, UiLink>();
	for (const entry of entries) {
		const link = asObject(entry);
		const [id, from, output, to, input] = Array.isArray(entry)
			? entry
			: [link.id, link.origin_id, link.origin_slot, link.target_id, link.target_slot];
		const [key, start, end] = [idOf(id), idOf(from), idOf(to)];
		if (key === null || start === null || end === null) continue;
		links.set(key, { from: start, output: slotOf(output), to: end, input: slotOf(input) });
	}
	return links;
}

function idOf(value: Json | undefined): string | null {
	const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
	return typeof text === "string" && idPattern.test(text) && text !== "__proto__" ? text : null;
}

function slotOf(value: Json | undefined): number {
	const slot = typeof value === "string" ? Number(value) : value;
	return typeof slot === "number" && Number.isInteger(slot) && slot >= 0 ? slot : -1;
}

/** Types are texts; an event's is a number, and a list of choices is a COMBO. */
function typeOf(value: Json | undefined): string {
	return Array.isArray(value) ? "COMBO" : value === undefined || value === null ? "" : String(value).slice(0, 1_000);
}

export function textOf(value: Json | undefined): string {
	return typeof value === "string" ? value : "";
}

export function refuse(message: string): GlassworksError {
	return new GlassworksError("invalid_request", message);
}
