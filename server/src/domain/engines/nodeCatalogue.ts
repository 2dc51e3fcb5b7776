import { asArray, asObject, type Json, type JsonObject } from "../json.ts";

/** One input of a node class, whichever of its two encodings the server used. */
export interface NodeInput {
	name: string;
	/** `INT`, `FLOAT`, `STRING`, `BOOLEAN`, `COMBO`, or the type of a link (`MODEL`, `IMAGE`, ...). */
	type: string;
	required: boolean;
	/** What a COMBO offers; null: it is none, or its choices come from elsewhere. */
	options: (string | number | boolean)[] | null;
	default: Json | undefined;
	min: number | null;
	max: number | null;
	step: number | null;
	multiline: boolean;
	/** The choice is an uploaded picture. */
	upload: boolean;
	/** The frontend keeps a second widget after it: `fixed`, `increment`, `decrement`, `randomize`. */
	controlAfterGenerate: boolean;
	/** Always a link, though its type is one that widgets have. */
	forceInput: boolean;
	/** Of a choice that brings inputs along (`COMFY_DYNAMICCOMBO_V3`): those of each, named `name.member`; null: not told, or it is no such choice. */
	members: ReadonlyMap<string, NodeInput[]> | null;
}

export interface NodeClass {
	name: string;
	title: string;
	category: string;
	/** Required ones, then optional ones, each in the node's own order: the order of its widgets. Hidden ones are left out. */
	inputs: NodeInput[];
	outputs: { name: string; type: string; isList: boolean }[];
	/** It ends a graph: something is saved or shown. */
	isOutput: boolean;
}

/** What GET /object_info says, by class. */
export type NodeCatalogue = ReadonlyMap<string, NodeClass>;

/** Types that are widgets of the frontend and not sockets. */
const widgetTypes = new Set(["INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"]);

export function isWidget(input: NodeInput): boolean {
	return widgetTypes.has(input.type) && !input.forceInput;
}

/** Reads both encodings of choices, `[["a", "b"], {...}]` and `["COMBO", {options: [...]}]`. What is not a node class is left out. */
export function readNodeCatalogue(objectInfo: unknown): NodeCatalogue {
	const classes = new Map<string, NodeClass>();
	for (const [name, described] of Object.entries(asObject(objectInfo))) {
		const info = asObject(described);
		if (info.input === undefined || !Array.isArray(info.output)) continue;
		classes.set(name, {
			name,
			title: typeof info.display_name === "string" && info.display_name !== "" ? info.display_name : name,
			category: typeof info.category === "string" ? info.category : "",
			inputs: readInputs(info.input, info.input_order),
			outputs: readOutputs(info),
			isOutput: info.output_node === true,
		});
	}
	return classes;
}

/** Choices bring choices along; no class goes deeper. */
const mostDeep = 4;

function readInputs(described: Json | undefined, order: Json | undefined, prefix = "", depth = 0): NodeInput[] {
	return (["required", "optional"] as const).flatMap((section) => {
		const inputs = asObject(asObject(described)[section]);
		const known = Object.keys(inputs);
		const first = asArray(asObject(order)[section]).filter((name) => typeof name === "string" && known.includes(name)) as string[];
		const names = [...first, ...known.filter((name) => !first.includes(name))];
		return names.map((name) => readInput(prefix + name, inputs[name], section === "required", depth));
	});
}

function readInput(name: string, described: Json | undefined, required: boolean, depth: number): NodeInput {
	const [type, more] = Array.isArray(described) ? described : [];
	const config = asObject(more);
	const number = (key: string) => (typeof config[key] === "number" ? config[key] : null);
	return {
		name,
		type: Array.isArray(type) ? "COMBO" : typeof type === "string" ? type : "*",
		required,
		options: readOptions(type, config),
		default: config.default,
		min: number("min"),
		max: number("max"),
		step: number("step"),
		multiline: config.multiline === true,
		upload: config.image_upload === true,
		controlAfterGenerate: config.control_after_generate === true || typeof config.control_after_generate === "string",
		forceInput: config.forceInput === true,
		members: type === "COMFY_DYNAMICCOMBO_V3" && depth < mostDeep ? readMembers(name, config.options, depth) : null,
	};
}

function readMembers(name: string, options: Json | undefined, depth: number): NodeInput["members"] {
	if (!Array.isArray(options)) return null;
	const members = options
		.map(asObject)
		.flatMap(({ key, inputs }) =>
			typeof key === "string" && inputs !== undefined ? [[key, readInputs(inputs, undefined, `${name}.`, depth + 1)] as const] : [],
		);
	return members.length > 0 && members.length === options.length ? new Map(members) : null;
}

function readOptions(type: Json | undefined, config: JsonObject): NodeInput["options"] {
	const options = Array.isArray(type) ? type : type === "COMBO" ? config.options : null;
	if (!Array.isArray(options)) return null;
	return options.filter((option) => typeof option === "string" || typeof option === "number" || typeof option === "boolean");
}

function readOutputs(info: JsonObject): NodeClass["outputs"] {
	const types = asArray(info.output);
	const names = asArray(info.output_name);
	const lists = asArray(info.output_is_list);
	return types.map((type, at) => {
		// A list of choices as an output is a COMBO.
		const text = typeof type === "string" ? type : "COMBO";
		const name = names[at];
		return { name: typeof name === "string" ? name : text, type: text, isList: lists[at] === true };
	});
}
