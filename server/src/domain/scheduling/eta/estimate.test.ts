import fc from "fast-check";
import { expect, test } from "vitest";
import { estimateMs, type PoolOutlook, type PoolWorker, type StepOutlook } from "./estimate.ts";

const worker = (models: string[], loadedModel: string | null, ...slotsLeftMs: number[]): PoolWorker => ({
	models: new Set(models),
	loadedModel,
	slotsLeftMs,
});
const step = (queue: Partial<PoolOutlook> | null, ownMs = 4_000): StepOutlook => ({
	model: "sdxl",
	loadMs: 15_000,
	ownMs,
	queue: queue && { workers: [], ahead: [], loadPerRun: 0, ...queue },
});
const sdxlWork = (workMs: number) => ({ model: "sdxl", workMs, loadMs: 15_000 });
const fluxWork = (workMs: number) => ({ model: "flux", workMs, loadMs: 20_000 });

test("with a free worker that holds the model and nobody ahead, a job takes its own time", () => {
	expect(estimateMs([step({ workers: [worker(["sdxl"], "sdxl", 0), worker(["sdxl"], null, 9_000)] })])).toBe(4_000);
});

test("a running step takes what is left of it, whatever waits", () => {
	expect(estimateMs([step(null, 1_500)])).toBe(1_500);
});

test("with every worker busy, a job starts when the first is free: what runs is counted once", () => {
	const workers = [worker(["sdxl"], "sdxl", 3_000), worker(["sdxl"], "sdxl", 5_000)];
	expect(estimateMs([step({ workers })])).toBe(3_000 + 4_000);
	// 8 s ahead: the first worker runs 5 s of them, the second 3 s; both are free after 8 s.
	expect(estimateMs([step({ workers, ahead: [sdxlWork(8_000)] })])).toBe(8_000 + 4_000);
});

test("a worker with two slots does twice the work", () => {
	expect(estimateMs([step({ workers: [worker(["sdxl"], "sdxl", 0, 0)], ahead: [sdxlWork(8_000)] })])).toBe(4_000 + 4_000);
});

test("a model no worker holds costs its load", () => {
	expect(estimateMs([step({ workers: [worker(["sdxl", "flux"], "flux", 0)] })])).toBe(15_000 + 4_000);
});

test("whichever is sooner counts: waiting for the worker that holds the model, or loading it on another", () => {
	const waitFor = (heldForMs: number) =>
		estimateMs([step({ workers: [worker(["sdxl", "flux"], "sdxl", heldForMs), worker(["sdxl", "flux"], "flux", 0)] })]);
	expect(waitFor(6_000)).toBe(6_000 + 4_000);
	expect(waitFor(60_000)).toBe(15_000 + 4_000);
});

test("work that none of our workers can run does not delay us", () => {
	const workers = [worker(["sdxl"], "sdxl", 0), worker(["flux"], "flux", 0)];
	expect(estimateMs([step({ workers, ahead: [fluxWork(900_000)] })])).toBe(4_000);
});

test("without a live worker for some step there is no estimate", () => {
	expect(estimateMs([step({ workers: [worker(["flux"], "flux", 0)] })])).toBeNull();
	expect(estimateMs([step(null), step({ workers: [] })])).toBeNull();
});

test("steps that follow add their own wait and time", () => {
	const workers = [worker(["sdxl"], "sdxl", 1_000)];
	expect(estimateMs([step(null, 1_000), step({ workers }, 2_000)])).toBe(1_000 + 1_000 + 2_000);
});

const anyModels = fc.subarray(["sdxl", "flux", "turbo"], { minLength: 1 });
const anyWorker = fc
	.record({ models: anyModels, loaded: fc.nat(2), slots: fc.array(fc.nat(60_000), { minLength: 1, maxLength: 2 }) })
	.map(({ models, loaded, slots }) => worker(models, models[loaded] ?? null, ...slots));
const anyWork = fc.record({ model: fc.constantFrom("sdxl", "flux", "turbo"), workMs: fc.nat(600_000), loadMs: fc.nat(30_000) });
const anyQueue = fc.record({
	workers: fc.array(anyWorker, { maxLength: 6 }),
	ahead: fc.uniqueArray(anyWork, { selector: ({ model }) => model }),
	loadPerRun: fc.double({ min: 0, max: 3, noNaN: true }),
});
const orNever = (ms: number | null): number => ms ?? Number.POSITIVE_INFINITY;

test("one more worker never makes a job later", () => {
	fc.assert(
		fc.property(anyQueue, anyWorker, (queue, extra) => {
			const more = { ...queue, workers: [...queue.workers, extra] };
			expect(orNever(estimateMs([step(more)]))).toBeLessThanOrEqual(orNever(estimateMs([step(queue)])) + 1e-6);
		}),
		{ numRuns: 1_000 },
	);
});

test("more work ahead never makes a job earlier", () => {
	fc.assert(
		fc.property(anyQueue, fc.nat(2), fc.nat(100_000), (queue, place, extraMs) => {
			const ahead = queue.ahead.map((work, index) => (index === place ? { ...work, workMs: work.workMs + extraMs } : work));
			expect(orNever(estimateMs([step({ ...queue, ahead })]))).toBeGreaterThanOrEqual(orNever(estimateMs([step(queue)])) - 1e-6);
		}),
		{ numRuns: 1_000 },
	);
});

test("a job never takes less than its own time, nor longer than one capable worker alone would need for everything", () => {
	fc.assert(
		fc.property(anyQueue, (queue) => {
			const estimate = estimateMs([step(queue)]);
			expect(estimate === null).toBe(queue.workers.every(({ models }) => !models.has("sdxl")));
			if (estimate === null) return;
			const all = queue.ahead.reduce((sum, { workMs, loadMs }) => sum + workMs * (1 + queue.loadPerRun) + loadMs, 0);
			expect(estimate).toBeGreaterThanOrEqual(4_000);
			expect(estimate).toBeLessThanOrEqual(60_000 + all + 15_000 + 4_000 + 1e-6);
		}),
	);
});
