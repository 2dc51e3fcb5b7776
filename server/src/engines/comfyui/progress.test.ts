import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../../domain/json.ts";
import { trackProgress } from "./progress.ts";

const node = (class_type: string, inputs: JsonObject = {}) => ({ class_type, inputs });
const frame = (type: string, data: JsonObject) => ({ kind: "event" as const, type, promptId: "p", data });
const progress = (id: string, value: number, max: number) => frame("progress", { node: id, value, max });

/** Two passes of a sampler, as with a second pass at a larger size. */
const twoPasses = {
	"1": node("CheckpointLoaderSimple"),
	"2": node("KSampler", { steps: 20 }),
	"3": node("KSampler", { steps: 10 }),
	"4": node("SaveImage"),
};

test("a second pass goes on where the first ended, each as long as its steps", () => {
	const hear = trackProgress(twoPasses);
	hear(frame("executing", { node: "1" }));
	hear(frame("executing", { node: "2" }));
	expect(hear(progress("2", 20, 20))).toMatchObject({ step: 20, steps: 20, fraction: 22 / 34 });
	hear(frame("executing", { node: "3" }));
	expect(hear(progress("3", 5, 10))?.fraction).toBeCloseTo((22 + 5.5) / 34);
});

test("a sampler that is given its schedule by another node counts that one's steps", () => {
	const hear = trackProgress({ "1": node("BasicScheduler", { steps: 8 }), "2": node("SamplerCustomAdvanced", { sigmas: ["1", 0] }) });
	expect(hear(progress("2", 4, 8))).toEqual({ fraction: 4.5 / 10, step: 4, steps: 8 });
});

test("nodes out of the cache count as done", () => {
	const hear = trackProgress(twoPasses);
	expect(hear(frame("execution_cached", { nodes: ["1", "2"] }))?.fraction).toBeCloseTo(22 / 34);
});

test("nodes of an expanded subgraph, which the graph does not have, change nothing", () => {
	expect(trackProgress(twoPasses)(progress("2:9", 1, 2))).toBeNull();
});

test("whatever a server sends, progress grows and stays between 0 and 1", () => {
	const number = fc.oneof(fc.integer({ min: -5, max: 50 }), fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, 1e300));
	const id = fc.constantFrom("1", "2", "3", "4", "__proto__", "9");
	const any = fc.record({ type: fc.constantFrom("progress", "executing", "executed"), node: id, value: number, max: number });
	fc.assert(
		fc.property(fc.array(any), (frames) => {
			const hear = trackProgress(twoPasses);
			const told = frames.flatMap(({ type, ...data }) => hear(frame(type, data))?.fraction ?? []);
			expect(told).toEqual([...new Set(told)].toSorted((a, b) => a - b));
			expect(told.every((fraction) => fraction > 0 && fraction < 1)).toBe(true);
		}),
	);
});
