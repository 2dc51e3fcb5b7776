import { expect, test } from "vitest";
import { abilitiesOf, meets, requirementsOf } from "./requirements.ts";
import { noTraits } from "./traits.ts";

const config = {
	controlNets: [
		{ name: "lines", title: "Lines", family: "sdxl" as const, files: ["lines.pth"], preprocessor: "lineart" },
		{ name: "depth", title: "Depth", family: "sdxl" as const, files: ["depth.pth"], preprocessor: null },
	],
};

test("a plain picture and a plain repainting require nothing", () => {
	expect(requirementsOf("generate", { prompt: "x", controls: [], loras: [], hiresFix: null }, config)).toBeNull();
	expect(requirementsOf("inpaint", { operation: "replace", shapeFidelity: null }, config)).toBeNull();
	expect(requirementsOf("upscale", {}, config)).toBeNull();
});

test("every ControlNet, map, LoRA, operation and second pass is required by name", () => {
	const params = {
		...{ operation: "remove", shapeFidelity: 0.5, hiresFix: { scale: 2, strength: 0.5 }, loras: [{ name: "ink" }, { name: "ink" }] },
		controls: [
			{ net: "lines", preprocess: true },
			{ net: "depth", preprocess: false },
		],
	};
	const requires = requirementsOf("inpaint", params, config);
	expect(requires).toEqual(["edit:remove", "shape", "net:lines", "net:depth", "map:lineart", "lora:ink", "hires_fix"]);
	const able = { ...noTraits, operations: ["remove" as const], shapeGuided: true, controlNets: ["lines", "depth"], hiresFix: true };
	expect(meets(abilitiesOf({ ...able, preprocessors: ["lineart"], loras: ["ink"] }), requires)).toBe(true);
	expect(meets(abilitiesOf({ ...able, preprocessors: ["lineart"] }), requires)).toBe(false);
});

test("a worker that says nothing of itself can do what requires nothing", () => {
	expect(meets(undefined, null)).toBe(true);
	expect(meets(undefined, ["shape"])).toBe(false);
});
