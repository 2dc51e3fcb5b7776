import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ApiGraph, apiGraph } from "../../engines/apiGraph.ts";
import { readNodeCatalogue } from "../../engines/nodeCatalogue.ts";
import { validateGraph } from "./validateGraph.ts";

const data = new URL("../../../../test/data/comfyui/", import.meta.url);
const readText = (file: string) => readFileSync(new URL(file, data), "utf8");
const nodes = readNodeCatalogue(JSON.parse(readText("object_info.json")));

/** Short form of what was found: `3.steps invalid_input_type`. */
function problems(graph: ApiGraph, catalogue = nodes): string[] {
	return validateGraph(graph, catalogue)
		.map(({ node, input, code }) => `${[node, input].filter((part) => part !== null).join(".")} ${code}`.trim())
		.sort();
}

function graphOf(nodesById: Record<string, [string, ApiGraph[string]["inputs"]]>): ApiGraph {
	return Object.fromEntries(Object.entries(nodesById).map(([id, [class_type, inputs]]) => [id, { class_type, inputs }]));
}

const verdicts = JSON.parse(readText("graphs/_validation.json")) as Record<string, { status: number; node_errors: object }>;

describe("graphs that a real server accepted", () => {
	test("are all known", () => {
		const names = readdirSync(new URL("graphs/", data)).filter((file) => !file.startsWith("_"));
		expect(Object.keys(verdicts).sort()).toEqual(names.map((file) => file.replace(".json", "")).sort());
	});

	test.each(Object.entries(verdicts))("%s has no problems", (name, { status, node_errors }) => {
		expect({ status, node_errors }).toEqual({ status: 200, node_errors: {} });
		expect(problems(apiGraph.parse(JSON.parse(readText(`graphs/${name}.json`))))).toEqual([]);
	});
});

interface Exchange {
	path: string;
	note: string;
	req_json?: { prompt?: unknown };
	status: number;
	res_json?: {
		error?: { type: string; extra_info: { node_id?: string } };
		node_errors: Record<string, { errors: { type: string; extra_info: { input_name?: string } }[] }>;
	};
}

const exchanges = readText("transcripts/05-validation-errors.jsonl")
	.split("\n")
	.filter((line) => line !== "")
	.map((line) => JSON.parse(line) as Exchange)
	.filter(({ path }) => path === "/prompt");

/** What the server said, in our short form. */
function recorded({ res_json }: Exchange): string[] {
	const { error, node_errors = {} } = res_json ?? {};
	const found = Object.entries(node_errors).flatMap(([id, { errors }]) =>
		errors.map(({ type, extra_info }) => `${id}${extra_info.input_name ? `.${extra_info.input_name}` : ""} ${type}`),
	);
	if (found.length > 0 || !error) return found.sort();
	return [`${error.extra_info.node_id ?? ""} ${error.type}`.trim()];
}

/** Where the answer is about the graph and ours is another one. */
const otherwise: Record<string, { ours: string[]; why: string }> = {
	"link to a node that is absent": { ours: ["3.model bad_linked_input"], why: "0.33 crashes and names the node downstream" },
	"link to an output slot that is absent": { ours: ["8.samples bad_linked_input"], why: "the same" },
	"LoadImage of a file not uploaded: custom_validation_failed": { ours: [], why: "what is uploaded, only the server knows" },
	"TWO outputs, one invalid: 200 AND non-empty node_errors (partial run)": { ours: [], why: "the same" },
};

/** Answers about the request around the graph, not about the graph. */
const aboutTheRequest = [
	...["no prompt key", "malformed JSON", "UI-format workflow posted as body", "client prompt_id not a UUID", "number not numeric"],
	...["partial target that is not an output node", "text/plain content type", "cross-origin Origin header vs loopback host: 403"],
	"partial_execution_targets keeps only the good output",
];

describe("verdicts of a real server", () => {
	const judged = exchanges.filter(({ note }) => !aboutTheRequest.includes(note));

	test("are recorded", () => {
		expect(exchanges.length - judged.length).toBe(aboutTheRequest.length);
		expect(judged.length).toBeGreaterThanOrEqual(12);
	});

	test.each(judged.map((exchange) => [exchange.note, exchange] as const))("%s", (note, exchange) => {
		const read = apiGraph.safeParse(exchange.req_json?.prompt);
		// Nothing that is not a graph gets as far as this check.
		if (!read.success) return expect(exchange.status).toBeGreaterThanOrEqual(400);
		expect(problems(read.data)).toEqual(otherwise[note]?.ours ?? recorded(exchange));
	});

	test("no message lists what is installed", () => {
		const messages = judged.flatMap(({ req_json }) => {
			const read = apiGraph.safeParse(req_json?.prompt);
			return read.success ? validateGraph(read.data, nodes).map(({ message }) => message) : [];
		});
		expect(messages.length).toBeGreaterThan(5);
		expect(messages.join("\n")).not.toMatch(/safetensors|\.pth/);
	});
});

const image: [string, ApiGraph[string]["inputs"]] = ["EmptyImage", { width: 64, height: 64, batch_size: 1, color: 0 }];

describe("what ComfyUI lets pass, passes", () => {
	test("a node that nothing saved needs may be unfinished", () => {
		expect(problems(graphOf({ 1: image, 2: ["PreviewImage", { images: ["1", 0] }], 3: ["KSampler", {}] }))).toEqual([]);
	});

	test("numbers written as text, inputs the node does not have, and links into those", () => {
		const graph = graphOf({
			1: ["EmptyImage", { width: "64", height: 64.9, batch_size: true, color: 0, extra: ["99", 7] }],
			2: ["PreviewImage", { images: ["1", 0] }],
		});
		expect(problems(graph)).toEqual([]);
	});

	test("inputs that grow, choices that bring inputs of their own, and sockets of any type", () => {
		const grown = readNodeCatalogue({
			Batch: {
				input: {
					required: { images: ["COMFY_AUTOGROW_V3", { template: { prefix: "image", input: { required: { image: ["IMAGE", {}] } } } }] },
				},
				output: ["IMAGE"],
			},
			Resize: {
				input: { required: { mode: ["COMFY_DYNAMICCOMBO_V3", { options: [{ key: "factor" }] }], input: ["COMFY_MATCHTYPE_V3", {}] } },
				output: ["COMFY_MATCHTYPE_V3"],
			},
			Any: { input: { required: { value: ["*", {}] } }, output: ["*"], output_node: true },
			Number: { input: { required: {} }, output: ["FLOAT"] },
			Either: { input: { required: { value: ["INT,FLOAT", {}] } }, output: ["FLOAT"], output_node: true },
		});
		const graph = graphOf({
			1: image,
			2: ["Batch", { "images.image0": ["1", 0], "images.image1": ["1", 0] }],
			3: ["Resize", { mode: "factor", "mode.factor": 2, input: ["2", 0] }],
			4: ["Any", { value: ["3", 0] }],
			5: ["PreviewImage", { images: ["4", 0] }],
			6: ["Number", {}],
			7: ["Either", { value: ["6", 0] }],
		});
		expect(problems(graph, new Map([...nodes, ...grown]))).toEqual([]);
	});

	test("a file to be uploaded, a choice fetched from elsewhere, a choice of several", () => {
		const several = readNodeCatalogue({
			Tags: { input: { required: { tags: [["a", "b"], { multiselect: true }] } }, output: [], output_node: true },
		});
		const graph = graphOf({
			1: ["LoadImage", { image: "any.png" }],
			2: ["LoadImageOutput", { image: "out.png [output]" }],
			3: ["ImageBatch", { image1: ["1", 0], image2: ["2", 0] }],
			4: ["PreviewImage", { images: ["3", 0] }],
			5: ["Tags", { tags: ["a", "b", "a"] }],
		});
		expect(problems(graph, new Map([...nodes, ...several]))).toEqual([]);
	});
});

describe("what ComfyUI refuses, is refused", () => {
	test("an input that grows hides no cycle and no absent node behind its members", () => {
		const grown = readNodeCatalogue({ Batch: { input: { required: { images: ["COMFY_AUTOGROW_V3", {}] } }, output: ["IMAGE"] } });
		const graph = graphOf({ 1: ["Batch", { "images.a": ["1", 0], "images.b": ["9", 0] }], 2: ["PreviewImage", { images: ["1", 0] }] });
		expect(problems(graph, new Map([...nodes, ...grown]))).toEqual(["1 dependency_cycle", "1.images.b bad_linked_input"]);
	});

	test("a cycle through several nodes", () => {
		const graph = graphOf({
			1: ["ImageInvert", { image: ["2", 0] }],
			2: ["ImageInvert", { image: ["3", 0] }],
			3: ["ImageInvert", { image: ["1", 0] }],
			4: ["PreviewImage", { images: ["1", 0] }],
		});
		expect(problems(graph)).toEqual(["1 dependency_cycle"]);
	});

	test("a list that is no link, and a link by a number", () => {
		const links: unknown[] = [["1"], [1, 0], ["1", 0, 0], ["1", "0"], ["1", 9], ["toString", 0]];
		for (const link of links) {
			const graph = apiGraph.parse({
				1: { class_type: image[0], inputs: image[1] },
				2: { class_type: "PreviewImage", inputs: { images: link } },
			});
			expect([link, problems(graph)]).toEqual([link, ["2.images bad_linked_input"]]);
		}
	});

	test("an inherited name is no node and no input", () => {
		expect(problems(graphOf({ 1: ["constructor", {}] }))).toEqual(["1 missing_node_type"]);
	});

	test("a chain of 20,000 nodes is judged without running out of stack", () => {
		const length = 20_000;
		const chain = Array.from({ length }, (_, at) => [`n${at}`, ["ImageInvert", { image: [`n${at + 1}`, 0] }]] as const);
		const graph = graphOf({ ...Object.fromEntries(chain), [`n${length}`]: image, out: ["PreviewImage", { images: ["n0", 0] }] } as never);
		expect(problems(graph)).toEqual([]);
	});
});
