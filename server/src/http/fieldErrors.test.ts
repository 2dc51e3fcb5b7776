import { expect, test } from "vitest";
import { createGeneration } from "../contract/generation.ts";
import { fieldErrors, summary } from "./fieldErrors.ts";

function errorsOf(body: unknown) {
	return fieldErrors(createGeneration.safeParse(body).error?.issues ?? []);
}

test("every wrong field is named, with what would be right", () => {
	const errors = errorsOf({ prompt: "a cat", count: 101, width: "512", promt: "x" });
	expect(errors).toEqual([
		{ path: ["count"], message: expect.stringContaining("<=100") },
		{ path: ["width"], message: "expected number, received string" },
		{ path: ["promt"], message: "unknown field" },
	]);
	expect(summary(errors)).toContain("promt: unknown field");
});

test("a missing field is said to be required", () => {
	expect(errorsOf({})).toEqual([{ path: ["prompt"], message: "is required (string)" }]);
});

test("of the ways to give a picture, the one that was meant is explained", () => {
	expect(errorsOf({ prompt: "x", image: { url: "not an address" } })).toEqual([
		{ path: ["image", "url"], message: expect.stringMatching(/url/i) },
	]);
	expect(errorsOf({ prompt: "x", image: { job_id: "j", n: -1 } })).toEqual([
		{ path: ["image", "n"], message: expect.stringContaining(">=0") },
	]);
	expect(errorsOf({ prompt: "x", image: { asset_id: "a", url: "https://x.test/" } })).toEqual([
		{ path: ["image", expect.any(String)], message: "unknown field" },
	]);
});
