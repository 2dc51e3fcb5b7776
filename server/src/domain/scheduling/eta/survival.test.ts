import fc from "fast-check";
import { expect, test } from "vitest";
import { quantilesOf } from "./survival.ts";

const ended = (value: number, weight = 1) => ({ value, ended: true, weight });
const open = (value: number, weight = 1) => ({ value, ended: false, weight });

test("when everything has ended, quantiles are those of the sample", () => {
	const sample = [5, 3, 1, 4, 2, 10, 9, 8, 7, 6].map((value) => ended(value));
	expect(quantilesOf(sample, [0.1, 0.5, 0.9])).toEqual([1, 5, 9]);
});

test("what has not ended counts as longer than it is, not as if it had ended", () => {
	const sample = [ended(1), ended(2), open(3), ended(4)];
	// The two that ended take 1/4 each; the open one's quarter belongs to what is longer: 4.
	expect(quantilesOf(sample, [0.5, 0.51])).toEqual([2, 4]);
});

test("when most has not ended, a high quantile is the longest seen so far", () => {
	expect(quantilesOf([ended(1), open(7), open(9)], [0.3, 0.9])).toEqual([1, 9]);
});

test("weights count: a sample of weight 3 is a sample seen three times", () => {
	const sample = fc.array(fc.record({ value: fc.nat(50), ended: fc.boolean(), weight: fc.integer({ min: 1, max: 3 }) }), { minLength: 1 });
	fc.assert(
		fc.property(sample, fc.constantFrom(0.1, 0.25, 0.5, 0.9), (weighted, level) => {
			const repeated = weighted.flatMap((it) => Array.from({ length: it.weight }, () => ({ ...it, weight: 1 })));
			expect(quantilesOf(weighted, [level])).toEqual(quantilesOf(repeated, [level]));
		}),
	);
});
