import fc from "fast-check";
import { expect, test } from "vitest";
import { graphStep, open, postedPrompts, resultOf, runStep } from "./harness.ts";
import { recordedRun } from "./replay/recordedRun.ts";
import { type Step, scriptOf } from "./replay/script.ts";

/** Runs of every kind of end, and what HTTP says of each. */
const runs = [
	{ run: recordedRun("13-client-chosen-prompt-id", 0), result: "1 pictures" },
	{ run: recordedRun("02-txt2img-feature-flags-preview4"), result: "1 pictures" },
	{ run: recordedRun("15-batch-multi-output-preview-temp"), result: "4 pictures" },
	{ run: recordedRun("06-node-execution-error", 0), result: "internal" },
	{ run: recordedRun("06-node-execution-error", 1), result: "out_of_memory" },
	{ run: recordedRun("06-node-execution-error", 2), result: "engine_invalid" },
];

/** What can happen to one frame on its way. `late` moves it that many places back, past the end too. */
const fate = fc.oneof(
	{ weight: 4, arbitrary: fc.constant({ kind: "passes" as const }) },
	{ weight: 2, arbitrary: fc.constant({ kind: "lost" as const }) },
	{ weight: 2, arbitrary: fc.constant({ kind: "doubled" as const }) },
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant("late" as const), places: fc.integer({ min: 1, max: 40 }) }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant("early" as const), places: fc.integer({ min: 1, max: 40 }) }) },
	{ weight: 1, arbitrary: fc.constantFrom({ kind: "drop_sockets" as const }, { kind: "deafen" as const }) },
);
type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never;

/** Changes only what is hinted: `start` and `end`, the truth, stay where they are among themselves. */
function disturb(steps: Step[], fates: Fate[]): Step[] {
	const placed = steps.flatMap((step, at): { at: number; step: Step }[] => {
		const fate = step.do === "frame" ? fates[at % fates.length] : undefined;
		switch (fate?.kind) {
			case "lost":
				return [];
			case "doubled":
				return [
					{ at, step },
					{ at: at + 0.5, step },
				];
			case "late":
				return [{ at: at + fate.places + 0.5, step }];
			case "early":
				return [{ at: at - fate.places - 0.5, step }];
			case "drop_sockets":
			case "deafen":
				return [
					{ at, step },
					{ at, step: { do: fate.kind } },
				];
			default:
				return [{ at, step }];
		}
	});
	return placed.toSorted((a, b) => a.at - b.at).map(({ step }) => step);
}

test("whatever happens to hints, the outcome is what HTTP says, once, and progress never goes back", async () => {
	await fc.assert(
		fc.asyncProperty(fc.constantFrom(...runs), fc.array(fate, { minLength: 1, maxLength: 60 }), async ({ run, result }, fates) => {
			const scene = await open({ runs: [run], script: (steps) => disturb(steps, fates) });
			const outcome = await runStep(scene, graphStep(run));
			await scene.engine.close();
			await scene.server.close();
			expect(resultOf(outcome)).toBe(result);
			expect(postedPrompts(scene)).toHaveLength(1);
			const fractions = outcome.progress.map(({ fraction }) => fraction);
			expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
			expect(fractions.every((fraction) => fraction > 0 && fraction < 1)).toBe(true);
		}),
		{ numRuns: 60 },
	);
}, 120_000);

test("what the replay is told to disturb, it disturbs: truth stays in its order", () => {
	const steps = scriptOf(recordedRun("13-client-chosen-prompt-id", 0));
	const lost = disturb(steps, [{ kind: "lost" }]);
	expect(lost.map(({ do: what }) => what)).toEqual(["start", "end"]);
	expect(disturb(steps, [{ kind: "doubled" }]).length).toBe(2 * steps.length - 2);
});
