import { isWidget, type NodeClass, type NodeInput } from "../../../engines/nodeCatalogue.ts";
import type { Json } from "../../../json.ts";
import { shorten } from "../graphLinks.ts";
import type { UiNode } from "./uiGraph.ts";

const controlWords = ["fixed", "increment", "decrement", "randomize", "increment-wrap"];

/** What the editor keeps behind a seed: what happens to it after a run. */
export function isControlWord(value: unknown): boolean {
	return typeof value === "string" && controlWords.includes(value);
}

/** A widget of a node: its input as the class describes it, if it does. */
interface Widget {
	name: string;
	input: NodeInput | undefined;
}

/** The values of a node's widgets by their inputs' names, what the class says of those, and the inputs whose widgets could not be told. */
export function readWidgetValues(
	node: UiNode,
	described: NodeClass,
): { values: Map<string, Json>; inputs: ReadonlyMap<string, NodeInput>; unclear: string[] } {
	const unclear = described.inputs
		.filter((input) => isChoice(input) && !input.members && !node.inputs.some((own) => own.widget === input.name))
		.map((input) => input.name);
	const inputs = new Map(described.inputs.map((input) => [input.name, input]));
	const values = new Map([...byPlace(node, described, inputs), ...byName(node, described, inputs)]);
	return { values, inputs, unclear: unclear.filter((name) => !values.has(name)) };
}

/** The order of widgets. Those of types of others', and of dynamic inputs whose members the class does not tell, are what the node itself lists. */
function widgetsOf(node: UiNode, inputs: readonly NodeInput[]): Widget[] {
	const own = node.inputs.flatMap((input) => (input.widget === null ? [] : [input.widget]));
	return inputs.flatMap((input): Widget[] => {
		if (isChoice(input) && input.members) return [{ name: input.name, input }];
		if (isDynamic(input))
			return own.filter((name) => name === input.name || name.startsWith(`${input.name}.`)).map((name) => ({ name, input: undefined }));
		if (input.forceInput) return [];
		return isWidget(input) || own.includes(input.name) ? [{ name: input.name, input }] : [];
	});
}

function isDynamic(input: NodeInput): boolean {
	return input.type.startsWith("COMFY_") && input.type.endsWith("_V3");
}

/** A choice that brings its own inputs. */
function isChoice(input: NodeInput): boolean {
	return input.type === "COMFY_DYNAMICCOMBO_V3";
}

function byName(node: UiNode, described: NodeClass, inputs: ReadonlyMap<string, NodeInput>): Map<string, Json> {
	const known = new Set([...inputs.keys(), ...widgetsOf(node, described.inputs).map(({ name }) => name)]);
	const dynamic = described.inputs.filter(isDynamic).map((input) => input.name);
	const isKnown = (name: string) => known.has(name) || dynamic.some((prefix) => name === prefix || name.startsWith(`${prefix}.`));
	return new Map(Object.entries(node.named).filter(([name, value]) => isKnown(name) && value !== null));
}

/** Values stand in the order of the widgets; the editor's own stand between them. What a choice brings along comes right behind it, into `inputs` too. */
function byPlace(node: UiNode, described: NodeClass, inputs: Map<string, NodeInput>): Map<string, Json> {
	const values = new Map<string, Json>();
	const uploads = described.inputs.some((input) => input.upload);
	const widgets = widgetsOf(node, described.inputs);
	let at = 0;
	for (let index = 0; index < widgets.length; index++) {
		const { name, input } = widgets[index] as Widget;
		// The upload button comes after the required inputs, and says "image".
		if (uploads && input && !input.required && node.values[at] === "image") at++;
		const given = node.values[at++];
		const value = given === undefined ? input?.default : given;
		if (value !== undefined && value !== null) values.set(name, value);
		const members = typeof value === "string" ? input?.members?.get(value) : undefined;
		for (const member of members ?? []) inputs.set(member.name, member);
		if (members) widgets.splice(index + 1, 0, ...widgetsOf(node, members));
		if (given !== undefined && input) at += controlsAfter(input, node.values, at, widgets, index);
	}
	return values;
}

/** How many values after this one are the editor's own. Seeds have one though older classes do not say so. */
function controlsAfter(input: NodeInput, values: Json[], at: number, widgets: Widget[], index: number): number {
	const isSeed = input.type === "INT" && ["seed", "noise_seed"].includes(input.name);
	const next = widgets[index + 1]?.input;
	// In 2023 it was a switch.
	if (isSeed && typeof values[at] === "boolean") return next?.type === "BOOLEAN" && values.length <= widgets.length ? 0 : 1;
	if (!(input.controlAfterGenerate || isSeed) || !isControlWord(values[at])) return 0;
	if (!input.controlAfterGenerate && values.length <= widgets.length && next?.options?.includes(String(values[at]))) return 0;
	// A choice that changes by itself has a filter behind that.
	const left = widgets.length - index - 1;
	return input.type === "COMBO" && values.length - at - 1 > left ? 2 : 1;
}

/** What is wrong with a value for an input of this type, as the end of a sentence; null: nothing that conversion could tell. */
export function misfit(input: NodeInput | undefined, value: Json): string | null {
	const isText = typeof value === "string";
	switch (input?.type) {
		case "INT":
		case "FLOAT":
			if (typeof value === "number" || (isText && value.trim() !== "" && Number.isFinite(Number(value)))) return null;
			return `holds ${show(value)} where a number belongs`;
		case "BOOLEAN":
			return typeof value === "boolean" || value === 0 || value === 1 || value === "true" || value === "false"
				? null
				: `holds ${show(value)} where true or false belongs`;
		case "STRING":
			return isText || typeof value === "number" || typeof value === "boolean" ? null : `holds ${show(value)} where a text belongs`;
		case "COMBO":
			return typeof value === "object" && !Array.isArray(value) ? `holds ${show(value)} where a choice belongs` : null;
		default:
			return null;
	}
}

function show(value: Json): string {
	return shorten(JSON.stringify(value), 60);
}
