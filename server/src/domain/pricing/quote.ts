import type { TaskDraft } from "../jobs/jobStore.ts";
import type { StepKind } from "../ports.ts";

/** One line of a quote or bill: what, how many, at what price. Amounts are integer micro-dollars (1 USD = 1,000,000). */
export interface PriceLine {
	/** The workflow step it pays for. */
	step: string;
	label: string;
	count: number;
	unitMicroUsd: number;
	amountMicroUsd: number;
}

/** The price before. Never less than what is charged after. */
export interface Quote {
	lines: PriceLine[];
	totalMicroUsd: number;
	/** Steps that will not run, and why; they cost nothing. */
	skipped: { step: string; reason: string; detail: string }[];
}

const labels: Record<StepKind, string> = {
	generate: "Picture",
	inpaint: "Repainting",
	detect_faces: "Face detection",
	restore_faces: "Face restoration",
	upscale: "Upscale 4x",
	encode: "Encoding",
};

/** Adds up planned tasks. Steps that may turn out not to run (no faces) are in the price and are refunded when they do not. */
export function quoteTasks(tasks: readonly TaskDraft[], count: number): Quote {
	const running = tasks.filter((task) => task.skip === null);
	const lines = running
		.filter((task) => task.priceMicroUsd > 0 || task.kind === "generate" || task.kind === "inpaint")
		.map((task) => ({
			step: task.stepId,
			label: `${labels[task.kind]} (${task.model})`,
			count,
			unitMicroUsd: task.priceMicroUsd,
			amountMicroUsd: task.priceMicroUsd * count,
		}));
	return {
		lines,
		totalMicroUsd: lines.reduce((sum, line) => sum + line.amountMicroUsd, 0),
		skipped: tasks
			.filter((task) => task.skip !== null)
			.map((task) => ({ step: task.stepId, reason: task.skip ?? "", detail: skipDetail(task) })),
	};
}

function skipDetail(task: TaskDraft): string {
	switch (task.skip) {
		case "plan":
			return "Your plan does not include it.";
		case "not_wanted":
			return "Switched off in the request.";
		case "model_missing":
			return `${task.model} is not installed on any worker.`;
		default:
			return "";
	}
}
