import { expect, test } from "vitest";
import { nextSeed } from "./runRequest.ts";

const range = (min: number | null, max: number | null) => ({ min, max });

test("the pictures of a run get one seed after the other, and begin again after the largest that is drawn", () => {
	expect([0, 1, 2].map((index) => nextSeed(7, index, null))).toEqual([7, 8, 9]);
	expect([0, 1, 2].map((index) => nextSeed(4_294_967_294, index, null))).toEqual([4_294_967_294, 4_294_967_295, 0]);
});

test("seeds stay within what the field takes", () => {
	expect([0, 1, 2, 3].map((index) => nextSeed(9, index, range(8, 10)))).toEqual([9, 10, 8, 9]);
});

test("a seed that was given and is larger than those that are drawn is used as it is", () => {
	const large = 2 ** 40;
	expect(nextSeed(large, 0, range(0, Number.MAX_SAFE_INTEGER))).toBe(large);
});
