import { expect, test } from "vitest";
import { aspectOf, aspects, clampMargin, isExtended, marginsFor, noMargins } from "./outpaint.ts";

test.each(aspects)("a picture is brought to %s by adding alone, the same on opposite sides", (aspect) => {
	for (const size of [
		{ width: 512, height: 512 },
		{ width: 801, height: 200 },
		{ width: 333, height: 999 },
	]) {
		const margins = marginsFor(aspect, size);
		expect(Math.min(...Object.values(margins))).toBeGreaterThanOrEqual(0);
		expect(margins.left === 0 || margins.top === 0).toBe(true);
		expect([margins.right - margins.left, margins.bottom - margins.top].every((more) => more === 0 || more === 1)).toBe(true);
		expect(aspectOf(size, margins)).toBe(aspect);
	}
});

test("a picture that has the shape already stays as it is", () => {
	expect(isExtended(marginsFor("4:3", { width: 800, height: 600 }))).toBe(false);
	expect(aspectOf({ width: 800, height: 601 }, { ...noMargins, left: 50 })).toBeNull();
});

test("a margin is a whole number within what the server takes", () => {
	expect([-3, 10.6, 9_999].map(clampMargin)).toEqual([0, 11, 4_096]);
});
