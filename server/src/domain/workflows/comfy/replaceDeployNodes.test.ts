import { expect, test } from "vitest";
import { apiGraph } from "../../engines/apiGraph.ts";
import { checkGraphSafety } from "./checkGraphSafety.ts";
import { coreNodeClasses } from "./coreNodeClasses.ts";
import { exposedInputs } from "./exposedInput.ts";
import { findInputs } from "./findInputs.ts";
import { replaceDeployNodes } from "./replaceDeployNodes.ts";

const external = (kind: string, inputs: object) => ({ class_type: `ComfyUIDeployExternal${kind}`, inputs });
const graph = apiGraph.parse({
	"1": external("Text", { input_id: "prompt", default_value: "a cat" }),
	"2": external("NumberInt", { input_id: "side", default_value: 512, min_value: 64, max_value: 1024 }),
	"3": external("Image", { input_id: "photo", display_name: "Your photo", default_value_url: "http://10.0.0.1/x.png" }),
	"4": external("Text", { input_id: "unused", default_value: "x" }),
	"6": { class_type: "CLIPTextEncode", inputs: { text: ["1", 0], clip: ["9", 1] } },
	"7": { class_type: "EmptyLatentImage", inputs: { width: ["2", 0], height: ["2", 0], batch_size: 1 } },
	"8": { class_type: "PreviewImage", inputs: { images: ["3", 0] } },
	"9": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "m.safetensors" } },
});
const policy = {
	allowedClasses: coreNodeClasses,
	allowedFiles: new Set(["m.safetensors"]),
	maxSidePx: 1024,
	maxSteps: 50,
	maxBatch: 4,
	maxSamplers: 2,
	assets: [],
};

test("a graph made for comfyui-deploy runs without its nodes, keeps its fields, and then fetches nothing", () => {
	const found = findInputs(graph, new Map());
	expect(checkGraphSafety(graph, { ...policy, inputs: found }).map(({ node }) => node)).toEqual(
		expect.arrayContaining(["1", "2", "3", "4"]),
	);
	const replaced = replaceDeployNodes(graph, found);
	expect(replaced.graph).toEqual({
		"3": { class_type: "LoadImage", inputs: { image: "" }, _meta: { title: "Your photo" } },
		"6": { class_type: "CLIPTextEncode", inputs: { text: "a cat", clip: ["9", 1] } },
		"7": { class_type: "EmptyLatentImage", inputs: { width: 512, height: 512, batch_size: 1 } },
		"8": graph["8"],
		"9": graph["9"],
	});
	expect(
		exposedInputs.parse(replaced.inputs).map(({ name, bindings }) => [name, bindings.map(({ node, input }) => `${node}.${input}`)]),
	).toEqual([
		["prompt", ["6.text"]],
		["side", ["7.height", "7.width"]],
		["photo", ["3.image"]],
		["batch_size", ["7.batch_size"]],
		["checkpoint", ["9.ckpt_name"]],
	]);
	const inputs = replaced.inputs.map((field) => (field.name === "batch_size" ? { ...field, max: 4 } : field));
	expect(checkGraphSafety(replaced.graph, { ...policy, inputs })).toEqual([]);
});

test("a node that takes its default from another node stays as it is", () => {
	const linked = apiGraph.parse({
		...graph,
		"1": external("Text", { input_id: "prompt", default_value: ["5", 0] }),
		"5": { class_type: "PrimitiveString", inputs: { value: "x" } },
	});
	expect(replaceDeployNodes(linked, findInputs(linked, new Map())).graph["1"]).toEqual(linked["1"]);
});
