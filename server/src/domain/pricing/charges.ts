import type { TaskDraft } from "../jobs/jobStore.ts";
import type { Plan } from "../plans/operatorConfig.ts";
import type { StepKind } from "../ports.ts";
import type { Coverage } from "./quote.ts";

/** A step as planned, before it has a price. */
export interface PlannedTask extends Omit<TaskDraft, "listMicroUsd" | "priceMicroUsd" | "quotaUnits"> {
	/** What it costs, by what may cover it. Repainting has two: the model's own price, and what repainting adds. */
	charges: Charge[];
}

export interface Charge {
	/** `generate` is the model's own price, `inpaint` what repainting adds to it. */
	kind: StepKind;
	/** Before discount and quota. */
	listMicroUsd: number;
}

/** What of the plan can pay for it: its monthly pictures cover the step kinds it includes, its monthly repaintings what repainting adds. */
export function coverageOf(charge: Charge, plan: Plan): Coverage | null {
	if (plan.free) return "free";
	if (charge.kind === "inpaint") return "inpainting";
	if (charge.kind === "train_lora") return plan.included.includes("train_lora") ? "training" : null;
	return plan.included.includes(charge.kind) ? "image" : null;
}
