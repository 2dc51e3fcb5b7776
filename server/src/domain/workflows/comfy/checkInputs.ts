import type { ApiGraph } from "../../engines/apiGraph.ts";
import type { NodeCatalogue, NodeInput } from "../../engines/nodeCatalogue.ts";
import { type FieldError, GlassworksError } from "../../errors.ts";
import { type ExposedInput, exposedInputs } from "./exposedInput.ts";
import { inputAt, linkOf, nameNode, nodeAt } from "./graphLinks.ts";
import { baseName, type GraphPolicy, holders } from "./graphPolicy.ts";

/**
 * Refuses fields that cannot work: malformed, bound to what the graph does not have or takes from another node, of another type than the
 * node's, or with a wider range. A class that the catalogue lacks is not judged by it.
 * @throws {GlassworksError} invalid_request; `fields` names each place under `inputs`.
 */
export function checkInputs(inputs: unknown, graph: ApiGraph, nodes: NodeCatalogue): ExposedInput[] {
	const parsed = exposedInputs.safeParse(inputs);
	const faults: FieldError[] = parsed.success
		? parsed.data.flatMap((field, at) => faultsOf(field, at, graph, nodes))
		: parsed.error.issues.map((issue) => ({
				path: ["inputs", ...issue.path.filter((part) => typeof part !== "symbol")],
				message: issue.message,
			}));
	const [first] = faults;
	if (first || !parsed.success)
		throw new GlassworksError(
			"invalid_request",
			`${first?.path.join(".") ?? "inputs"} ${first?.message ?? "cannot be read"}.`,
			{},
			faults.slice(0, 50),
		);
	return parsed.data;
}

function faultsOf(field: ExposedInput, at: number, graph: ApiGraph, nodes: NodeCatalogue): FieldError[] {
	return field.bindings.flatMap((binding, place) => {
		const fault = faultOf(field, binding, graph, nodes);
		return fault ? [{ path: ["inputs", at, "bindings", place], message: `(${field.name}) ${fault}` }] : [];
	});
}

function faultOf(
	field: ExposedInput,
	{ node: id, input }: ExposedInput["bindings"][number],
	graph: ApiGraph,
	nodes: NodeCatalogue,
): string | null {
	const node = nodeAt(graph, id);
	if (!node) return `is bound to node ${id}, which is not in the graph`;
	if (linkOf(inputAt(node, input))) return `is bound to ${input} of ${nameNode(id, node)}, which takes it from another node`;
	const described = nodes.get(node.class_type);
	if (!described) return null;
	const found = described.inputs.find((entry) => entry.name === input);
	if (found) return misfitOf(field, found, nameNode(id, node));
	// Inputs whose names depend on others (`resize_type.width`) are not in the catalogue one by one.
	const isNested = described.inputs.some((entry) => input.startsWith(`${entry.name}.`));
	return isNested ? null : `is bound to ${input}, which ${nameNode(id, node)} does not have`;
}

const takes: Readonly<Record<string, readonly ExposedInput["type"][]>> = {
	INT: ["integer", "seed", "choice"],
	FLOAT: ["number", "integer", "choice"],
	STRING: ["text", "choice", "picture"],
	BOOLEAN: ["boolean"],
	COMBO: ["choice", "picture"],
};

function misfitOf(field: ExposedInput, input: NodeInput, name: string): string | null {
	const types = Object.hasOwn(takes, input.type) ? takes[input.type] : undefined;
	if (!types) return `is bound to ${input.name} of ${name}, which takes ${input.type} from another node`;
	if (!types.includes(field.type)) return `is a ${field.type}, and ${input.name} of ${name} is ${input.type}`;
	if ((field.type === "picture") !== input.upload && input.type === "COMBO")
		return input.upload ? `must be a picture for ${input.name} of ${name}` : `is a picture, and ${input.name} of ${name} is not`;
	if (field.type === "integer" || field.type === "number" || field.type === "seed") return wider(field, input, name);
	return null;
}

function wider({ min, max }: ExposedInput, input: NodeInput, name: string): string | null {
	const range = `${input.min ?? "any"} to ${input.max ?? "any"}`;
	const low = input.min !== null && (min ?? Number.NEGATIVE_INFINITY) < input.min;
	const high = input.max !== null && (max ?? Number.POSITIVE_INFINITY) > input.max;
	return low || high ? `allows more than ${input.name} of ${name} takes: it must stay within ${range}` : null;
}

/** Narrows what findInputs proposes to what a tenant's plan allows: sizes, steps and batches. Defaults follow where they no longer fit. */
export function narrowInputs(inputs: readonly ExposedInput[], graph: ApiGraph, policy: GraphPolicy): ExposedInput[] {
	return inputs.map((field) => {
		if (field.type !== "integer") return field;
		const caps = field.bindings.flatMap(({ node, input }) => capsOf(field, nodeAt(graph, node)?.class_type ?? "", baseName(input), policy));
		const most = Math.min(...caps);
		if (!Number.isFinite(most)) return field;
		const max = Math.min(field.max ?? most, most);
		const min = field.min === null ? null : Math.min(field.min, max);
		return { ...field, min, max, default: typeof field.default === "number" ? Math.min(field.default, max) : field.default };
	});
}

/** A node that only holds a value does not say what for; the name that the field was found under does. */
function capsOf(field: ExposedInput, name: string, input: string, { maxSidePx, maxSteps, maxBatch }: GraphPolicy): number[] {
	const isHolder = Object.hasOwn(holders, name);
	const about = isHolder ? (/^(width|height|steps|batch_size)(?=_|$)/.exec(field.name)?.[0] ?? "") : input;
	const isSide = (about === "width" || about === "height") && (isHolder || name.includes("Empty"));
	const cap = about === "steps" ? maxSteps : about === "batch_size" ? maxBatch : isSide ? maxSidePx : null;
	return cap === null ? [] : [cap];
}
