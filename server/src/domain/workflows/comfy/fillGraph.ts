import type { ApiGraph, GraphBinding } from "../../engines/apiGraph.ts";
import { GlassworksError } from "../../errors.ts";
import type { Json, JsonObject } from "../../json.ts";
import type { StepParams } from "../stepParams.ts";

/** No text of a tenant begins with it: requests with NUL characters are refused, and the database could not keep them. */
const mark = "\0input:";

/** What stands in a graph where a picture of the step goes, until the engine has uploaded it. */
export function pictureToCome(role: string): string {
	return `${mark}${role}`;
}

/** The role of a picture that is to come here; null: this is something else. */
export function roleToCome(value: Json): string | null {
	return typeof value === "string" && value.startsWith(mark) ? value.slice(mark.length) : null;
}

/** The graph of a step with the values of a run in it, as far as they are known before it runs. @throws {GlassworksError} as fillGraph */
export function graphOf({ graph, bindings = [], values = {} }: JsonObject): ApiGraph {
	return fillGraph({ graph: graph as ApiGraph, bindings: bindings as GraphBinding[], values: values as JsonObject });
}

/**
 * Puts the values of a run where the bindings say. A value that is not given leaves what the graph has.
 * @throws {GlassworksError} `engine_invalid` when a binding names a node that the graph does not have
 */
export function fillGraph({ graph, bindings, values }: StepParams<"graph">): ApiGraph {
	const filled = Object.fromEntries(Object.entries(graph).map(([id, node]) => [id, { ...node, inputs: { ...node.inputs } }]));
	for (const binding of bindings) {
		const node = Object.hasOwn(filled, binding.node) ? filled[binding.node] : undefined;
		if (!node) throw new GlassworksError("engine_invalid", `The graph has no node "${binding.node}" to put a value into.`);
		const value = "picture" in binding ? pictureToCome(binding.picture) : values[binding.value];
		if (value !== undefined) node.inputs[binding.input] = value;
	}
	return filled;
}
