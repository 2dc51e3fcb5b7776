import type { ApiGraph } from "../../engines/apiGraph.ts";
import type { Json } from "../../json.ts";
import { deployInput } from "./deployInput.ts";
import type { ExposedInput } from "./exposedInput.ts";
import { placeKey } from "./findPlace.ts";
import { inputAt, linkOf, nodeAt, sortIds } from "./graphLinks.ts";

/** As many as a field may be bound to. */
const mostUses = 50;

/**
 * A graph made for comfyui-deploy without its "External" nodes, so that it runs where those are not installed, and none of them fetches an
 * address: pictures are loaded by LoadImage, other values stand where they were used. `inputs` are those of findInputs and are bound anew.
 * Nodes that take their own default from another node or feed more than fifty inputs, and those for video, sound and lists, stay.
 */
export function replaceDeployNodes(graph: ApiGraph, inputs: readonly ExposedInput[]): { graph: ApiGraph; inputs: ExposedInput[] } {
	const replaced: ApiGraph = structuredClone(graph);
	const used = usesIn(graph);
	const moved = new Map<string, ExposedInput["bindings"]>();
	for (const id of sortIds(Object.keys(graph))) {
		const node = nodeAt(graph, id);
		const marked = node && deployInput(id, node);
		const place = marked?.bindings[0];
		if (!node || !marked || !place || node.class_type.endsWith("ImageAlpha") || linkOf(inputAt(node, place.input))) continue;
		const field = inputs.find((one) => one.bindings.some((binding) => placeKey(binding) === placeKey(place)));
		if (marked.type === "picture") {
			replaced[id] = { class_type: "LoadImage", inputs: { image: "" }, _meta: { title: marked.title } };
			moved.set(placeKey(place), [{ node: id, input: "image" }]);
			continue;
		}
		const uses = (used.get(id) ?? []).filter((use) => nodeAt(replaced, use.node));
		if (uses.length > mostUses) continue;
		for (const use of uses) Object.assign(replaced[use.node]?.inputs ?? {}, { [use.input]: valueOfField(field ?? marked) });
		moved.set(placeKey(place), uses);
		delete replaced[id];
	}
	const bound = inputs.map((field) => ({
		...field,
		bindings: field.bindings.flatMap((place) => moved.get(placeKey(place)) ?? [place]).slice(0, 50),
	}));
	return { graph: replaced, inputs: bound.filter(({ bindings }) => bindings.length > 0) };
}

/** Where the outputs of each node are used, in an order that does not depend on how the graph was written down. */
function usesIn(graph: ApiGraph): Map<string, ExposedInput["bindings"]> {
	const uses = new Map<string, ExposedInput["bindings"]>();
	for (const node of sortIds(Object.keys(graph)))
		for (const [input, value] of Object.entries(nodeAt(graph, node)?.inputs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
			const source = linkOf(value)?.[0];
			const known = source === undefined ? undefined : (uses.get(source) ?? []);
			if (source !== undefined && known) uses.set(source, known);
			known?.push({ node, input });
		}
	return uses;
}

/** What stands in the graph until a run gives its own. */
function valueOfField({ type, default: value, min }: Pick<ExposedInput, "type" | "default" | "min">): Json {
	return value ?? (type === "text" || type === "choice" ? "" : type === "boolean" ? false : (min ?? 0));
}
