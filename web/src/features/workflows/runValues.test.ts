import type { WorkflowInput } from "@glassworks/sdk";
import { describe, expect, test } from "vitest";
import { languages, requestCode } from "../../format/requestCode.ts";
import { readGraph, slugOf } from "./readGraph.ts";
import { runRequest } from "./runRequest.ts";
import { forQuote, missing, toInputs } from "./runValues.ts";

const input = (name: string, rest: Partial<WorkflowInput> = {}): WorkflowInput => ({
	...{ name, type: "text", title: name, description: "", default: null, min: null, max: null, step: null, options: null },
	...{ multiline: false, optional: false, bindings: [] },
	...rest,
});
const inputs = [
	input("prompt"),
	input("steps", { type: "integer", default: 20 }),
	input("seed", { type: "seed" }),
	input("style", { optional: true }),
	input("photo", { type: "picture" }),
];

describe("the form of a workflow", () => {
	test("says what has to be given still", () => {
		expect(missing(inputs, {})).toEqual(["prompt", "photo"]);
		expect(missing(inputs, { prompt: "a fox", photo: { asset_id: "a" } })).toEqual([]);
		expect(missing(inputs, { prompt: "", photo: null })).toEqual(["prompt", "photo"]);
	});

	test("sends what was set, and leaves the workflow's own values to it", () => {
		const values = { prompt: "a fox", steps: 20, seed: 0, style: "", photo: null };
		expect(toInputs(inputs, values)).toEqual({ prompt: "a fox", seed: 0 });
		expect(toInputs(inputs, { steps: 21 })).toEqual({ steps: 21 });
	});

	test("asks for the price without the words", () => {
		expect(forQuote(inputs, { prompt: "my secret" })).toEqual({ prompt: "a picture" });
		expect(forQuote(inputs, {})).toEqual({ prompt: "a picture" });
	});
});

test("a call can be pasted as it is, whatever the prompt has in it", () => {
	const request = runRequest("https://example.com", "my-flow", { inputs: { prompt: `it's "red"`, hd: true, mask: null } });
	const [curl, typescript, python] = languages.map((language) => requestCode(language, request));
	expect(curl).toContain(String.raw`it'\''s \"red\"`);
	expect(curl).toContain("https://example.com/api/v1/workflows/my-flow/runs");
	expect(typescript).toContain(`"it's \\"red\\""`);
	expect(python).toContain("True");
	expect(python).toContain("None");
	expect(python).not.toMatch(/: (true|null)/);
});

test("a file that is no workflow says why, and its name becomes an address", () => {
	expect(() => readGraph("{")).toThrow("The file is not JSON.");
	expect(() => readGraph("[1]")).toThrow("no workflow of ComfyUI");
	expect(readGraph('{"3":{}}')).toEqual({ "3": {} });
	expect(["My Flow (v2).json", "042.json", "Äpfel_rot.JSON", `${"a".repeat(80)}.json`].map(slugOf)).toEqual([
		"my-flow-v2",
		"workflow",
		"a-pfel-rot",
		"a".repeat(63),
	]);
});
