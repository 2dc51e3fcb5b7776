import type { TaskDraft } from "../jobs/jobStore.ts";
import { type Plan, quotaOf, quotaUnits } from "../plans/operatorConfig.ts";
import { coverageOf, type PlannedTask } from "./charges.ts";
import { quotaLeft } from "./drawQuotas.ts";
import { chargeLabel, discountLabel, freeLabel, includedLabel } from "./labels.ts";
import type { Covered, Pricing } from "./priceJob.ts";
import { type Coverage, type PriceLine, priceLine, type Quote, totalOf } from "./quote.ts";

/** The lines that explain what these runs cost: every step at its list price, then what is taken off. */
export function quoteJob(pricing: Pricing, runs: readonly (readonly TaskDraft[])[], covered: Covered, percent: number): Quote {
	const list = listLines(pricing);
	const included = ([...quotaUnits, "free"] as const).flatMap((coverage) => includedLine(list, coverage, covered, pricing));
	const totalMicroUsd = runs.reduce((sum, tasks) => sum + tasks.reduce((of, task) => of + task.priceMicroUsd, 0), 0);
	const lines = [...list, ...included];
	return {
		lines: [...lines, ...discountLine(totalMicroUsd - totalOf(lines), percent)],
		totalMicroUsd,
		skipped: skippedSteps(pricing.tasks),
	};
}

function listLines({ tasks, count, plan }: Pricing): PriceLine[] {
	return tasks.flatMap((task) =>
		task.charges
			.filter((charge) => charge.listMicroUsd > 0 || charge.kind === "generate")
			.map((charge) =>
				priceLine({
					kind: "list",
					step: task.stepId,
					covers: coverageOf(charge, plan),
					label: chargeLabel(charge.kind, task.model),
					count,
					unitMicroUsd: charge.listMicroUsd,
				}),
			),
	);
}

function includedLine(list: readonly PriceLine[], coverage: Coverage, covered: Covered, { plan, usage }: Pricing): PriceLine[] {
	const savedMicroUsd = list.filter((line) => line.covers === coverage).reduce((sum, line) => sum + line.unitMicroUsd, 0);
	const count = covered[coverage];
	if (savedMicroUsd === 0 || count === 0) return [];
	const label = coverage === "free" ? freeLabel : includedLabel(coverage, quotaState(coverage, plan, usage));
	return [priceLine({ kind: "included", step: null, covers: coverage, label, count, unitMicroUsd: -savedMicroUsd })];
}

function quotaState(unit: Exclude<Coverage, "free">, plan: Plan, usage: Pricing["usage"]): { limit: number; left: number } | null {
	const limit = quotaOf(plan, unit);
	return limit === null || !usage ? null : { limit, left: quotaLeft(plan, unit, usage) ?? 0 };
}

function discountLine(amountMicroUsd: number, percent: number): PriceLine[] {
	if (amountMicroUsd === 0) return [];
	const label = discountLabel(percent);
	return [priceLine({ kind: "discount", step: null, covers: null, label, count: 1, unitMicroUsd: amountMicroUsd })];
}

function skippedSteps(tasks: readonly PlannedTask[]): Quote["skipped"] {
	return tasks.flatMap((task) => (task.skip === null ? [] : [{ step: task.stepId, reason: task.skip, detail: skipDetail(task) }]));
}

function skipDetail(task: PlannedTask): string {
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
