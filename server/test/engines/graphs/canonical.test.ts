import { describe, expect, test } from "vitest";
import type { ApiGraph } from "../../../src/domain/engines/apiGraph.ts";
import { canonical } from "./canonical.ts";
import { recordedGraph } from "./recordedServer.ts";

/** Ids, titles and order changed; nothing else. */
function disguise(graph: ApiGraph): ApiGraph {
	const rename = (id: string) => `node ${id}`;
	const entries = Object.entries(graph).map(([id, { class_type, inputs }]) => {
		const moved = Object.entries(inputs).map(([name, value]) => [
			name,
			Array.isArray(value) ? [rename(String(value[0])), value[1]] : value,
		]);
		return [rename(id), { class_type, inputs: Object.fromEntries(moved.toReversed()) }];
	});
	return Object.fromEntries(entries.toReversed());
}

describe("graphs are compared by what they run", () => {
	const graph = recordedGraph("sdxl-3-controlnets");

	test("ids, titles and order make no difference", () => {
		expect(canonical(disguise(graph))).toEqual(canonical(graph));
	});

	test("a value, a link, an output or a node does", () => {
		const changed = (change: (copy: ApiGraph) => void) => {
			const copy = structuredClone(graph);
			change(copy);
			return canonical(copy);
		};
		const set = (id: string, inputs: ApiGraph[string]["inputs"]) => (copy: ApiGraph) => {
			Object.assign(copy[id]?.inputs ?? {}, inputs);
		};
		for (const change of [
			set("3", { seed: 2 }),
			set("52", { positive: ["50", 0] }),
			set("3", { positive: ["52", 1] }),
			(copy: ApiGraph) => {
				copy["99"] = { class_type: "VAEDecode", inputs: { samples: ["3", 0], vae: ["4", 2] } };
			},
		])
			expect(changed(change)).not.toEqual(canonical(graph));
	});
});
