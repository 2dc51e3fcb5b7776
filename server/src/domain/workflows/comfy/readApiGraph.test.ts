import { expect, test } from "vitest";
import { GlassworksError } from "../../errors.ts";
import { isUiGraph, readApiGraph } from "./readApiGraph.ts";

const graph = {
	"4:1": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "m" } },
	"3": { class_type: "KSampler", inputs: { model: ["4:1", 0], seed: 5 } },
};

const faults = (value: unknown) => {
	try {
		readApiGraph(value);
		return null;
	} catch (error) {
		if (!(error instanceof GlassworksError)) throw error;
		expect(error.code).toBe("invalid_request");
		return error.fields.map(({ path, message }) => `${path.join(".")}: ${message}`);
	}
};

test("a graph is read as it is exported, and out of the body that ComfyUI itself takes", () => {
	expect(readApiGraph(graph)).toEqual(graph);
	expect(readApiGraph({ prompt: graph, client_id: "x" })).toEqual(graph);
	// A node may be called "prompt".
	expect(readApiGraph({ prompt: graph["3"], "4:1": graph["4:1"] })).toHaveProperty("prompt");
});

test("what is not part of the format is left out", () => {
	const extra = { "1": { class_type: "A", inputs: {}, _meta: { title: "T", colour: 1 }, is_changed: ["x"] } };
	expect(readApiGraph(extra)).toEqual({ "1": { class_type: "A", inputs: {}, _meta: { title: "T" } } });
});

test("every fault is named with its place", () => {
	expect(faults({ "1": { inputs: {} }, "2": { class_type: "A" } })).toEqual([
		expect.stringMatching(/^1\.class_type: /),
		expect.stringMatching(/^2\.inputs: /),
	]);
	expect(faults({ "1": { class_type: "A", inputs: { image: ["9", 0] } } })).toEqual([
		"1.inputs.image: links to node 9, which is not in the graph",
	]);
	expect(faults({ "1": { class_type: "A", inputs: { image: ["constructor", 0] } } })).toHaveLength(1);
	expect(faults({})).toEqual([": must hold 1 to 2000 nodes; it holds 0"]);
	expect(faults([])).toEqual([": must be an object of nodes by id"]);
	const wide = Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`in${at}`, 0]));
	expect(faults({ "1": { class_type: "A", inputs: wide } })).toEqual([": a node has more than 500 inputs"]);
});

test("the editor's format is told apart, whoever asks", () => {
	const ui = { nodes: [], links: [], version: 0.4 };
	expect([isUiGraph(ui), isUiGraph(graph), isUiGraph(null), isUiGraph([ui])]).toEqual([true, false, false, false]);
	expect(faults(ui)).toEqual(["nodes: this is the editor's own format, not the API format"]);
});
