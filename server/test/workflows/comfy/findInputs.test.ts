import fs from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ApiGraph, apiGraph } from "../../../src/domain/engines/apiGraph.ts";
import { readNodeCatalogue } from "../../../src/domain/engines/nodeCatalogue.ts";
import { GlassworksError } from "../../../src/domain/errors.ts";
import { checkInputs } from "../../../src/domain/workflows/comfy/checkInputs.ts";
import { bindingsOf, type ExposedInput, exposedInputs } from "../../../src/domain/workflows/comfy/exposedInput.ts";
import { fillGraph } from "../../../src/domain/workflows/comfy/fillGraph.ts";
import { findInputs } from "../../../src/domain/workflows/comfy/findInputs.ts";
import { parseRunValues } from "../../../src/domain/workflows/comfy/parseRunValues.ts";
import { stepParams } from "../../../src/domain/workflows/stepParams.ts";

const folder = new URL("../../data/comfyui/", import.meta.url);
const read = (name: string) => JSON.parse(fs.readFileSync(new URL(name, folder), "utf8"));
const nodes = readNodeCatalogue({ ...read("object_info.json"), ...read("workflows/more_object_info.json") });
const graphs = Object.fromEntries(
	[
		...fs
			.readdirSync(new URL("graphs/", folder))
			.filter((file) => !file.startsWith("_"))
			.map((file) => `graphs/${file}`),
		...fs
			.readdirSync(new URL("workflows/", folder))
			.filter((file) => file.endsWith(".api.json"))
			.map((file) => `workflows/${file}`),
	].map((file) => [file, apiGraph.parse(read(file))]),
);
const graphOf = (name: string) => graphs[name] as ApiGraph;
const summary = (inputs: ExposedInput[]) =>
	inputs.map(({ name, type, bindings }) => `${name} ${type} ${bindings.map(({ node, input }) => `${node}.${input}`).join(" ")}`);

test("the fields of a plain text-to-image graph carry the names that people know", () => {
	expect(summary(findInputs(graphOf("graphs/sdxl-t2i.json"), nodes))).toEqual([
		"prompt text 6.text",
		"negative_prompt text 7.text",
		"width integer 5.width",
		"height integer 5.height",
		"batch_size integer 5.batch_size",
		"seed seed 3.seed",
		"steps integer 3.steps",
		"cfg number 3.cfg",
		"checkpoint choice 4.ckpt_name",
	]);
});

test("prompts are told apart by which input of the sampler they reach, through ControlNets and guidance", () => {
	const control = findInputs(graphOf("graphs/sdxl-3-controlnets.json"), nodes);
	expect(summary(control)).toContain("prompt text 6.text");
	expect(summary(control)).toContain("negative_prompt text 7.text");
	expect(summary(control)).toContain("image_depth_map picture 31.image");
	// Crosswise: the sampler's positive is the ControlNet's second output, which is its negative.
	const crossed = structuredClone(graphOf("graphs/sdxl-3-controlnets.json"));
	const sampler = crossed["3"];
	if (sampler) Object.assign(sampler.inputs, { positive: ["52", 1], negative: ["52", 0] });
	expect(findInputs(crossed, nodes).find(({ name }) => name === "prompt")?.bindings).toEqual([{ node: "7", input: "text" }]);
});

test("Flux has no negative prompt, and its size goes wherever the graph repeats it", () => {
	const flux = summary(findInputs(graphOf("graphs/flux-dev-t2i.json"), nodes));
	expect(flux.filter((line) => line.includes("prompt"))).toEqual(["prompt text 6.text"]);
	expect(flux).toContain("width integer 5.width 30.width");
	expect(flux).toContain("seed seed 25.noise_seed");
	expect(flux).toContain("guidance number 26.guidance");
});

test("what a second pass shares with the first is one field; what it has of its own carries its title", () => {
	const hires = summary(findInputs(graphOf("graphs/sdxl-hires-fix.json"), nodes));
	expect(hires).toContain("seed seed 3.seed 21.seed");
	expect(hires).toContain("steps integer 3.steps");
	expect(hires).toContain("steps_hires_pass integer 21.steps");
	expect(hires).toContain("denoise number 21.denoise");
});

test("a picture that serves only as a mask is called one, and a LoRA has one strength where its two are the same", () => {
	expect(summary(findInputs(graphOf("graphs/sdxl-inpaint.json"), nodes))).toEqual(
		expect.arrayContaining(["image picture 10.image", "mask picture 11.image"]),
	);
	const loras = summary(findInputs(graphOf("workflows/two-loras.api.json"), nodes));
	expect(loras).toEqual(
		expect.arrayContaining([
			"lora choice 20.lora_name",
			"lora_strength number 20.strength_model",
			"lora_detail choice 21.lora_name",
			"lora_strength_detail number 21.strength_model 21.strength_clip",
		]),
	);
});

test("a field is bound to the node that holds its value, and choices of files offer no file that the graph does not name", () => {
	const inputs = findInputs(graphOf("workflows/widgets-as-inputs.api.json"), nodes);
	expect(inputs.find(({ name }) => name === "prompt")).toMatchObject({ bindings: [{ node: "80", input: "value" }], default: "a harbour" });
	expect(summary(inputs).some((line) => line.startsWith("width"))).toBe(false);
	for (const graph of Object.values(graphs)) for (const { options } of findInputs(graph, nodes)) expect(options?.length ?? 1).toBe(1);
});

test("nodes that only hold a value are fields under their author's title", () => {
	const graph = apiGraph.parse({
		"1": { class_type: "PrimitiveInt", inputs: { value: 3 }, _meta: { title: "Number of Cats" } },
		"2": { class_type: "PrimitiveStringMultiline", inputs: { value: "x" } },
	});
	expect(findInputs(graph, nodes).map(({ name, type, default: value }) => [name, type, value])).toEqual([
		["number_of_cats", "integer", 3],
		["value", "text", "x"],
	]);
});

test("the External nodes of comfyui-deploy say themselves what they are", () => {
	const external = (kind: string, inputs: object) => ({ class_type: `ComfyUIDeployExternal${kind}`, inputs });
	const graph = apiGraph.parse({
		"1": external("Text", { input_id: "Input Prompt", default_value: "a cat", display_name: "What to draw", description: "One line." }),
		"2": external("NumberSlider", { input_id: "strength", default_value: 0.5, min_value: 0, max_value: 1 }),
		"3": external("Image", { input_id: "input_image" }),
		"4": external("Seed", { input_id: "seed", default_value: -1, min_value: 1, max_value: 4_294_967_295 }),
		"5": external("Enum", { input_id: "style", default_value: "ink", options: '["ink", "oil"]' }),
		"6": external("NumberInt", { input_id: "strength", default_value: 900, min_value: 1, max_value: 8 }),
		"7": external("Video", { input_id: "clip" }),
		"8": { class_type: "CLIPTextEncode", inputs: { text: ["1", 0], clip: ["9", 1] } },
	});
	expect(findInputs(graph, nodes)).toEqual([
		expect.objectContaining({
			name: "input_prompt",
			type: "text",
			title: "What to draw",
			description: "One line.",
			default: "a cat",
			bindings: [{ node: "1", input: "default_value" }],
		}),
		expect.objectContaining({ name: "strength", type: "number", default: 0.5, min: 0, max: 1 }),
		expect.objectContaining({ name: "input_image", type: "picture", bindings: [{ node: "3", input: "input_id" }] }),
		expect.objectContaining({ name: "seed", type: "seed", default: null, min: 1 }),
		expect.objectContaining({ name: "style", type: "choice", default: "ink", options: ["ink", "oil"] }),
		expect.objectContaining({ name: "strength_6", type: "integer", default: null, max: 8 }),
	]);
});

/** The graph inside a subgraph: ids that are no whole numbers keep the order in which they were written. */
const inside = (graph: ApiGraph): ApiGraph => JSON.parse(JSON.stringify(graph).replace(/"([\d:]+)"(?=:\{"class_type"|,\d+\])/g, '"s:$1"'));

test("fields are the same however the nodes and inputs are ordered", () => {
	for (const graph of Object.values(graphs).map(inside)) {
		const expected = findInputs(graph, nodes);
		const ids = Object.keys(graph);
		const order = fc.record({ ids: fc.shuffledSubarray(ids, { minLength: ids.length }), reverse: fc.boolean() });
		fc.assert(
			fc.property(order, ({ ids: shuffled, reverse }) => {
				const entries = (node: string) => Object.entries(graph[node]?.inputs ?? {});
				const other = shuffled.map((node) => [
					node,
					{ ...graph[node], inputs: Object.fromEntries(reverse ? entries(node).reverse() : entries(node)) },
				]);
				expect(findInputs(apiGraph.parse(Object.fromEntries(other)), nodes)).toEqual(expected);
			}),
			{ numRuns: 20 },
		);
	}
});

describe("what is found can be stored, run and filled in", () => {
	test.each(Object.keys(graphs))("%s", (name) => {
		const graph = graphOf(name);
		const inputs = findInputs(graph, nodes);
		expect(exposedInputs.parse(JSON.parse(JSON.stringify(inputs)))).toEqual(inputs);
		expect(checkInputs(inputs, graph, nodes)).toEqual(inputs);
		const pictures = Object.fromEntries(inputs.filter(({ type }) => type === "picture").map((input) => [input.name, { asset_id: "a1" }]));
		const values = { ...parseRunValues(inputs, pictures), ...(inputs.some(({ name: field }) => field === "seed") && { seed: 11 }) };
		const filled = fillGraph(stepParams.graph.parse({ graph, bindings: bindingsOf(inputs), values }));
		for (const { name: field, type, bindings } of inputs)
			for (const { node, input } of bindings)
				expect(filled[node]?.inputs[input]).toEqual(
					type === "picture" ? expect.stringContaining(field) : field === "seed" ? 11 : graph[node]?.inputs[input],
				);
	});
});

describe("definitions that cannot work are refused with their place", () => {
	const graph = graphOf("graphs/sdxl-t2i.json");
	const field = (change: Partial<ExposedInput>) => ({
		name: "steps",
		type: "integer",
		title: "Steps",
		min: 1,
		max: 50,
		default: 20,
		bindings: [{ node: "3", input: "steps" }],
		...change,
	});
	const refused = (change: Partial<ExposedInput>) => {
		try {
			checkInputs([field(change)], graph, nodes);
			return null;
		} catch (error) {
			return error instanceof GlassworksError ? error.message : error;
		}
	};
	test.each<[string, Partial<ExposedInput>, string]>([
		[
			"a node that is not there",
			{ bindings: [{ node: "99", input: "steps" }] },
			"inputs.0.bindings.0 (steps) is bound to node 99, which is not in the graph.",
		],
		[
			"an input that the node lacks",
			{ bindings: [{ node: "3", input: "stepz" }] },
			'inputs.0.bindings.0 (steps) is bound to stepz, which node 3 "sampler" (KSampler) does not have.',
		],
		[
			"an input that another node feeds",
			{ bindings: [{ node: "3", input: "model" }] },
			'inputs.0.bindings.0 (steps) is bound to model of node 3 "sampler" (KSampler), which takes it from another node.',
		],
		[
			"a wider range",
			{ max: 20_000 },
			'inputs.0.bindings.0 (steps) allows more than steps of node 3 "sampler" (KSampler) takes: it must stay within 1 to 10000.',
		],
		[
			"no bound where the node has one",
			{ max: null },
			'inputs.0.bindings.0 (steps) allows more than steps of node 3 "sampler" (KSampler) takes: it must stay within 1 to 10000.',
		],
		[
			"another type",
			{ type: "text", min: null, max: null, default: "x" },
			'inputs.0.bindings.0 (steps) is a text, and steps of node 3 "sampler" (KSampler) is INT.',
		],
		["a default outside its range", { default: 70 }, "inputs.0.default must be a whole number from 1 to 50."],
		["a name that is none", { name: "Steps!" }, "inputs.0.name must be lower-case letters, digits and _, starting with a letter."],
		[
			"a picture for a number",
			{ type: "picture", min: null, max: null, default: null },
			'inputs.0.bindings.0 (steps) is a picture, and steps of node 3 "sampler" (KSampler) is INT.',
		],
	])("%s", (_, change, message) => expect(refused(change)).toBe(message));

	test("a narrower range is the author's to choose", () => expect(refused({ min: 10, max: 30 })).toBeNull());

	test("two fields of one name, or for one input", () => {
		expect(() => checkInputs([field({}), field({})], graph, nodes)).toThrow("steps is used twice");
		expect(() => checkInputs([field({}), field({ name: "more" })], graph, nodes)).toThrow("steps of node 3 is bound twice");
	});
});
