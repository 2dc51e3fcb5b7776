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
	train_lora: "LoRA training",
};

export function chargeLabel(kind: StepKind, model: string): string {
	return kind === "inpaint" ? stepLabels.inpaint : `${stepLabels[kind]} (${model})`;
}

const includedLabels: Record<QuotaUnit, { what: string; noun: string }> = {
	image: { what: "Included in plan", noun: "pictures" },
	inpainting: { what: "Repainting included in plan", noun: "repaintings" },
	training: { what: "Training included in plan", noun: "trainings" },
};

/** How much of a month's quota was left when a request was priced; null: the plan sets no limit. */
export interface QuotaState {
	limit: number;
	left: number;
}

export function includedLabel(unit: QuotaUnit, state: QuotaState | null): string {
	const { what, noun } = includedLabels[unit];
	if (!state) return what;
	return `${what} (${state.left} of ${state.limit} ${noun} left this month)`;
}

export const freeLabel = "Free of charge on this plan";

export function discountLabel(percent: number): string {
	// Without a discount something is taken off only to keep to what a batch was quoted.
	return percent === 0 ? "As quoted for the batch" : `Batch discount ${percent} %`;
}
