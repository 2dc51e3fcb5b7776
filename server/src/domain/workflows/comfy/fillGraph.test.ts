import { expect, test } from "vitest";
import { stepParams } from "../stepParams.ts";
import { fillGraph, roleToCome } from "./fillGraph.ts";

const graph = {
	"1": { class_type: "LoadImage", inputs: { image: "example.png" } },
	"6:2": { class_type: "CLIPTextEncode", inputs: { text: "a cat", clip: ["4", 1] }, _meta: { title: "Positive" } },
};

const fill = (bindings: object[], values: object = {}) => fillGraph(stepParams.graph.parse({ graph, bindings, values }));

test("a value of the run goes where its binding says, also into a node of a flattened subgraph", () => {
	const filled = fill([{ node: "6:2", input: "text", value: "prompt" }], { prompt: "a dog" });
	expect(filled["6:2"]).toEqual({ class_type: "CLIPTextEncode", inputs: { text: "a dog", clip: ["4", 1] }, _meta: { title: "Positive" } });
	expect(filled["1"]).toEqual(graph["1"]);
});

test("a value that was not given leaves what the graph's author wrote, and the author's graph stays as it was", () => {
	expect(fill([{ node: "6:2", input: "text", value: "prompt" }])).toEqual(graph);
	fill([{ node: "6:2", input: "text", value: "prompt" }], { prompt: "a dog" });
	expect(graph["6:2"].inputs.text).toBe("a cat");
});

test("a picture leaves the mark of its role, for the engine to upload", () => {
	const filled = fill([{ node: "1", input: "image", picture: "image" }]);
	expect(roleToCome(filled["1"]?.inputs.image ?? null)).toBe("image");
	expect(roleToCome("example.png")).toBeNull();
});

test("a binding into a node that is not there is refused by name", () => {
	expect(() => fill([{ node: "9", input: "text", value: "prompt" }], { prompt: "a dog" })).toThrow('no node "9"');
	expect(() => fill([{ node: "constructor", input: "text", value: "prompt" }], { prompt: "a dog" })).toThrow('no node "constructor"');
});
