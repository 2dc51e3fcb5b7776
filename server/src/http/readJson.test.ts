import { expect, test } from "vitest";
import { findUnstorable } from "./readJson.ts";

test("text that a database cannot hold is refused by its place", () => {
	expect(findUnstorable({ a: [{ b: "x\0y" }] })).toMatchObject({ code: "invalid_request", fields: [{ path: ["a", 0, "b"] }] });
	expect(findUnstorable({ a: "\ud800" })).toMatchObject({ code: "invalid_request", fields: [{ path: ["a"] }] });
	expect(findUnstorable({ metadata: { "k\0": "v" } })).toMatchObject({ code: "invalid_request", fields: [{ path: ["metadata"] }] });
	expect(findUnstorable({ a: "grüße 👩‍🎨", b: [null, 1, true] })).toBeNull();
});

test("nesting without end is refused instead of exhausting the stack", () => {
	const depth = 100_000;
	expect(findUnstorable(JSON.parse("[".repeat(depth) + "]".repeat(depth)))).toMatchObject({ code: "malformed_body" });
});
