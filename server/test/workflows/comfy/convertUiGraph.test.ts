import fs from "node:fs";
import { describe, expect, test } from "vitest";
import { readNodeCatalogue } from "../../../src/domain/engines/nodeCatalogue.ts";
import { convertUiGraph } from "../../../src/domain/workflows/comfy/convertUiGraph.ts";
import { readApiGraph } from "../../../src/domain/workflows/comfy/readApiGraph.ts";
import { validateGraph } from "../../../src/domain/workflows/comfy/validateGraph.ts";

const folder = new URL("../../data/comfyui/", import.meta.url);
const read = (name: string) => JSON.parse(fs.readFileSync(new URL(name, folder), "utf8"));
const nodes = readNodeCatalogue({ ...read("object_info.json"), ...read("workflows/more_object_info.json") });
const names = fs
	.readdirSync(new URL("workflows/", folder))
	.filter((file) => file.endsWith(".ui.json"))
	.map((file) => file.replace(".ui.json", ""));

test.each(names)("%s becomes what the editor's own export makes of it", (name) => {
	const { graph, problems } = convertUiGraph(read(`workflows/${name}.ui.json`), nodes);
	expect(problems).toEqual([]);
	expect(graph).toEqual(read(`workflows/${name}.api.json`));
	expect(readApiGraph(graph)).toEqual(graph);
});

/** Those where something is left unconnected on purpose. */
const open = ["reroutes", "muted", "bypassed", "closed-subgraphs"];

test.each(names.filter((name) => !open.includes(name)))("%s, converted, is a graph that ComfyUI would take", (name) => {
	expect(validateGraph(convertUiGraph(read(`workflows/${name}.ui.json`), nodes).graph, nodes)).toEqual([]);
});

test("a choice that brings its own inputs is read by what its class says, where a newer editor no longer lists them", () => {
	const ui = read("workflows/dynamic-choice.ui.json");
	// As ComfyUI's own templates of 2026 are saved: only what is linked is listed.
	nodeOf(ui, 2).inputs = [{ name: "input", type: "IMAGE", link: 1 }];
	const { graph, problems } = convertUiGraph(ui, nodes);
	expect(problems).toEqual([]);
	expect(graph).toEqual(read("workflows/dynamic-choice.api.json"));
	nodeOf(ui, 2).widgets_values = ["scale by multiplier", 1.5, "area"];
	expect(convertUiGraph(ui, nodes).graph["2"]?.inputs).toMatchObject({
		...{ resize_type: "scale by multiplier", "resize_type.multiplier": 1.5, scale_method: "area" },
	});
	nodeOf(ui, 2).widgets_values = ["scale by multiplier", "much", "area"];
	expect(convertUiGraph(ui, nodes).problems.map(({ message }) => message)).toEqual([
		expect.stringContaining('input resize_type.multiplier holds "much" where a number belongs'),
	]);
});

test("choices inside choices bring their inputs in the order of the editor's widgets", () => {
	const choice = (options: object[]) => ["COMFY_DYNAMICCOMBO_V3", { options }];
	const codec = choice([
		{ key: "h264", inputs: { required: { crf: ["INT", { default: 23 }] } } },
		{ key: "auto", inputs: {} },
	]);
	const format = choice([{ key: "mp4", inputs: { required: { codec, speed: ["FLOAT", {}] } } }]);
	const described = { input: { required: { images: ["IMAGE"], format, name: ["STRING", {}] } }, output: [], output_node: true };
	const node = { id: 1, type: "Save", mode: 0, inputs: [], outputs: [], widgets_values: ["mp4", "h264", 18, 1.5, "out"] };
	const { graph } = convertUiGraph({ nodes: [node], links: [] }, readNodeCatalogue({ Save: described }));
	expect(graph["1"]?.inputs).toEqual({ format: "mp4", "format.codec": "h264", "format.codec.crf": 18, "format.speed": 1.5, name: "out" });
});

/** A text-to-image workflow, changed. */
const changed = (change: (ui: ReturnType<typeof read>) => void) => {
	const ui = read("workflows/text-to-image.ui.json");
	change(ui);
	return convertUiGraph(ui, nodes);
};
const nodeOf = (ui: ReturnType<typeof read>, id: number) => ui.nodes.find((node: { id: number }) => node.id === id);

describe("what cannot be carried over is named with node, title, class and reason", () => {
	test("a node of a class the engine does not have stays, with its links, for whoever names what is missing", () => {
		const { graph, problems } = changed((ui) => {
			nodeOf(ui, 8).type = "FancyDecode";
		});
		expect(problems).toEqual([
			{
				node: "8",
				title: "FancyDecode",
				class: "FancyDecode",
				message: expect.stringContaining("node 8 (FancyDecode): the engine has no such node"),
			},
		]);
		expect(graph["8"]?.inputs).toEqual({ samples: ["3", 0], vae: ["4", 2] });
		expect(graph["9"]?.inputs.images).toEqual(["8", 0]);
	});

	test("a group node goes, with the links to it, and its author is told what to do", () => {
		const { graph, problems } = changed((ui) => {
			Object.assign(nodeOf(ui, 8), { type: "workflow>Decode", title: "Both" });
		});
		expect(problems.map(({ message }) => message)).toEqual([
			expect.stringMatching(/^node 8 "Both" \(workflow>Decode\): is a group node, .*ungroup it/),
		]);
		expect(graph["8"]).toBeUndefined();
		expect(graph["9"]?.inputs).toEqual({ filename_prefix: "lighthouse" });
	});

	test("values of another version of a node are not put where they do not belong", () => {
		const { graph, problems } = changed((ui) => {
			nodeOf(ui, 3).widgets_values = [1, "randomize", "euler", 20, 8, "normal", 1];
		});
		expect(problems.map(({ node, message }) => [node, message])).toEqual([
			["3", expect.stringContaining('input steps holds "euler" where a number belongs')],
		]);
		expect(graph["3"]?.inputs.steps).toBeUndefined();
	});

	test("links that lead nowhere, in a circle or to an inside that is not there", () => {
		const { problems } = changed((ui) => {
			nodeOf(ui, 3).inputs[0].link = 555;
			ui.nodes.push({ id: 50, type: "Reroute", mode: 0, inputs: [{ name: "", type: "*", link: 60 }], outputs: [] });
			ui.links.push([60, 50, 0, 50, 0, "*"], [61, 50, 0, 8, 1, "VAE"], [62, 777, 0, 3, 1, "CONDITIONING"]);
			nodeOf(ui, 8).inputs[1].link = 61;
			nodeOf(ui, 3).inputs[1].link = 62;
			ui.nodes.push({ id: 51, type: "5b0f1c3e-8a51-4c7e-9d4b-3f1f2f0a9999", mode: 0, inputs: [], outputs: [] });
		});
		expect(problems.map(({ message }) => message)).toEqual([
			"node 3 (KSampler): input model is linked by 555, which the workflow does not hold.",
			"node 3 (KSampler): input positive is linked to node 777, which the workflow does not hold.",
			'node 8 "VAE Decode" (VAEDecode): input vae is linked in a circle.',
			"node 51 (5b0f1c3e-8a51-4c7e-9d4b-3f1f2f0a9999): is a subgraph whose inside the workflow does not hold.",
		]);
	});

	test("a choice that brings its own inputs, where neither the file nor the engine lists them", () => {
		const ui = read("workflows/dynamic-choice.ui.json");
		nodeOf(ui, 2).inputs = [{ name: "input", type: "IMAGE", link: 1 }];
		const older = new Map(nodes);
		const resize = nodes.get("ResizeImageMaskNode");
		if (!resize) throw new Error("not recorded");
		older.set(resize.name, { ...resize, inputs: resize.inputs.map((input) => ({ ...input, members: null })) });
		const [problem] = convertUiGraph(ui, older).problems;
		expect(problem).toMatchObject({ node: "2", class: "ResizeImageMaskNode", message: expect.stringContaining('use "Export (API)"') });
	});

	test("a text that only the editor could fill in", () => {
		const ui = read("workflows/primitives.ui.json");
		Object.assign(nodeOf(ui, 72), { widgets_values: ["at %KSampler.seed%"], properties: { "Run widget replace on values": true } });
		expect(convertUiGraph(ui, nodes).problems.map(({ message }) => message)).toEqual([expect.stringContaining("only the editor replaces")]);
	});
});
