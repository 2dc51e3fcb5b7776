import { expect, test } from "vitest";
import { duration, durationRange, took } from "./duration.ts";

test.each([
	[420_000, 540_000, "7 to 9 min"],
	[800, 1_700, "1 to 2 s"],
	[700, 900, "about 1 s"],
	[40_000, 200_000, "1 to 4 min"],
	[3_600_000, 9_000_000, "1 to 3 h"],
])("%i to %i ms read as %s", (from, to, expected) => {
	expect(durationRange(from, to)).toBe(expected);
});

test("a wait is never told shorter than it is", () => {
	expect(duration(1_001)).toBe("2 s");
	expect(duration(0)).toBe("1 s");
});

test("what is over is told exactly", () => {
	expect(took(4_240)).toBe("4.2 s");
});
