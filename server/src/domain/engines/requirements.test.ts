import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import type { StepKind } from "../ports.ts";
import { abilitiesOf, requirementsOf } from "./requirements.ts";
import { noTraits } from "./traits.ts";

const config = {
	controlNets: [
		{ name: "lines", title: "Lines", family: "sdxl" as const, files: ["lines.pth"], preprocessor: "lineart" },
		{ name: "depth", title: "Depth", family: "sdxl" as const, files: ["depth.pth"], preprocessor: null },
	],
};

const of = (kind: StepKind, params: JsonObject, roles: string[] = []) => requirementsOf({ kind, params, roles }, config);

test("a plain picture and a plain repainting require nothing", () => {
	expect(of("generate", { prompt: "x", controls: [], loras: [], hiresFix: null })).toBeNull();
	expect(of("inpaint", { operation: "replace", shapeFidelity: null }, ["image", "mask"])).toBeNull();
	expect(of("upscale", {}, ["image"])).toBeNull();
});

test("every ControlNet, map, LoRA, operation and second pass is required by name", () => {
	const params = {
		...{ operation: "remove", shapeFidelity: 0.5, hiresFix: { scale: 2, strength: 0.5 }, loras: [{ name: "ink" }, { name: "ink" }] },
		controls: [
			{ net: "lines", preprocess: true },
			{ net: "depth", preprocess: false },
		],
	};
	const requires = of("inpaint", params, ["image", "mask"]);
	expect(requires).toEqual(["edit:remove", "shape", "net:lines", "net:depth", "map:lineart", "lora:ink", "hires_fix"]);
	const able = { ...noTraits, operations: ["remove" as const], shapeGuided: true, controlNets: ["lines", "depth"], hiresFix: true };
	const names = abilitiesOf({ ...able, preprocessors: ["lineart"], loras: ["ink"] });
	expect((requires ?? []).filter((name) => !names.includes(name))).toEqual([]);
});

test("starting from a picture is required of whoever draws", () => {
	const requires = of("generate", { prompt: "x" }, ["image"]);
	expect(requires).toEqual(abilitiesOf({ ...noTraits, imageToImage: true }));
});
