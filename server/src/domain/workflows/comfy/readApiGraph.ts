import { type ApiGraph, apiGraph } from "../../engines/apiGraph.ts";
import { type FieldError, GlassworksError } from "../../errors.ts";
import { asObject, isJsonObject } from "../../json.ts";
import { graphLimits, isDeeperThan, tooManyInputs } from "./graphLimits.ts";
import { linkOf, nodeAt, sortIds } from "./graphLinks.ts";

/** True for the format that ComfyUI's editor saves (`nodes` in a list); convertUiGraph reads it. */
export function isUiGraph(value: unknown): boolean {
	return isJsonObject(value) && Array.isArray(value.nodes);
}

/**
 * Reads ComfyUI's API format: nodes by id, as "Export (API)" writes them or as the body of POST /prompt holds them under `prompt`.
 * Links must lead to nodes of the graph. Whether its classes and values exist is for validateGraph to say.
 * @throws {GlassworksError} invalid_request; `fields` names each place.
 */
export function readApiGraph(value: unknown): ApiGraph {
	if (isDeeperThan(value, graphLimits.jsonDepth))
		throw new GlassworksError("invalid_request", `The graph holds lists or objects more than ${graphLimits.jsonDepth} deep.`);
	if (isUiGraph(value)) throw refusal([{ path: ["nodes"], message: "this is the editor's own format, not the API format" }]);
	const unwrapped = isJsonObject(value) && isJsonObject(value.prompt) && typeof value.prompt.class_type !== "string" ? value.prompt : value;
	if (!isJsonObject(unwrapped)) throw refusal([{ path: [], message: "must be an object of nodes by id" }]);
	const count = Object.keys(unwrapped).length;
	if (count === 0 || count > graphLimits.nodes)
		throw refusal([{ path: [], message: `must hold 1 to ${graphLimits.nodes} nodes; it holds ${count}` }]);
	const excess = tooManyInputs(Object.values(unwrapped).map((node) => asObject(node)));
	if (excess) throw refusal([{ path: [], message: excess }]);
	const parsed = apiGraph.safeParse(unwrapped);
	if (!parsed.success)
		throw refusal(
			parsed.error.issues.map((issue) => ({ path: issue.path.filter((part) => typeof part !== "symbol"), message: issue.message })),
		);
	const dangling = danglingLinks(parsed.data);
	if (dangling.length > 0) throw refusal(dangling);
	return parsed.data;
}

function danglingLinks(graph: ApiGraph): FieldError[] {
	return sortIds(Object.keys(graph)).flatMap((id) =>
		Object.entries(nodeAt(graph, id)?.inputs ?? {}).flatMap(([name, value]) => {
			const link = linkOf(value);
			if (!link || nodeAt(graph, link[0])) return [];
			return [{ path: [id, "inputs", name], message: `links to node ${link[0].slice(0, 100)}, which is not in the graph` }];
		}),
	);
}

/** The first twenty faults: a graph that is wrong everywhere is told so without an answer as long as itself. */
function refusal(faults: FieldError[]): GlassworksError {
	const [first] = faults;
	const where = first && first.path.length > 0 ? `${first.path.join(".").slice(0, 200)}: ` : "";
	return new GlassworksError(
		"invalid_request",
		`Not a graph in ComfyUI's API format. ${where}${first?.message ?? "unreadable"}.`,
		{},
		faults.slice(0, 20),
	);
}
