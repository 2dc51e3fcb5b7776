import type { StepShortfall } from "../jobs/shortfall.ts";
import type { QuotaUnit } from "../plans/operatorConfig.ts";

/**
 * One line of a quote or bill: what, how many, at what price. Amounts are integer micro-dollars (1 USD = 1,000,000).
 * list: a step at its list price · included: taken off because the plan covers it · discount: taken off for a large request
 */
export interface PriceLine {
	kind: "list" | "included" | "discount";
	/** The workflow step it pays for; null: it takes off from several. */
	step: string | null;
	/** list: what may cover it. included: what did. Null: credit pays. */
	covers: Coverage | null;
	label: string;
	count: number;
	/** What one costs; below zero when it takes off. */
	unitMicroUsd: number;
	/** count times unitMicroUsd. */
	amountMicroUsd: number;
}

/** Which part of a plan pays for a charge: a monthly quota, or a plan that is free altogether. */
export type Coverage = QuotaUnit | "free";

/** The price before. Never less than what is charged after, and equal when nothing was left out. */
export interface Quote {
	lines: PriceLine[];
	/** The sum of the lines. */
	totalMicroUsd: number;
	/** Steps that will not run, and why; they cost nothing. */
	skipped: { step: string; reason: string; detail: string }[];
	/** Steps that nobody at hand can run now; absent: not looked at. */
	wouldWait?: StepShortfall[];
	/** The job whose result it is; absent or null: it is made anew. */
	cachedFrom?: string | null;
}

export function priceLine(line: Omit<PriceLine, "amountMicroUsd">): PriceLine {
	return { ...line, amountMicroUsd: line.count * line.unitMicroUsd };
}

export function totalOf(lines: readonly PriceLine[]): number {
	return lines.reduce((sum, line) => sum + line.amountMicroUsd, 0);
}
