import { draws, type SettledStep } from "../workflows/settleSteps.ts";
import { unsupported } from "./unsupported.ts";

/** Several pictures are asked for, and each would be the same and cost as much: nothing in the workflow goes by a seed. @throws {GlassworksError} unsupported_by_model */
export function checkCount(steps: readonly SettledStep[], count: number): void {
	const goesBySeed = ({ step, drawnBy }: SettledStep) => step.kind === "graph" || (draws(step) && drawnBy?.seeded !== false);
	if (count === 1 || steps.some(goesBySeed)) return;
	const model = steps.find(({ drawnBy }) => drawnBy)?.model;
	const why = model ? `${model} makes the same picture whatever the seed` : "the workflow draws nothing, so all would be the same";
	throw unsupported(["count"], `${why}; ask for 1`);
}
