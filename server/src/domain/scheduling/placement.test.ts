import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SCENARIOS } from "../../../../bench/schedule/scenarios.ts";
import { measure } from "../../../../bench/simulation/measure.ts";
import { simulate } from "../../../../bench/simulation/simulate.ts";
import type { Outcome } from "../../../../bench/simulation/world.ts";
import { choosePlacement, type ModelQueue, PLACEMENT_DEFAULTS, type PlacementState } from "./placement.ts";

const settings = { runPerLoad: 5, maxPassOverMs: 240_000 };
const LOAD_MS = 15_000;

function queue(model: string, fields: Partial<ModelQueue> = {}): ModelQueue {
	return { model, headKey: 0, headId: 1, headPassedMs: 0, dueMs: 0, loadMs: LOAD_MS, holdersFreeInMs: [], ...fields };
}

/** A worker that holds `sdxl` and has work for it whose tag is later than any other's. */
function holdsSdxl(...others: ModelQueue[]): PlacementState {
	return { loadedModel: "sdxl", queues: [queue("sdxl", { headKey: 1_000_000, loadMs: 0 }), ...others] };
}

describe("choosing the model a free worker serves", () => {
	it("keeps the loaded model while the work due before it would not pay for a load", () => {
		const state = holdsSdxl(queue("flux", { dueMs: 5 * LOAD_MS - 1 }));
		expect(choosePlacement(state, settings)).toEqual({ models: ["sdxl"], reason: "loaded_first" });
	});

	it("loads a model as soon as the work due runs five times as long as the load", () => {
		const state = holdsSdxl(queue("flux", { dueMs: 5 * LOAD_MS }));
		expect(choosePlacement(state, settings)).toEqual({ models: ["flux"], reason: "load_pays" });
	});

	it("asks for more due work when other workers hold the model already", () => {
		const held = { holdersFreeInMs: [2_000, 30_000] };
		expect(choosePlacement(holdsSdxl(queue("flux", { ...held, dueMs: 14 * LOAD_MS })), settings).models).toEqual(["sdxl"]);
		expect(choosePlacement(holdsSdxl(queue("flux", { ...held, dueMs: 15 * LOAD_MS })), settings).models).toEqual(["flux"]);
	});

	it("asks for less due work the longer the head has been passed over", () => {
		const state = holdsSdxl(queue("flux", { dueMs: 2.5 * LOAD_MS, headPassedMs: 120_000 }));
		expect(choosePlacement(state, settings).reason).toBe("load_pays");
	});

	it("takes the head that was passed over longest once the longest time allowed is reached", () => {
		const state = holdsSdxl(queue("flux", { headPassedMs: 240_000 }), queue("rare", { headKey: 500, headPassedMs: 250_000 }));
		expect(choosePlacement(state, settings)).toEqual({ models: ["rare"], reason: "overdue" });
	});

	it("leaves work to workers that hold its model and get there sooner than a load takes", () => {
		const covered = queue("flux", { dueMs: LOAD_MS, holdersFreeInMs: [4_000] });
		expect(choosePlacement({ loadedModel: "sdxl", queues: [covered] }, settings)).toEqual({ models: [], reason: "left_to_holders" });
	});

	it("does not leave work to a holder that is busy for long, or that has too much to do", () => {
		const busyHolder = queue("flux", { dueMs: 1_000, holdersFreeInMs: [600_000] });
		const longQueue = queue("flux", { dueMs: 2 * LOAD_MS, holdersFreeInMs: [4_000] });
		for (const only of [busyHolder, longQueue]) {
			expect(choosePlacement({ loadedModel: "sdxl", queues: [only] }, settings)).toEqual({ models: ["flux"], reason: "load_pays" });
		}
	});

	it("takes nothing when nothing waits", () => {
		expect(choosePlacement({ loadedModel: "sdxl", queues: [] }, settings)).toEqual({ models: [], reason: "nothing_waits" });
	});
});

const duration = fc.integer({ min: 0, max: 400_000 });
const anyQueue = fc.record({
	headKey: fc.integer({ min: 0, max: 20 }),
	headPassedMs: fc.oneof(fc.constant(0), duration),
	dueMs: duration,
	loadMs: fc.constantFrom(0, 3_000, LOAD_MS),
	holdersFreeInMs: fc.array(duration, { maxLength: 3 }),
});
const anyState = fc.record({ loadedModel: fc.constantFrom(null, "model-0", "unwanted"), queues: fc.array(anyQueue, { maxLength: 6 }) }).map(
	({ loadedModel, queues }): PlacementState => ({
		loadedModel,
		queues: queues.map((each, id) => ({ ...each, model: `model-${id}`, headId: id })),
	}),
);

function inTagOrder(queues: readonly ModelQueue[]): ModelQueue[] {
	return queues.toSorted((a, b) => a.headKey - b.headKey || a.headId - b.headId);
}

function check(property: (state: PlacementState) => void): void {
	fc.assert(fc.property(anyState, property), { numRuns: 2_000 });
}

describe("whatever waits and whoever asks", () => {
	it("only models that wait are chosen, each once", () => {
		check((state) => {
			const { models } = choosePlacement(state, settings);
			expect(new Set(models).size).toBe(models.length);
			expect(state.queues.map(({ model }) => model)).toEqual(expect.arrayContaining([...models]));
		});
	});

	it("a head passed over for the longest time allowed goes before everything that was passed over for less", () => {
		check((state) => {
			const longestMs = Math.max(...state.queues.map(({ headPassedMs }) => headPassedMs));
			const { models } = choosePlacement(state, settings);
			if (longestMs < settings.maxPassOverMs) return;
			expect(models).toHaveLength(1);
			expect(state.queues.find(({ model }) => model === models[0])?.headPassedMs).toBe(longestMs);
		});
	});

	it("without anything to load, or with nothing loaded, the smallest tag goes first", () => {
		check((state) => {
			const queues = state.queues.map((each) => ({ ...each, headPassedMs: 0 }));
			const smallest = inTagOrder(queues)[0];
			if (!smallest) return;
			expect(choosePlacement({ loadedModel: null, queues }, settings).models[0]).toBe(smallest.model);
			const ready = queues.map((each) => ({ ...each, loadMs: 0 }));
			expect(choosePlacement({ ...state, queues: ready }, settings).models).toEqual(inTagOrder(ready).map(({ model }) => model));
		});
	});

	it("a worker that holds the only model that waits takes its work", () => {
		check((state) => {
			const [only] = state.queues;
			if (only)
				expect(choosePlacement({ loadedModel: only.model, queues: [{ ...only, loadMs: 0 }] }, settings).models).toEqual([only.model]);
		});
	});

	it("a load never serves a task that is due later than what the worker could run at once, unless that one is overdue", () => {
		check((state) => {
			const own = inTagOrder(state.queues.filter(({ loadMs }) => loadMs === 0))[0];
			const { models, reason } = choosePlacement(state, settings);
			if (!own || reason !== "load_pays") return;
			const chosen = state.queues.find(({ model }) => model === models[0]);
			expect(chosen && inTagOrder([chosen, own])[0]).toBe(chosen);
		});
	});

	it("counting due work only until it is enough changes no answer", () => {
		check((state) => {
			const queues = state.queues.map((each) => {
				const enoughMs = settings.runPerLoad * each.loadMs * (each.holdersFreeInMs.length + 1);
				return { ...each, dueMs: Math.min(each.dueMs, enoughMs + 1) };
			});
			expect(choosePlacement({ ...state, queues }, settings)).toEqual(choosePlacement(state, settings));
		});
	});

	it("the answer depends on nothing but the state, and not on the order in which it was told", () => {
		fc.assert(
			fc.property(anyState, fc.integer(), (state, turn) => {
				const shift = state.queues.length === 0 ? 0 : Math.abs(turn) % state.queues.length;
				const queues = [...state.queues.slice(shift), ...state.queues.slice(0, shift)].reverse();
				expect(choosePlacement({ ...state, queues }, settings)).toEqual(choosePlacement(state, settings));
			}),
		);
	});
});

/** One simulated hour is enough to see a promise broken, and takes milliseconds. */
function simulateHour(name: string, maxPassOverMs = PLACEMENT_DEFAULTS.maxPassOverMs): Outcome {
	const scenario = SCENARIOS.find((each) => each.name === name);
	if (!scenario) throw new RangeError(`no such scenario: ${name}`);
	const policy = (state: PlacementState) => choosePlacement(state, { ...PLACEMENT_DEFAULTS, maxPassOverMs });
	return simulate({ world: scenario.world, durationMs: 3_600_000, seed: 7, order: "fair", policy });
}

describe("a pool under this policy", () => {
	it.each([60_000, 240_000])(
		"takes every head within %i ms of passing it over, plus its share of the loads and tasks that are overdue too",
		(maxPassOverMs) => {
			const longestTaskMs = 30_000;
			for (const { name, world } of SCENARIOS) {
				const turns = Math.ceil(world.models.length / world.workers.length);
				const { longestPassOverMs } = simulateHour(name, maxPassOverMs);
				expect(longestPassOverMs, name).toBeLessThanOrEqual(maxPassOverMs + turns * (longestTaskMs + LOAD_MS));
			}
		},
	);

	it("gives backlogged pro tenants three times what starter tenants get, and tenants of one plan the same", () => {
		const { proToStarter, jain } = measure([simulateHour("8 workers, 5 models")], 600_000);
		expect(proToStarter).toBeCloseTo(3, 1);
		expect(jain).toBeGreaterThan(0.999);
	});

	it("runs the same load in the same way again", () => {
		expect(simulateHour("3 workers, 5 models")).toEqual(simulateHour("3 workers, 5 models"));
	});
});
