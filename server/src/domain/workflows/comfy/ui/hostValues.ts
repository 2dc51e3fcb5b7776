import { asArray, type Json } from "../../../json.ts";
import { insideInputs, type UiGraph, type UiNode } from "./uiGraph.ts";
import { isControlWord } from "./widgetValues.ts";

export function overrideKey(node: string, widget: string): string {
	return JSON.stringify([node, widget]);
}

/**
 * What a subgraph's node holds for its inside. Editors of 2025 list the widgets it shows in `proxyWidgets`, as node inside and widget (-1: the
 * subgraph's own input), and keep values in that order; newer ones keep one value for each input that has a widget. A value that is not
 * there leaves what the node inside has.
 */
export function readHostValues(
	host: UiNode,
	graph: UiGraph,
	outer: ReadonlyMap<string, Json>,
): { values: Map<string, Json>; overrides: Map<string, Json> } {
	const values = new Map<string, Json>();
	const overrides = new Map<string, Json>();
	const shown = readProxies(host);
	if (shown.length === 0) readByInput(host, graph, values);
	for (const [at, [node, widget]] of shown.entries()) place(host.values[at], node, widget, { graph, values, overrides });
	for (const [name, value] of Object.entries(host.named)) if (value !== null) values.set(name, value);
	// What a node further out shows of this one goes before its own.
	for (const [key, value] of outer) {
		const [node, widget] = JSON.parse(key) as [string, string];
		const prefix = nested.exec(widget);
		if (node === host.id) place(value, "-1", prefix?.[1] === node ? (prefix[2] ?? "") : widget, { graph, values, overrides });
	}
	return { values, overrides };
}

interface Target {
	graph: UiGraph;
	values: Map<string, Json>;
	overrides: Map<string, Json>;
}

/** Widgets of nodes inside nodes inside are written `12: text`. */
const nested = /^\s*(\d+)\s*:\s*(.+)$/;

function place(value: Json | undefined, node: string, widget: string, target: Target): void {
	if (value === undefined || value === null || widget.startsWith("$$")) return;
	const prefix = nested.exec(widget);
	if (node === "-1" && target.graph.inputs.includes(widget)) target.values.set(widget, value);
	else if (node === "-1" && prefix) place(value, prefix[1] ?? "", prefix[2] ?? "", target);
	else {
		const inner = target.graph.nodes.get(node);
		const input = inner?.inputs.find((one) => (one.widget ?? one.name) === widget && one.link !== null);
		const link = input?.link ? target.graph.links.get(input.link) : undefined;
		const own = link?.from === insideInputs ? target.graph.inputs[link.output] : undefined;
		if (own !== undefined) target.values.set(own, value);
		else target.overrides.set(overrideKey(node, widget), value);
	}
}

function readProxies(host: UiNode): [node: string, widget: string][] {
	return asArray(host.properties.proxyWidgets)
		.slice(0, 500)
		.flatMap((entry) => {
			const [node, widget] = Array.isArray(entry) ? entry : [];
			return (typeof node === "string" || typeof node === "number") && typeof widget === "string"
				? [[String(node), widget] as [string, string]]
				: [];
		});
}

/**
 * One value for each input with a widget, in the order in which the node lists them, or, where an editor saved it without those, the subgraph.
 * Some editors keep what a seed does after a run behind its value.
 */
function readByInput(host: UiNode, graph: UiGraph, values: Map<string, Json>): void {
	const own = host.inputs.filter((input) => input.widget !== null).map((input) => input.name);
	const shown = graph.inputs.filter((name) => graph.widgetInputs.has(name) || own.includes(name));
	const inputs = shown.every((name) => own.includes(name)) ? own : shown;
	const hasMore = host.values.length > inputs.length;
	let at = 0;
	for (const name of inputs) {
		const value = host.values[at++];
		if (value !== undefined && value !== null) values.set(name, value);
		if (hasMore && typeof value === "number" && isControlWord(host.values[at])) at++;
	}
}
