import { expect, test } from "vitest";
import { GlassworksError } from "../../errors.ts";
import { exposedInputs } from "./exposedInput.ts";
import { inputsSchema } from "./inputsSchema.ts";
import { parseRunValues } from "./parseRunValues.ts";

const to = (node: string) => [{ node, input: "x" }];
const inputs = exposedInputs.parse([
	{ name: "prompt", type: "text", title: "Prompt", multiline: true, bindings: to("1") },
	{ name: "steps", type: "integer", title: "Steps", min: 1, max: 50, default: 20, bindings: to("2") },
	{ name: "cfg", type: "number", title: "CFG", min: 0, max: 30, step: 0.1, default: 6.5, bindings: to("3") },
	{ name: "seed", type: "seed", title: "Seed", min: 0, max: 4_294_967_295, bindings: to("4") },
	{ name: "lora", type: "choice", title: "LoRA", options: ["a", "b"], default: "a", description: "Style.", bindings: to("5") },
	{ name: "tile", type: "boolean", title: "Tile", default: false, bindings: to("6") },
	{ name: "image", type: "picture", title: "Picture", bindings: to("7") },
]);
const image = { asset_id: "a1" };

const faults = (values: unknown) => {
	try {
		parseRunValues(inputs, values);
		return null;
	} catch (error) {
		if (!(error instanceof GlassworksError)) throw error;
		return error.fields.map(({ path, message }) => `${path.join(".")} ${message}`);
	}
};

test("what is left out takes its default, and a seed is left for the caller to draw", () => {
	expect(parseRunValues(inputs, { prompt: "a cat", image })).toEqual({
		prompt: "a cat",
		steps: 20,
		cfg: 6.5,
		seed: null,
		lora: "a",
		tile: false,
		image,
	});
	expect(parseRunValues(inputs, { prompt: "", image, seed: null, steps: null })).toMatchObject({ seed: null, steps: 20, prompt: "" });
});

test("a picture is named by an asset, an address or an earlier job; a plain address will do", () => {
	const given = (value: unknown) => parseRunValues(inputs, { prompt: "x", image: value }).image;
	expect(given("https://example.org/a.png")).toEqual({ url: "https://example.org/a.png" });
	expect(given({ job_id: "j1" })).toEqual({ job_id: "j1", n: 0 });
	for (const wrong of ["in.png", "file:///etc/passwd", { path: "x" }, { asset_id: "a", url: "https://e.org" }, 5, []])
		expect(faults({ prompt: "x", image: wrong })).toEqual([expect.stringContaining("image must be a picture")]);
});

test("every fault names its field and what would be right", () => {
	expect(faults({ steps: 51, cfg: "7", seed: 1.5, lora: "c", tile: "yes", image, colour: 1 })).toEqual([
		"colour is not a field of this workflow; it takes prompt, steps, cfg, seed, lora, tile, image",
		"prompt must be given",
		"steps must be a whole number from 1 to 50",
		"cfg must be a number from 0 to 30",
		"seed must be a whole number from 0 to 4294967295",
		'lora must be one of "a", "b"',
		"tile must be true or false",
	]);
	expect(faults({ prompt: "x".repeat(20_001), image })).toEqual(["prompt must be a text of at most 20,000 characters"]);
	expect(() => parseRunValues(inputs, [])).toThrow("must be an object");
});

test("names that every object inherits are not taken for values", () => {
	const odd = exposedInputs.parse([{ name: "constructor", type: "text", title: "x", default: "mine", bindings: to("1") }]);
	expect(parseRunValues(odd, {})).toEqual({ constructor: "mine" });
	expect(() => parseRunValues(odd, JSON.parse('{"__proto__": 1}'))).toThrow("__proto__ is not a field");
});

test("the JSON Schema asks for what has no default and says every bound", () => {
	expect(inputsSchema(inputs)).toMatchObject({
		type: "object",
		required: ["prompt", "image"],
		additionalProperties: false,
		properties: {
			prompt: { type: "string", title: "Prompt", "x-multiline": true },
			steps: { type: "integer", minimum: 1, maximum: 50, default: 20 },
			cfg: { type: "number", "x-step": 0.1 },
			seed: { type: ["integer", "null"], maximum: 4_294_967_295 },
			lora: { enum: ["a", "b"], description: "Style." },
			image: { "x-picture": true },
		},
	});
	expect(inputsSchema([])).toEqual({ type: "object", properties: {}, additionalProperties: false });
});
