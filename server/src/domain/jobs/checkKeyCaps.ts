import type { ApiGraph, GraphBinding } from "../engines/apiGraph.ts";
import type { JsonObject } from "../json.ts";
import { type KeyCaps, overKeyCap } from "../plans/keyCaps.ts";
import type { OperatorConfig, Plan } from "../plans/operatorConfig.ts";
import { checkGraphSafety } from "../workflows/comfy/checkGraphSafety.ts";
import { fillGraph } from "../workflows/comfy/fillGraph.ts";
import { graphPolicyOf } from "../workflows/graphPolicyOf.ts";
import { draws, type SettledStep } from "../workflows/settleSteps.ts";

interface AtHand {
	plan: Plan;
	config: OperatorConfig;
}

/**
 * Refuses what the key that asks may not, after checkSteps. What jobs accepted meanwhile could use up (spend, unfinished pictures) is
 * checked where a job is accepted. @throws {GlassworksError} over_key_cap
 */
export function checkKeyCaps(steps: readonly SettledStep[], caps: KeyCaps, atHand: AtHand): void {
	for (const settled of steps) {
		checkModels(settled, caps);
		if (draws(settled.step)) checkDrawing(settled, caps);
		if (settled.step.kind === "graph") checkGraph(settled, caps, atHand);
	}
}

function checkModels({ drawnBy, priced }: SettledStep, { models }: KeyCaps): void {
	if (!models) return;
	const other = [...(drawnBy ? [drawnBy] : []), ...priced].find(({ name }) => !models.includes(name));
	if (!other) return;
	const allowed = models.length > 0 ? `may use ${models.join(", ")}` : "may use no model";
	throw overKeyCap("models", `This key ${allowed}; asked for ${other.name}`, { max: models, asked: other.name });
}

function checkDrawing({ params, size }: SettledStep, { maxPixels, maxSteps }: KeyCaps): void {
	const pixels = Math.max(Number(params.widthPx) * Number(params.heightPx) || 0, (size?.widthPx ?? 0) * (size?.heightPx ?? 0));
	if (typeof maxPixels === "number" && pixels > maxPixels)
		throw overKeyCap("max_pixels", `This key draws pictures of up to ${maxPixels} pixels; asked for ${pixels}`, {
			max: maxPixels,
			asked: pixels,
		});
	const steps = Number(params.steps) || 0;
	if (typeof maxSteps === "number" && steps > maxSteps)
		throw overKeyCap("max_steps", `This key runs up to ${maxSteps} steps; asked for ${steps}`, { max: maxSteps, asked: steps });
}

/** Sizes in a graph follow from one another: each side is held to that of a square of so many pixels. */
function checkGraph({ params, sizesIn }: SettledStep, { maxPixels = null, maxSteps = null }: KeyCaps, { plan, config }: AtHand): void {
	const bindings = (params.bindings ?? []) as GraphBinding[];
	const filled = fillGraph({ graph: params.graph as ApiGraph, bindings, values: (params.values ?? {}) as JsonObject });
	const fields = { inputs: [], assets: bindings.filter((binding) => "picture" in binding) };
	const problemOn = (narrowed: Partial<Plan>) => checkGraphSafety(filled, graphPolicyOf(config, { ...plan, ...narrowed }, fields))[0];
	if (maxPixels !== null) {
		const side = Math.floor(Math.sqrt(maxPixels));
		const given = Math.max(0, ...Object.values(sizesIn).map(({ widthPx, heightPx }) => widthPx * heightPx));
		const problem = problemOn({ maxSidePx: Math.max(1, Math.min(side, plan.maxSidePx ?? side)) });
		const what = given > maxPixels ? `one of its pictures has ${given}` : problem?.message.replace(/\.$/, "");
		if (what !== undefined)
			throw overKeyCap("max_pixels", `This key runs graphs of up to ${maxPixels} pixels, ${side} per side: ${what}`, { max: maxPixels });
	}
	const problem = maxSteps === null ? undefined : problemOn({ maxSteps: Math.min(maxSteps, plan.maxSteps ?? maxSteps) });
	if (maxSteps !== null && problem)
		throw overKeyCap("max_steps", `This key runs up to ${maxSteps} steps: ${problem.message.replace(/\.$/, "")}`, { max: maxSteps });
}
