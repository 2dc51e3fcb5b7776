import type { ApiGraph, ApiNode } from "../../engines/apiGraph.ts";
import type { NodeCatalogue, NodeClass, NodeInput } from "../../engines/nodeCatalogue.ts";
import { GlassworksError } from "../../errors.ts";
import type { Json } from "../../json.ts";
import { graphLimits, isDeeperThan, tooManyInputs } from "./graphLimits.ts";
import { linkOf, nameNode } from "./graphLinks.ts";
import { overrideKey } from "./ui/hostValues.ts";
import { bypassed, idIn, type Laid, layOut, muted } from "./ui/layOut.ts";
import { createResolving, isVirtual, type Source } from "./ui/resolve.ts";
import { readUiDocument } from "./ui/uiGraph.ts";
import { misfit, readWidgetValues } from "./ui/widgetValues.ts";

/** What of a workflow could not be carried over, the first 200 of them. The rest of the graph is as the editor would export it. */
export interface ConversionProblem {
	/** Id in the API format: of a node inside subgraphs, `outer:inner`. */
	node: string;
	title: string;
	class: string;
	message: string;
}

const mostProblems = 200;

interface Converting {
	nodes: NodeCatalogue;
	resolve: ReturnType<typeof createResolving>;
	problems: ConversionProblem[];
}

/**
 * ComfyUI's editor format to its API format, as the editor's "Export (API)" does: widgets by the order of the classes, reroutes and
 * primitives followed, muted nodes left out with the links to them, bypassed ones passed through, subgraphs laid out. `{a|b}` in prompts
 * stays as it is: the editor draws one at each export. See docs/decisions/0017.
 * @throws {GlassworksError} invalid_request when it is not that format, has more than 2,000 nodes, or subgraphs more than 10 deep or circular
 */
export function convertUiGraph(ui: unknown, nodes: NodeCatalogue): { graph: ApiGraph; problems: ConversionProblem[] } {
	if (isDeeperThan(ui, graphLimits.jsonDepth))
		throw new GlassworksError("invalid_request", `The workflow holds lists or objects more than ${graphLimits.jsonDepth} deep.`);
	const laid = layOut(readUiDocument(ui));
	const converting: Converting = { nodes, resolve: createResolving(), problems: [] };
	const converted = new Map<string, ApiNode>();
	for (const { scope, node } of laid) {
		if (node.mode === muted || node.mode === bypassed || isVirtual(node.type)) continue;
		const made = convertNode(converting, { scope, node });
		if (made) converted.set(idIn(scope, node.id), made);
	}
	// Links to what was muted or could not be converted go, as they do in the editor's export.
	for (const { inputs } of converted.values())
		for (const [name, value] of Object.entries(inputs)) {
			const link = linkOf(value);
			if (link && !converted.has(link[0])) delete inputs[name];
		}
	const excess = tooManyInputs([...converted.values()]);
	if (excess) throw new GlassworksError("invalid_request", `The workflow is too large: ${excess}.`);
	return { graph: Object.fromEntries(converted), problems: converting.problems };
}

function convertNode(converting: Converting, laid: Laid): ApiNode | null {
	const { scope, node } = laid;
	const described = converting.nodes.get(node.type);
	const bare = { class_type: node.type, inputs: {}, _meta: { title: node.title || described?.title || node.type } };
	const id = idIn(scope, node.id);
	const report = (why: string): void => {
		const problem = { node: id, title: bare._meta.title, class: node.type, message: `${nameNode(id, bare)}: ${why}.` };
		if (converting.problems.length < mostProblems) converting.problems.push(problem);
	};
	const obstacle = id.length > 100 ? "its id, with those of its subgraphs, is longer than 100 characters" : obstacleOf(node.type);
	if (obstacle) {
		report(obstacle);
		return null;
	}
	if (!described) report("the engine has no such node, so the values of its widgets cannot be told apart");
	const { values, inputs } = described ? widgetsOf(laid, described, report) : { values: new Map<string, Json>(), inputs: null };
	for (const [at, input] of node.inputs.entries()) {
		const source = converting.resolve(scope, node, at);
		const value = broughtBy(source, inputs?.get(input.name));
		if (typeof value === "string") report(`input ${input.name} ${value}`);
		else if (value) values.set(input.name, value.value);
	}
	values.delete("__proto__");
	return { ...bare, inputs: Object.fromEntries(values) };
}

/** Why nodes of a class cannot be converted at all; null: they can. */
function obstacleOf(type: string): string | null {
	if (/^workflow[/>]/.test(type))
		return "is a group node, which newer editors replace; open the workflow in ComfyUI, ungroup it or make it a subgraph, and save it again";
	if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(type)) return "is a subgraph whose inside the workflow does not hold";
	if (/^(Anything|Prompts|Seed|Simple String)\b.*Everywhere/i.test(type))
		return "connects nodes without links; make its links real in ComfyUI and save the workflow again";
	return null;
}

/** The node's own values, with what subgraphs around it show instead. */
function widgetsOf(
	{ scope, node }: Laid,
	described: NodeClass,
	report: (why: string) => void,
): { values: Map<string, Json>; inputs: ReadonlyMap<string, NodeInput> } {
	const { values, inputs, unclear } = readWidgetValues(node, described);
	for (const name of unclear)
		report(`the inputs that ${name} brings along are not listed; save the workflow with a newer ComfyUI, or use "Export (API)"`);
	for (const name of inputs.keys()) {
		const shown = scope.overrides.get(overrideKey(node.id, name));
		if (shown !== undefined) values.set(name, shown);
	}
	for (const [name, value] of values) {
		const input = inputs.get(name);
		const isLinked = node.inputs.some((own) => own.name === name && own.link !== null);
		const fault = misfit(input, value);
		if (fault && !isLinked) report(`input ${name} ${fault}: the workflow was saved with another version of this node`);
		if (fault) values.delete(name);
		else if (Array.isArray(value)) values.set(name, { __value__: value });
	}
	return { values, inputs };
}

/** The value that a link brings, or what is wrong with it; null: it brings none, and the widget's own stays. */
function broughtBy(source: Source, input: NodeInput | undefined): { value: Json } | string | null {
	if (source === null) return null;
	if ("fault" in source) return source.fault;
	if ("link" in source) return { value: [...source.link] };
	return misfit(input, source.value) ?? { value: Array.isArray(source.value) ? { __value__: source.value } : source.value };
}
