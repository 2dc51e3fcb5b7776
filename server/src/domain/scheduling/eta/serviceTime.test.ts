import fc from "fast-check";
import { expect, test } from "vitest";
import { learn, predictMs, type RunningMedian, scalePriorMs } from "./serviceTime.ts";

const learnAll = (samples: readonly number[], from: RunningMedian | null = null): RunningMedian | null =>
	samples.reduce<RunningMedian | null>(learn, from);

/** Log-normal with median 1, from a fixed sequence. */
const noise = Array.from({ length: 400 }, (_, index) => Math.exp(0.3 * Math.sin(index * 2.399) * Math.SQRT2));

test("after a hundred runs the prediction is within a tenth of their median", () => {
	const known = learnAll(noise.slice(0, 100).map((ratio) => ratio * 4_000));
	expect(Math.abs(Math.log(predictMs({ request: known }, 60_000) / 4_000))).toBeLessThan(0.1);
});

test("one run a hundred times too long moves a prediction by less than a tenth", () => {
	const before = learnAll(noise.map((ratio) => ratio * 4_000));
	const after = learn(before, 400_000);
	expect(after.value / (before?.value ?? 0)).toBeLessThan(1.1);
});

test("when a worker slows to half its speed, twenty runs later the prediction has followed to within a tenth", () => {
	const before = learnAll(noise.map((ratio) => ratio * 4_000));
	const after = learnAll(
		noise.slice(0, 20).map((ratio) => ratio * 8_000),
		before,
	);
	expect(Math.abs(Math.log((after?.value ?? 0) / 8_000))).toBeLessThan(0.12);
});

test("before anything ran, the operator's guess is the prediction", () => {
	expect(predictMs({}, 7_000)).toBe(7_000);
	expect(predictMs({ capability: null, request: null, worker: null }, 7_000)).toBe(7_000);
});

test("a size never run before is predicted from how far the guess was off for other sizes", () => {
	const capability = learnAll(Array.from({ length: 50 }, () => 2));
	expect(predictMs({ capability }, 7_000)).toBeGreaterThan(13_000);
	expect(predictMs({ capability }, 7_000)).toBeLessThanOrEqual(14_000);
});

test("a worker seen once hardly changes what all workers taught; a worker seen often decides", () => {
	const request = { value: 4_000, samples: 100 };
	expect(predictMs({ request, worker: { value: 8_000, samples: 1 } }, 1)).toBeLessThan(6_000);
	expect(predictMs({ request, worker: { value: 8_000, samples: 40 } }, 1)).toBeGreaterThan(7_500);
});

test("a prediction lies between what its levels say", () => {
	const level = fc.option(fc.record({ value: fc.double({ min: 1, max: 1e6, noNaN: true }), samples: fc.nat(1_000) }));
	fc.assert(
		fc.property(level, level, fc.double({ min: 1, max: 1e6, noNaN: true }), (request, worker, priorMs) => {
			const said = [priorMs, ...[request, worker].flatMap((known) => (known && known.samples > 0 ? [known.value] : []))];
			const predicted = predictMs({ request, worker }, priorMs);
			expect(predicted).toBeGreaterThanOrEqual(Math.min(...said) * 0.999);
			expect(predicted).toBeLessThanOrEqual(Math.max(...said) * 1.001);
		}),
	);
});

test("learning never leaves the range of what was seen, and counts every sample", () => {
	fc.assert(
		fc.property(fc.array(fc.double({ min: 0.5, max: 1e7, noNaN: true }), { minLength: 1 }), (samples) => {
			const known = learnAll(samples);
			expect(known?.samples).toBe(samples.length);
			expect(known?.value).toBeGreaterThanOrEqual(Math.min(...samples) * 0.999);
			expect(known?.value).toBeLessThanOrEqual(Math.max(...samples) * 1.001);
		}),
	);
});

test("a guess for the usual picture grows with pixels and steps", () => {
	const usual = { widthPx: 1024, heightPx: 1024, steps: 20 };
	expect(scalePriorMs(6_000, { widthPx: 512, heightPx: 1024, steps: 40 }, usual)).toBe(6_000);
	expect(scalePriorMs(6_000, { widthPx: 2048, heightPx: 1024, steps: 20 }, usual)).toBeCloseTo(11_100);
	expect(scalePriorMs(6_000, { widthPx: 64, heightPx: 64, steps: 1 }, usual)).toBeCloseTo(901, 0);
});
