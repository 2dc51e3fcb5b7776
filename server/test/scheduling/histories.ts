import fc from "fast-check";

/** One thing that happens to a line. Numbers choose among what is there then, modulo its count; nothing there: nothing happens. */
export type Event =
	| { do: "nothing" }
	| { do: "submit"; tenant: number; pictures: number; kind: number; predictedMs: number; later: boolean }
	| { do: "release"; job: number }
	| { do: "claim"; worker: number; atMost: number }
	| { do: "finish"; running: number; outcome: "done" | "retry" | "failed" }
	| { do: "cancel"; job: number }
	| { do: "toFront"; job: number }
	| { do: "changePlan"; tenant: number; terms: Terms };

export interface Terms {
	weight: number;
	cap: number | null;
}

export const anyPredictedMs = fc.oneof(fc.integer({ min: 1, max: 12_000 }), fc.constantFrom(1, 999, 3_000));
/** Free, starter, pro and enterprise, with and without a cap on pictures at once. */
export const anyTerms = fc.record({ weight: fc.constantFrom(0.05, 1, 3, 12), cap: fc.constantFrom(null, 1, 2, 3) });
const anyNumber = fc.nat({ max: 1_000 });

const kinds = {
	submit: fc.record({
		do: fc.constant("submit" as const),
		tenant: anyNumber,
		pictures: fc.integer({ min: 1, max: 4 }),
		kind: anyNumber,
		predictedMs: anyPredictedMs,
		later: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
	}),
	release: fc.record({ do: fc.constant("release" as const), job: anyNumber }),
	claim: fc.record({ do: fc.constant("claim" as const), worker: anyNumber, atMost: fc.integer({ min: 1, max: 3 }) }),
	finish: fc.record({
		do: fc.constant("finish" as const),
		running: anyNumber,
		outcome: fc.constantFrom("done" as const, "done" as const, "done" as const, "retry" as const, "failed" as const),
	}),
	cancel: fc.record({ do: fc.constant("cancel" as const), job: anyNumber }),
	toFront: fc.record({ do: fc.constant("toFront" as const), job: anyNumber }),
	changePlan: fc.record({ do: fc.constant("changePlan" as const), tenant: anyNumber, terms: anyTerms }),
};

/** How often each kind happens; what is not named does not. */
export function anyEvent(weights: Partial<Record<keyof typeof kinds, number>>): fc.Arbitrary<Event> {
	const chosen = Object.entries(weights).map(([kind, weight]) => ({ weight, arbitrary: kinds[kind as keyof typeof kinds] }));
	return fc.oneof({ withCrossShrink: true }, { weight: 1, arbitrary: fc.record({ do: fc.constant("nothing" as const) }) }, ...chosen);
}

export const pick = <T>(list: readonly T[], number: number): T | undefined => list[number % Math.max(1, list.length)];
