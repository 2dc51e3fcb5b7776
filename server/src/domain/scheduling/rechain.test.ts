import fc from "fast-check";
import { expect, test } from "vitest";
import { virtualCost } from "./fairQueue.ts";
import { type ChainLink, closeGap, moveToFront, reweigh } from "./rechain.ts";

const line = fc
	.array(
		fc.record({
			job: fc.integer({ min: 0, max: 3 }),
			predictedMs: fc.integer({ min: 1, max: 10_000 }),
			weight: fc.constantFrom(0.05, 1, 3),
			gap: fc.constantFrom(0, 0, 1, 5_000_000),
		}),
		{ minLength: 1, maxLength: 12 },
	)
	.map((orders) => {
		let last = 0;
		return orders.map(({ job, gap, ...order }): ChainLink => {
			// What came after a pause came when the line was empty.
			const floorKey = gap > 0 ? last + gap : 0;
			last += gap + virtualCost(order.predictedMs, order.weight);
			return { ...order, jobId: `job_${job}`, orderKey: last, floorKey };
		});
	});

/** How much of the line lies before an instant of virtual time. */
const usedBefore = (links: readonly ChainLink[], at: number) =>
	links.reduce((sum, link) => {
		const cost = virtualCost(link.predictedMs, link.weight);
		return sum + Math.max(0, Math.min(at, link.orderKey) - (link.orderKey - cost));
	}, 0);

test("moving to the front uses the same virtual time in another order", () => {
	fc.assert(
		fc.property(line, fc.integer({ min: 0, max: 3 }), (links, job) => {
			const front = `job_${job}`;
			const moves = moveToFront(links, front);
			const rest = links.filter((link) => link.jobId !== front);
			expect(moves.map((move) => move.link)).toEqual([...links.filter((link) => link.jobId === front), ...rest]);
			let served = 0;
			for (const { link, orderKey } of moves) {
				served += virtualCost(link.predictedMs, link.weight);
				expect(usedBefore(links, orderKey)).toBe(served);
			}
			expect(moves.at(-1)?.orderKey).toBe(links.at(-1)?.orderKey);
			for (const { link, orderKey } of moves) if (link.jobId !== front) expect(orderKey).toBeGreaterThanOrEqual(link.orderKey);
		}),
		{ numRuns: 2_000 },
	);
});

test("the tenant's earliest start stays", () => {
	const links = [
		{ jobId: "a", orderKey: 5_000, predictedMs: 4, weight: 1, floorKey: 0 },
		{ jobId: "b", orderKey: 7_000, predictedMs: 2, weight: 1, floorKey: 0 },
	];
	expect(moveToFront(links, "b").map((move) => move.orderKey)).toEqual([3_000, 7_000]);
});

test("a line whose costs shrank since it was tagged still ends where it ended, and nothing moves before its start", () => {
	const links = [
		{ jobId: "a", orderKey: 2_000, predictedMs: 5, weight: 1, floorKey: 0 },
		{ jobId: "b", orderKey: 3_000, predictedMs: 9, weight: 1, floorKey: 0 },
	];
	expect(moveToFront(links, "b").map((move) => move.orderKey)).toEqual([3_000, 3_000]);
});

test("a larger share moves nothing back, a smaller one nothing forward, and the order stays", () => {
	fc.assert(
		fc.property(line, fc.constantFrom(0.05, 1, 3, 12), (links, weight) => {
			const keys = reweigh(links, weight).map((move) => move.orderKey);
			expect(keys).toEqual(keys.toSorted((a, b) => a - b));
			keys.forEach((key, index) => {
				const link = links[index];
				if (!link) return;
				const before = links.slice(0, index + 1);
				if (before.every((entry) => weight >= entry.weight)) expect(key).toBeLessThanOrEqual(link.orderKey);
				if (before.every((entry) => weight <= entry.weight)) expect(key).toBeGreaterThanOrEqual(link.orderKey);
			});
		}),
		{ numRuns: 2_000 },
	);
});

test("work that came after a pause is never moved before the time at which it came", () => {
	const links = [
		{ jobId: "a", orderKey: 10_000, predictedMs: 10, weight: 1, floorKey: 0 },
		{ jobId: "b", orderKey: 60_000, predictedMs: 10, weight: 1, floorKey: 50_000 },
		{ jobId: "b", orderKey: 70_000, predictedMs: 10, weight: 1, floorKey: 50_000 },
	];
	expect(reweigh(links, 2).map((move) => move.orderKey)).toEqual([5_000, 55_000, 60_000]);
});

test("a larger share moves no picture before the pool's time at which it came, chained to another or not", () => {
	const links = [
		{ jobId: "a", orderKey: 60_000, predictedMs: 60, weight: 1, floorKey: 0 },
		{ jobId: "b", orderKey: 120_000, predictedMs: 60, weight: 1, floorKey: 50_000 },
	];
	expect(reweigh(links, 12).map((move) => move.orderKey)).toEqual([5_000, 55_000]);
});

test("what waits behind a cancelled picture moves up by no more than it was delayed", () => {
	const links = [
		{ jobId: "b", orderKey: 30_000, predictedMs: 10, weight: 1, floorKey: 15_000 },
		{ jobId: "c", orderKey: 40_000, predictedMs: 10, weight: 1, floorKey: 15_000 },
		{ jobId: "d", orderKey: 90_000, predictedMs: 10, weight: 1, floorKey: 80_000 },
	];
	expect(closeGap(links, 0).map((move) => move.orderKey)).toEqual([25_000, 35_000, 90_000]);
});
