import { createHash } from "node:crypto";
import type { ApiGraph } from "../../../src/domain/engines/apiGraph.ts";
import { linkOf } from "../../../src/domain/workflows/comfy/graphLinks.ts";

/**
 * A graph without what does not matter to a run: ids, titles, order. One line per node: its class, values, and each link as the class and the
 * digest of everything the linked node is made of. Two graphs with equal lines run the same.
 */
export function canonical(graph: ApiGraph): string[] {
	const lines = new Map<string, string>();
	const lineOf = (id: string): string => {
		const ready = lines.get(id);
		if (ready !== undefined) return ready;
		const node = graph[id];
		if (!node) return "nothing";
		const inputs = Object.entries(node.inputs).map(([name, value]) => {
			const link = linkOf(value);
			if (!link) return `${name}=${JSON.stringify(value)}`;
			return `${name}=${graph[link[0]]?.class_type} ${digest(lineOf(link[0]))} ${link[1]}`;
		});
		const line = `${node.class_type}(${inputs.sort().join(", ")})`;
		lines.set(id, line);
		return line;
	};
	return Object.keys(graph).map(lineOf).sort();
}

function digest(text: string): string {
	return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
