import type { QuotaDraw } from "../jobs/jobStore.ts";
import { type Plan, type QuotaUnit, quotaOf, quotaUnits } from "../plans/operatorConfig.ts";
import { coverageOf, type PlannedTask } from "./charges.ts";

/** A tenant's month so far, by the database's clock. */
export interface QuotaUsage {
	/** The month, UTC, as 2026-11. */
	period: string;
	/** When the next one begins. */
	resetsAt: Date;
	/** Taken by finished pictures, and held for those in progress. */
	units: Record<QuotaUnit, { used: number; held: number }>;
}

/** What is left of a unit this month; null: the plan sets no limit. */
export function quotaLeft(plan: Plan, unit: QuotaUnit, usage: QuotaUsage): number | null {
	const limit = quotaOf(plan, unit);
	return limit === null ? null : Math.max(0, limit - usage.units[unit].used - usage.units[unit].held);
}

/** False: prices on this plan do not depend on the month so far. */
export function hasQuota(plan: Plan): boolean {
	return !plan.free && quotaUnits.some((unit) => (quotaOf(plan, unit) ?? 0) > 0);
}

/** What `count` such pictures draw from the plan's limited quotas. A picture on which a quota would save nothing draws none of it. */
export function drawQuotas(tasks: readonly PlannedTask[], count: number, plan: Plan, usage: QuotaUsage): QuotaDraw[] {
	return quotaUnits.flatMap((unit) => {
		const limit = quotaOf(plan, unit);
		const left = quotaLeft(plan, unit, usage);
		if (!limit || left === null || !carrierOf(tasks, unit, plan)) return [];
		return [{ unit, period: usage.period, limit, wanted: count, drawn: Math.min(count, left) }];
	});
}

/**
 * The step whose end takes the unit: the first it saves money on, one that must run before those that may be skipped. Trainings are counted
 * whether or not that saves money.
 */
export function carrierOf(tasks: readonly PlannedTask[], unit: QuotaUnit, plan: Plan): PlannedTask | undefined {
	if (unit === "training") return tasks.find(({ kind }) => kind === "train_lora");
	const saving = tasks.filter((task) => task.charges.some((charge) => charge.listMicroUsd > 0 && coverageOf(charge, plan) === unit));
	return saving.find((task) => !task.optional) ?? saving[0];
}
