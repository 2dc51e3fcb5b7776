import type { QuotaUnit } from "../plans/operatorConfig.ts";
import type { StepKind } from "../ports.ts";

const stepLabels: Record<StepKind, string> = {
	generate: "Picture",
	inpaint: "Repainting",
	graph: "Workflow",
	detect_faces: "Face detection",
	restore_faces: "Face restoration",
	upscale: "Upscale 4x",
	composite: "Compositing",
	resize: "Resizing",
	encode: "Encoding",
	send_email: "E-mail",
};

export function chargeLabel(kind: StepKind, model: string): string {
	return kind === "inpaint" ? stepLabels.inpaint : `${stepLabels[kind]} (${model})`;
}

/** How much of a month's quota was left when a request was priced; null: the plan sets no limit. */
export interface QuotaState {
	limit: number;
	left: number;
}

export function includedLabel(unit: QuotaUnit, state: QuotaState | null): string {
	const what = unit === "image" ? "Included in plan" : "Repainting included in plan";
	if (!state) return what;
	const noun = unit === "image" ? "pictures" : "repaintings";
	return `${what} (${state.left} of ${state.limit} ${noun} left this month)`;
}

export const freeLabel = "Free of charge on this plan";

export function discountLabel(percent: number): string {
	// Without a discount something is taken off only to keep to what a batch was quoted.
	return percent === 0 ? "As quoted for the batch" : `Batch discount ${percent} %`;
}
