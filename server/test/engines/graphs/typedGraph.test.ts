import { describe, expect, test } from "vitest";
import { isWidget } from "../../../src/domain/engines/nodeCatalogue.ts";
import { createGraph } from "../../../src/engines/comfyui/graphs/graph.ts";
import { nodeTypes } from "../../../src/engines/comfyui/graphs/nodeTypes.ts";
import { advancedControlNet } from "./otherNodes.ts";
import { recordedNodes, withNodes } from "./recordedServer.ts";

const server = withNodes(recordedNodes, advancedControlNet);

describe("the nodes we build of are the server's", () => {
	test.each(Object.entries(nodeTypes))("%s", (name, { inputs, outputs }) => {
		const described = server.get(name);
		const types = new Map(described?.inputs.map((input) => [input.name, input]));
		for (const [input, type] of Object.entries(inputs)) {
			expect([input, types.get(input)?.type]).toEqual([input, type.replace("?", "")]);
			expect([input, types.get(input)?.required]).toEqual([input, !type.endsWith("?")]);
		}
		const required = described?.inputs.filter((input) => input.required).map((input) => input.name) ?? [];
		expect(Object.keys(inputs)).toEqual(expect.arrayContaining(required));
		// SaveImage passes its pictures on in newer versions; nothing here takes them.
		if (name !== "SaveImage") expect(described?.outputs.map(({ type }) => type)).toEqual([...outputs]);
	});

	test("sockets are links and widgets are values", () => {
		const described = [...server.values()].filter(({ name }) => name in nodeTypes);
		for (const { name, inputs } of described)
			for (const input of inputs.filter(({ required }) => required)) {
				const type: string | undefined = Object.entries(nodeTypes).find(([each]) => each === name)?.[1].inputs[input.name as never];
				expect([name, input.name, ["INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"].includes(type ?? "")]).toEqual([
					name,
					input.name,
					isWidget(input),
				]);
			}
	});
});

describe("a wrong link does not compile", () => {
	test("the compiler refuses each of these lines: `npm run check -- types` fails when it does not", () => {
		const graph = createGraph();
		const [model, clip, vae] = graph.add("checkpoint", "CheckpointLoaderSimple", { ckpt_name: "x" });
		const [latent] = graph.add("latent", "EmptyLatentImage", { width: 64, height: 64, batch_size: 1 });
		const [image] = graph.add("decode", "VAEDecode", { samples: latent, vae });
		// @ts-expect-error a network is no text encoder
		graph.add("a", "CLIPTextEncode", { text: "", clip: model });
		// @ts-expect-error a latent is no picture
		graph.add("b", "SaveImage", { images: latent, filename_prefix: "" });
		// @ts-expect-error a picture is no mask
		graph.add("c", "GrowMask", { mask: image, expand: 1, tapered_corners: true });
		// @ts-expect-error a required input is left out
		graph.add("d", "VAEDecode", { samples: latent });
		// @ts-expect-error a number is no text
		graph.add("e", "CLIPTextEncode", { text: 1, clip });
		// @ts-expect-error a value is no link
		graph.add("f", "VAEDecode", { samples: "latent", vae });
		// @ts-expect-error there is no such input
		graph.add("g", "VAEDecode", { samples: latent, vae, tile: 1 });
		// @ts-expect-error there is no such node
		expect(() => graph.add("h", "VAEDecodeAll", {})).toThrow();
		// @ts-expect-error a decoder has one output
		const [, second] = graph.add("i", "VAEDecode", { samples: latent, vae });
		expect([second, Object.keys(graph.toApi())]).toEqual([undefined, ["checkpoint", "latent", "decode", ..."abcdefghi"]]);
	});

	test("nodes of one title have ids of their own", () => {
		const graph = createGraph();
		for (const title of ["lora 1", "lora 1", "lora_1"]) graph.add(title, "VAELoader", { vae_name: "x" });
		expect(Object.keys(graph.toApi())).toEqual(["lora_1", "lora_1_2", "lora_1_3"]);
	});
});
