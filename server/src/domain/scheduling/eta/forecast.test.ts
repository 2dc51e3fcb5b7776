import fc from "fast-check";
import { expect, test } from "vitest";
import { type Calibration, calibrate, coverageOf, horizonOf, type Outcome } from "./calibration.ts";
import { forecast } from "./forecast.ts";

/** Shown `ageMs` ago with this point estimate; the job took `ratio` times as long, or waits still. */
function outcome(pointMs: number, ratio: number, ageMs: number, plan = "pro"): Outcome {
	const actualMs = pointMs * ratio;
	return { plan, pointMs, lowMs: pointMs * 0.5, highMs: pointMs * 1.8, ageMs, actualMs: actualMs <= ageMs ? actualMs : null };
}

/** `count` forecasts of 20 s made every 10 s, the last one an hour ago; ratios spread evenly between the two given. */
const history = (count: number, from: number, to: number, plan = "pro"): Outcome[] =>
	Array.from({ length: count }, (_, index) =>
		outcome(20_000, from + ((to - from) * ((index * 7) % count)) / count, 3_600_000 + index * 10_000, plan),
	);

const spreadOf = (calibration: Calibration) => forecast(20_000, "pro", calibration);

test("before anything was measured, the range is a prior and says so", () => {
	const { p10Ms, p50Ms, p90Ms, method, coverage } = forecast(20_000, "pro", calibrate([]));
	expect([p10Ms, p50Ms, p90Ms]).toEqual([10_000, 20_000, 36_250]);
	expect(method).toContain("not yet measured");
	expect(coverage).toBeNull();
});

test("29 outcomes are too few; with 30 the range is measured and says on how many", () => {
	expect(spreadOf(calibrate(history(29, 1, 2))).method).toContain("not yet measured");
	expect(spreadOf(calibrate(history(30, 1, 2))).method).toContain("measured on the last 30");
});

test("when jobs take one to two times the estimate, the middle and the ends of the range follow", () => {
	const { p10Ms, p50Ms, p90Ms } = spreadOf(calibrate(history(200, 1, 2)));
	expect(p10Ms).toBeGreaterThanOrEqual(20_000);
	expect(p10Ms).toBeLessThan(23_000);
	expect(p50Ms).toBeGreaterThan(28_000);
	expect(p50Ms).toBeLessThan(32_000);
	expect(p90Ms).toBeGreaterThan(37_000);
	expect(p90Ms).toBeLessThanOrEqual(40_000);
});

test("after a shift the range follows the newer outcomes", () => {
	const older = history(200, 1, 2).map((it) => ({ ...it, ageMs: it.ageMs + 7_200_000 }));
	expect(spreadOf(calibrate([...older, ...history(150, 3, 4)])).p50Ms).toBeGreaterThan(60_000);
});

test("jobs that still wait long past their range widen it before they end", () => {
	const stuck = Array.from({ length: 60 }, (_, index) => ({ ...outcome(20_000, 99, 100_000 + index * 1_000), actualMs: null }));
	const [before, after] = [spreadOf(calibrate(history(200, 1, 2))), spreadOf(calibrate([...history(200, 1, 2), ...stuck]))];
	expect(after.p90Ms).toBeGreaterThan(before.p90Ms * 2);
});

test("forecasts made a moment ago, whose jobs cannot have ended yet, change nothing", () => {
	const fresh = Array.from({ length: 40 }, () => ({ ...outcome(20_000, 99, 500), actualMs: null }));
	const known = history(200, 1, 2);
	const [before, after] = [spreadOf(calibrate(known)), spreadOf(calibrate([...known, ...fresh]))];
	expect(Math.abs(Math.log(after.p90Ms / before.p90Ms))).toBeLessThan(0.05);
});

test("a horizon without outcomes takes its neighbours' errors; one far from all takes the plan's", () => {
	const calibration = calibrate(history(100, 1, 2));
	expect(forecast(50_000, "pro", calibration).p50Ms).toBeGreaterThan(70_000);
	const far = forecast(2_000_000, "pro", calibration);
	expect(far.p50Ms).toBeGreaterThan(2_800_000);
	expect(far.method).toContain("all lengths");
});

test("a plan without outcomes takes the pool's errors", () => {
	expect(forecast(20_000, "free", calibrate(history(100, 2, 3))).p50Ms).toBeGreaterThan(45_000);
});

test("coverage counts a job that waits past its range as missed, and leaves out ranges that are not over", () => {
	const waitsPast = { ...outcome(20_000, 99, 40_000), actualMs: null };
	const notOver = { ...outcome(20_000, 99, 30_000), actualMs: null };
	const endedEarlyNotOver = outcome(20_000, 1, 30_000);
	expect(coverageOf([outcome(20_000, 1, 60_000), waitsPast, notOver, endedEarlyNotOver])).toEqual({ share: 0.5, outcomes: 2 });
	expect(coverageOf([notOver])).toBeNull();
});

test("p10, p50 and p90 are in order, finite and not negative, whatever was measured", () => {
	const any = fc
		.tuple(
			fc.integer({ min: 1, max: 2_000_000 }),
			fc.double({ min: 0.01, max: 50, noNaN: true }),
			fc.nat(9_000_000),
			fc.constantFrom("pro", "free"),
		)
		.map(([pointMs, ratio, ageMs, plan]) => outcome(pointMs, ratio, ageMs, plan));
	fc.assert(
		fc.property(fc.array(any, { maxLength: 150 }), fc.nat(3_000_000), (outcomes, pointMs) => {
			const { p10Ms, p50Ms, p90Ms } = forecast(pointMs, "pro", calibrate(outcomes));
			expect(p10Ms).toBeGreaterThanOrEqual(0);
			expect(p50Ms).toBeGreaterThanOrEqual(p10Ms);
			expect(p90Ms).toBeGreaterThanOrEqual(p50Ms);
			expect(Number.isFinite(p90Ms)).toBe(true);
		}),
	);
});

test("every estimate has a horizon", () => {
	expect([0, 2_999, 3_000, 999_999, 1_000_000, 1e12].map(horizonOf)).toEqual([0, 0, 1, 5, 6, 6]);
});

test("when errors are alike from one job to the next, four of five jobs end within their range", () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
			let state = seed;
			const next = (): number => {
				state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
				return (state >>> 8) / 2 ** 24;
			};
			const ratio = (): number => Math.exp(next() + next() + next() - 1.5);
			const past = Array.from({ length: 300 }, (_, index) => outcome(20_000, ratio(), 10_000_000 + index));
			const { p10Ms, p90Ms } = spreadOf(calibrate(past));
			const ends = Array.from({ length: 2_000 }, () => 20_000 * ratio());
			const share = ends.filter((ms) => ms >= p10Ms && ms <= p90Ms).length / ends.length;
			// Quantiles of about 144 effective outcomes: five standard errors.
			expect(share).toBeGreaterThan(0.63);
			expect(share).toBeLessThan(0.97);
		}),
		{ numRuns: 50 },
	);
});
