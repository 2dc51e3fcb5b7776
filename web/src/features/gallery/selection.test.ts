import { expect, test } from "vitest";
import { extend, nothing, restrict, toggle } from "./selection.ts";

const order = ["a", "b", "c", "d", "e"];
const keys = (selection: { keys: ReadonlySet<string> }) => [...selection.keys].sort().join("");

test("a second click takes it away again", () => {
	expect(keys(toggle(toggle(nothing, "b"), "b"))).toBe("");
});

test("a range goes from the last chosen one, either way, and keeps what was chosen before", () => {
	const one = toggle(toggle(nothing, "a"), "d");
	expect(keys(extend(one, "b", order))).toBe("abcd");
	expect(keys(extend(toggle(nothing, "b"), "d", order))).toBe("bcd");
	expect(keys(extend(nothing, "c", order))).toBe("c");
	// The one it began with was deleted.
	expect(keys(extend(toggle(nothing, "gone"), "b", order))).toBe("bgone");
});

test("what is gone is no longer chosen", () => {
	expect(keys(restrict(toggle(toggle(nothing, "x"), "b"), order))).toBe("b");
});
