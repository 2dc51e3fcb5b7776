import { expect, test } from "vitest";
import { glassworks } from "../../../../glassworks.config.ts";
import type { JsonObject } from "../json.ts";
import { operatorConfig } from "../plans/operatorConfig.ts";
import { ownSize, settleSteps } from "./settleSteps.ts";
import { type Workflow, workflow } from "./workflow.ts";

const config = operatorConfig.parse(glassworks);
const photo = { sha256: "a", mediaType: "image/png", widthPx: 300, heightPx: 200, bytes: 1 };
const image = (step: string) => ({ image: { step, output: "image" } });
const standard = { value: "standard" };

function settle(steps: object[], request: JsonObject = {}, more: object = {}) {
	const last = { step: "draw", output: "image" };
	const of: Workflow = workflow.parse({
		slug: "test",
		version: 3,
		title: "",
		description: "",
		steps,
		result: last,
		original: last,
		...more,
	});
	return Object.fromEntries(settleSteps({ id: "wfl_1", workflow: of }, request, config).map((settled) => [settled.step.id, settled]));
}
const draw = (params: object = {}, model = "sdxl") => ({ id: "draw", title: "", kind: "generate", model: { value: model }, params });

test("what neither workflow nor run says is the model's own, and is remembered", () => {
	const { draw: drawn } = settle([draw({ steps: { input: "detail" } })]);
	expect(drawn).toMatchObject({ params: { widthPx: 1_024, heightPx: 1_024, steps: 30 }, defaults: { widthPx: 1_024, steps: 30 } });
	expect(settle([draw({ steps: { input: "detail" } })], { detail: 12 }).draw?.defaults).toEqual({ widthPx: 1_024, heightPx: 1_024 });
});

test("sizes follow the steps: enlarged, resized, put back, painted in place", () => {
	const { large, small, back, painted } = settle(
		[
			draw({ widthPx: { value: 512 }, heightPx: { value: 256 } }),
			{ id: "large", title: "", kind: "upscale", model: standard, inputs: image("draw") },
			{
				id: "small",
				title: "",
				kind: "resize",
				model: standard,
				inputs: image("large"),
				params: { widthPx: { value: 64 }, heightPx: { value: 48 } },
			},
			{ id: "back", title: "", kind: "composite", model: standard, inputs: { ...image("small"), original: { input: "photo" } } },
			{ id: "painted", title: "", kind: "inpaint", model: { value: "sd15" }, inputs: { image: { input: "photo" } } },
		],
		{ photo },
	);
	expect([large, small, back, painted].map((settled) => Object.values(settled?.size ?? {}))).toEqual([
		[2_048, 1_024],
		[64, 48],
		[300, 200],
		[300, 200],
	]);
	expect(painted?.params).toMatchObject({ widthPx: 300, heightPx: 200 });
});

test("of several pictures that may be there, the one that always is gives the size", () => {
	const { end } = settle([
		draw(),
		{ id: "large", title: "", kind: "upscale", optional: true, model: standard, inputs: image("draw") },
		{ id: "end", title: "", kind: "encode", model: standard, inputs: { image: { firstOf: [image("large").image, image("draw").image] } } },
	]);
	expect(end?.size).toEqual({ widthPx: 1_024, heightPx: 1_024 });
});

test("a graph is priced with each of our models that it loads, wherever its files lie, and timed by workflow and version", () => {
	const loader = (file: string) => ({ class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: file } });
	const graph = {
		"1": loader("sdxl/sd_xl_base_1.0.safetensors"),
		"2": loader("v1-5-pruned-emaonly.safetensors"),
		"3": loader("other.safetensors"),
	};
	const { g } = settle([{ id: "g", title: "", kind: "graph", model: { value: "comfyui" }, params: { graph: { value: graph } } }]);
	expect(g?.priced.map(({ name }) => name)).toEqual(["sd15", "sdxl"]);
	expect(g?.work).toBe("wfl_1.3.g");
});

test("a model's own size in another shape keeps its longer side", () => {
	const [embedded] = config.models;
	if (!embedded) throw new Error("no model is configured");
	expect(ownSize(embedded, 1)).toEqual({ widthPx: 256, heightPx: 256 });
	expect(ownSize(embedded, 0.75)).toEqual({ widthPx: 192, heightPx: 256 });
	expect(ownSize(embedded, 2)).toEqual({ widthPx: 256, heightPx: 128 });
});
