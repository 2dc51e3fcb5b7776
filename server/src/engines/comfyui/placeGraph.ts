import type { ApiGraph } from "../../domain/engines/apiGraph.ts";
import type { Json } from "../../domain/json.ts";
import { roleToCome } from "../../domain/workflows/comfy/fillGraph.ts";

/** The roles of the pictures that a graph needs. */
export function pictureRoles(graph: ApiGraph): string[] {
	const values = Object.values(graph).flatMap(({ inputs }) => Object.values(inputs));
	return [...new Set(values.flatMap((value) => roleToCome(value) ?? []))];
}

/**
 * A graph for one attempt: pictures by their names on the server, and everything it saves under a prefix of its own. With a prefix of its
 * own it cannot be given another run's file out of the cache.
 */
export function placeGraph(graph: ApiGraph, attempt: string, pictureNames: ReadonlyMap<string, string>): ApiGraph {
	const place = (name: string, value: Json): Json => {
		if (name === "filename_prefix") return `gw/${attempt}/picture`;
		const role = roleToCome(value);
		return role === null ? value : (pictureNames.get(role) ?? value);
	};
	const entries = Object.entries(graph).map(([id, node]) => {
		const inputs = Object.fromEntries(Object.entries(node.inputs).map(([name, value]) => [name, place(name, value)]));
		if (node.class_type !== "SaveImageWebsocket") return [id, { ...node, inputs }];
		// What it sends is lost when the socket drops.
		return [id, { ...node, class_type: "SaveImage", inputs: { ...inputs, filename_prefix: `gw/${attempt}/picture` } }];
	});
	return Object.fromEntries(entries);
}
