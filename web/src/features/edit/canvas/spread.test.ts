import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyMask, type Mask } from "./mask.ts";
import { wholeOf } from "./rect.ts";
import { feather, featherAt, grow } from "./spread.ts";

const size = { width: 23, height: 17 };
const anyMask = fc.array(fc.integer({ min: 0, max: size.width * size.height - 1 }), { minLength: 1, maxLength: 12 }).map((marks): Mask => {
	const mask = emptyMask(size);
	for (const at of marks) mask.values[at] = 1;
	return mask;
});
/** Squared distance to the nearest pixel of a value, by trying all. */
function distance({ width, values }: Mask, value: number, at: number): number {
	let least = Number.POSITIVE_INFINITY;
	for (let other = 0; other < values.length; other++)
		if (values[other] === value)
			least = Math.min(least, ((other % width) - (at % width)) ** 2 + (Math.floor(other / width) - Math.floor(at / width)) ** 2);
	return least;
}

test("growing marks all within the distance and nothing else; shrinking is its mirror image", () => {
	fc.assert(
		fc.property(anyMask, fc.integer({ min: 1, max: 9 }), fc.boolean(), (mask, by, shrinks) => {
			const values = shrinks ? mask.values.map((value) => 1 - value) : mask.values;
			const before = { ...size, values: values.slice() };
			const after = { ...size, values: values.slice() };
			grow(after, shrinks ? -by : by);
			const spreading = shrinks ? 0 : 1;
			for (let at = 0; at < values.length; at++)
				expect(after.values[at]).toBe(distance(before, spreading, at) <= by * by ? spreading : 1 - spreading);
		}),
		{ numRuns: 60 },
	);
});

test("the picture's own edge does not shrink", () => {
	const mask = { ...size, values: new Uint8Array(size.width * size.height).fill(1) };
	grow(mask, -5);
	expect(mask.values.includes(0)).toBe(false);
});

test("the feather fades by distance and ends where it says", () => {
	expect([0, 1, 3, 6, 7].map((px) => featherAt(px, 6))).toEqual([255, 225, 83, 3, 0]);
	fc.assert(
		fc.property(anyMask, fc.integer({ min: 1, max: 8 }), (mask, px) => {
			const soft = new Uint8Array(mask.values.length).fill(99);
			expect(feather(mask, soft, wholeOf(size), px)).toEqual(wholeOf(size));
			for (let at = 0; at < soft.length; at++) expect(soft[at]).toBe(featherAt(Math.sqrt(distance(mask, 1, at)), px));
		}),
		{ numRuns: 40 },
	);
});

test("feathering only what changed gives what feathering everything would", () => {
	fc.assert(
		fc.property(
			anyMask,
			fc.integer({ min: 0, max: 22 }),
			fc.integer({ min: 0, max: 16 }),
			fc.integer({ min: 1, max: 6 }),
			(mask, x, y, px) => {
				const soft = new Uint8Array(mask.values.length);
				feather(mask, soft, wholeOf(size), px);
				mask.values[y * size.width + x] = 1 - (mask.values[y * size.width + x] ?? 0);
				feather(mask, soft, { left: x, top: y, right: x + 1, bottom: y + 1 }, px);
				const fresh = new Uint8Array(mask.values.length);
				feather(mask, fresh, wholeOf(size), px);
				expect(soft).toEqual(fresh);
			},
		),
		{ numRuns: 60 },
	);
});
