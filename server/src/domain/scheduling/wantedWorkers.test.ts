import fc from "fast-check";
import { expect, test } from "vitest";
import { type Demand, maxUtilisation, wantedWorkers } from "./wantedWorkers.ts";

const quiet: Demand = {
	waiting: [],
	arrivedMs: 0,
	windowMs: 600_000,
	runMs: null,
	liveWorkers: 1,
	liveSlots: 1,
	promisedWaitMs: { pro: 60_000 },
};

const demand = fc
	.record({
		waiting: fc
			.record({
				pro: fc.integer({ min: 0, max: 1e8 }),
				starter: fc.integer({ min: 0, max: 1e8 }),
				free: fc.integer({ min: 0, max: 1e8 }),
			})
			.map(({ pro, starter, free }) => [
				{ plan: "pro", weight: 3, ms: pro },
				{ plan: "starter", weight: 1, ms: starter },
				{ plan: "free", weight: 0.05, ms: free },
			]),
		arrivedMs: fc.integer({ min: 0, max: 1e8 }),
		windowMs: fc.constant(600_000),
		runMs: fc.constant(5_000),
		liveWorkers: fc.integer({ min: 0, max: 50 }),
		slotsEach: fc.integer({ min: 1, max: 4 }),
		promisedWaitMs: fc.constant({ pro: 60_000, starter: 600_000 }),
	})
	.map(({ slotsEach, ...rest }): Demand => ({ ...rest, liveSlots: rest.liveWorkers * slotsEach }));
const slotsOf = ({ liveSlots, liveWorkers }: Demand) => (liveWorkers > 0 ? liveSlots / liveWorkers : 1);

test("a quiet pool keeps one worker, and says why", () => {
	expect(wantedWorkers({ ...quiet, liveWorkers: 0, liveSlots: 0 })).toMatchObject({ workers: 1 });
	expect(wantedWorkers(quiet).reasoning.join(" ")).toContain("one worker is kept");
});

test("workers stay at most 85 % busy at the rate work came in", () => {
	const arrived = (workers: number) => ({ ...quiet, arrivedMs: workers * quiet.windowMs });
	expect(wantedWorkers(arrived(0.85)).workers).toBe(1);
	expect(wantedWorkers(arrived(0.86)).workers).toBe(2);
	expect(wantedWorkers(arrived(8.5)).workers).toBe(10);
	expect(wantedWorkers({ ...arrived(8.5), liveWorkers: 2, liveSlots: 8 }).workers).toBe(3);
});

test("what waits is served within its plan's promise, with what others are due meanwhile", () => {
	const waiting = [{ plan: "pro", weight: 3, ms: 240_000 }];
	expect(wantedWorkers({ ...quiet, waiting }).workers).toBe(4);
	const shared = wantedWorkers({ ...quiet, waiting: [...waiting, { plan: "starter", weight: 1, ms: 1e9 }] });
	expect(shared.workers).toBe(6);
	expect(shared.reasoning.join(" ")).toContain("240 s of its work waits, 320 s with what others are due meanwhile");
	expect(wantedWorkers({ ...quiet, waiting: [{ plan: "starter", weight: 1, ms: 1e9 }] }).workers).toBe(1);
});

test("more work never asks for fewer workers", () => {
	fc.assert(
		fc.property(demand, fc.integer({ min: 0, max: 2 }), fc.nat(1e7), (given, at, more) => {
			const { workers } = wantedWorkers(given);
			expect(wantedWorkers({ ...given, arrivedMs: given.arrivedMs + more }).workers).toBeGreaterThanOrEqual(workers);
			const waiting = given.waiting.map((entry, index) => (index === at ? { ...entry, ms: entry.ms + more } : entry));
			expect(wantedWorkers({ ...given, waiting }).workers).toBeGreaterThanOrEqual(workers);
		}),
		{ numRuns: 1_000 },
	);
});

test("it is the smallest number that is enough", () => {
	fc.assert(
		fc.property(demand, (given) => {
			const { workers } = wantedWorkers(given);
			const slots = slotsOf(given);
			const pro = given.waiting[0]?.ms ?? 0;
			const due = given.waiting.reduce((sum, { ms, weight }) => sum + Math.min(ms, (pro * weight) / 3), 0);
			const starter = given.waiting[1]?.ms ?? 0;
			const dueStarter = given.waiting.reduce((sum, { ms, weight }) => sum + Math.min(ms, starter * weight), 0);
			const enough = (n: number, slack: number) =>
				given.arrivedMs <= maxUtilisation * n * slots * given.windowMs * slack &&
				due <= n * slots * 60_000 * slack &&
				dueStarter <= n * slots * 600_000 * slack;
			expect(enough(workers, 1 + 1e-6)).toBe(true);
			if (workers > 1) expect(enough(workers - 1, 1 - 1e-6)).toBe(false);
		}),
		{ numRuns: 1_000 },
	);
});
