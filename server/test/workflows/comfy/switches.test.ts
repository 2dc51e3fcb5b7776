import fs from "node:fs";
import { describe, expect, test } from "vitest";
import { type ApiGraph, apiGraph } from "../../../src/domain/engines/apiGraph.ts";
import { checkGraphSafety } from "../../../src/domain/workflows/comfy/checkGraphSafety.ts";
import { coreNodeClasses } from "../../../src/domain/workflows/comfy/coreNodeClasses.ts";
import { type ExposedInput, exposedInput } from "../../../src/domain/workflows/comfy/exposedInput.ts";
import type { GraphPolicy } from "../../../src/domain/workflows/comfy/graphPolicy.ts";

const plain: ApiGraph = apiGraph.parse(
	JSON.parse(fs.readFileSync(new URL("../../data/comfyui/graphs/sdxl-t2i.json", import.meta.url), "utf8")),
);
const policy: GraphPolicy = {
	...{ allowedClasses: coreNodeClasses, allowedFiles: new Set(["sd_xl_base_1.0.safetensors"]), inputs: [], assets: [] },
	...{ maxSidePx: 1024, maxSteps: 40, maxBatch: 4, maxSamplers: 2 },
};

/** The faults of the plain graph with nodes added or changed. */
function faults(change: Record<string, { class_type?: string; inputs: object }>, more: Partial<GraphPolicy> = {}): string[] {
	const changed = Object.entries(change).map(([id, node]) => [
		id,
		{ ...plain[id], ...node, inputs: { ...plain[id]?.inputs, ...node.inputs } },
	]);
	return checkGraphSafety(apiGraph.parse({ ...plain, ...Object.fromEntries(changed) }), { ...policy, ...more }).map(
		({ message }) => message,
	);
}
const field = (input: Partial<ExposedInput>) => exposedInput.parse({ name: "given", title: "Given", ...input });

describe("a switch", () => {
	const choice = (on_false: unknown, on_true: unknown) => ({ class_type: "ComfySwitchNode", inputs: { switch: true, on_false, on_true } });

	test("between networks, prompts and numbers of the plan is allowed, and counts with the greater side", () => {
		const turbo = { class_type: "PrimitiveInt", inputs: { value: 4 } };
		const graph = (steps: number) => ({
			"3": { inputs: { model: ["50", 0], positive: ["51", 0], steps: ["52", 0] } },
			"50": choice(["4", 0], ["4", 0]),
			"51": choice(["6", 0], ["7", 0]),
			"52": choice(["53", 0], steps),
			"53": turbo,
		});
		expect(faults(graph(40))).toEqual([]);
		expect(faults(graph(41))).toEqual(['node 3 "sampler" (KSampler), input steps: can be 41; at most 40 is allowed.']);
		expect(faults({ ...graph(40), "52": choice(["53", 0], ["5", 0]) })).toEqual([expect.stringContaining("must be a number of the graph")]);
	});

	test("hands on the larger of two pictures", () => {
		const large = { class_type: "EmptyLatentImage", inputs: { width: 1024, height: 1024, batch_size: 3 } };
		const twice = { class_type: "RepeatLatentBatch", inputs: { samples: ["50", 0], amount: 2 } };
		const change = { "3": { inputs: { latent_image: ["55", 0] } }, "50": choice(["5", 0], ["54", 0]), "54": large, "55": twice };
		expect(faults(change)).toEqual([expect.stringContaining("batch of up to 6 pictures; at most 4")]);
	});

	test.each<[string, Record<string, { class_type: string; inputs: object }>]>([
		["a text", { "50": choice("euler", "../../etc/passwd") }],
		[
			"a text that another node holds",
			{ "50": choice(["60", 0], ["60", 0]), "60": { class_type: "PrimitiveString", inputs: { value: "/etc" } } },
		],
		["a text behind a second switch", { "50": choice(["51", 0], ["5", 0]), "51": choice(1, { __value__: "/etc" }) }],
		["what a node of somebody else's makes", { "50": choice(["5", 0], ["60", 0]), "60": { class_type: "Stranger", inputs: {} } }],
	])("hands %s to nothing that takes no text", (_, nodes) => {
		const allowed = { allowedClasses: new Set([...coreNodeClasses, "Stranger"]) };
		const found = faults({ "3": { inputs: { sampler_name: ["50", 0] } }, ...nodes }, allowed);
		expect(found.join()).toContain("input sampler_name: takes what a switch hands on, and a side of that is a text");
	});

	test("hands a text to a prompt, and in a circle nothing at all", () => {
		const text = { class_type: "PrimitiveString", inputs: { value: "a sign that says ../etc" } };
		expect(faults({ "6": { inputs: { text: ["50", 0] } }, "50": choice("a cat", ["60", 0]), "60": text })).toEqual([]);
		expect(faults({ "3": { inputs: { cfg: ["50", 0] } }, "50": choice(["51", 0], 1), "51": choice(["50", 0], 1) })).toEqual([]);
	});

	test("whose side is a field of free text is refused; a number or yes and no is taken", () => {
		const change = { "3": { inputs: { cfg: ["50", 0] } }, "50": choice(1, 7) };
		const given = (type: string, input: string) => ({ inputs: [field({ type: type as "text", bindings: [{ node: "50", input }] })] });
		expect(faults(change, given("text", "on_true")).length).toBeGreaterThan(0);
		expect(faults(change, given("number", "on_true"))).toEqual([]);
		expect(faults(change, given("boolean", "switch"))).toEqual([]);
	});
});
