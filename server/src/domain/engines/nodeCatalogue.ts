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
			inputs: [...readInputs(info, "required"), ...readInputs(info, "optional")],
			outputs: readOutputs(info),
			isOutput: info.output_node === true,
		});
	}
	return classes;
}

function readInputs(info: JsonObject, section: "required" | "optional"): NodeInput[] {
	const described = asObject(asObject(info.input)[section]);
	const order = asObject(info.input_order)[section];
	const known = Object.keys(described);
	const first = Array.isArray(order) ? order.filter((name) => typeof name === "string" && known.includes(name)).map(String) : [];
	return [...first, ...known.filter((name) => !first.includes(name))].map((name) =>
		readInput(name, described[name], section === "required"),
	);
}

function readInput(name: string, described: Json | undefined, required: boolean): NodeInput {
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
	};
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
