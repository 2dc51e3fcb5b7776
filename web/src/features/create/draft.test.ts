import { expect, test } from "vitest";
import { changedSettings, emptyDraft, fitToModel, fromRequest, toRequest } from "./draft.ts";

test("what was left alone is left to the model", () => {
	expect(toRequest({ ...emptyDraft, prompt: "  a fox " })).toEqual({
		prompt: "a fox",
		count: 1,
		upscale: true,
		restore_faces: true,
		format: "png",
		embed_recipe: false,
	});
});

test("a seed counts only while it is locked", () => {
	expect(toRequest({ ...emptyDraft, seed: 7 }).seed).toBeUndefined();
	expect(toRequest({ ...emptyDraft, seed: 0, seedLocked: true }).seed).toBe(0);
});

test("the settings of a finished picture ask for the same picture", () => {
	const accepted = {
		prompt: "a fox",
		negative_prompt: "text",
		model: "embedded",
		width: 256,
		height: 192,
		steps: 8,
		guidance: null,
		style: "flat",
		upscale: false,
		restore_faces: true,
		format: "webp",
		count: 4,
	};
	expect(toRequest(fromRequest(accepted, 12))).toEqual({
		prompt: "a fox",
		negative_prompt: "text",
		model: "embedded",
		width: 256,
		height: 192,
		steps: 8,
		style: "flat",
		seed: 12,
		count: 1,
		upscale: false,
		restore_faces: true,
		format: "webp",
		embed_recipe: false,
	});
});

test("another model keeps only what it can do", () => {
	const model = {
		name: "flux",
		title: "Flux",
		notice: "",
		available: true,
		default: false,
		steps: ["generate"],
		default_steps: 20,
		max_steps: 30,
		takes: { image: false, controls: [], max_controls: 0, loras: [] },
		default_side: 1024,
		min_side: 512,
		max_side: 2048,
		styles: [],
		price_micro_usd: 0,
		measured: { since: null, steps: 0, run_ms: null, load_ms: null, wait_p50_ms: null, wait_p95_ms: null, failure_rate: null },
	};
	expect(fitToModel({ ...emptyDraft, width: 256, height: 512, steps: 50, style: "flat" }, model)).toMatchObject({
		model: "flux",
		width: null,
		height: null,
		steps: 30,
		style: null,
	});
});

test("the fold says how many settings it hides", () => {
	expect(changedSettings(emptyDraft)).toBe(0);
	expect(changedSettings({ ...emptyDraft, steps: 4, seedLocked: true, seed: 1 })).toBe(2);
});
