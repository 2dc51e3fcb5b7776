import { GlassworksError } from "../errors.ts";
import { plansThat, sayBetterPlans } from "../plans/betterPlan.ts";
import { type OperatorConfig, type Plan, type QuotaUnit, quotaOf, quotaUnits } from "../plans/operatorConfig.ts";
import type { PlannedTask } from "../pricing/charges.ts";
import { carrierOf, type QuotaUsage, quotaLeft } from "../pricing/drawQuotas.ts";
import { priceJob } from "../pricing/priceJob.ts";

interface Asked {
	tasks: readonly PlannedTask[];
	count: number;
	plan: Plan;
	/** This month's. */
	usage: QuotaUsage;
}

const unitNames: Record<QuotaUnit, string> = { image: "pictures", inpainting: "repaintings", training: "trainings" };

/** A refusal for want of credit, with the quotas that were too small for it and the plans on which this month would have paid. */
export function explainShortage(refused: GlassworksError, asked: Asked, config: OperatorConfig): GlassworksError {
	const { tasks, count, plan, usage } = asked;
	const credit = Number(refused.data.credit_micro_usd);
	const priceOn = (other: Plan) => priceJob({ tasks, count, plan: other, usage, discounts: config.batchDiscounts }).quote.totalMicroUsd;
	const better = sayBetterPlans(plansThat(config, (other) => priceOn(other) <= credit));
	const short = quotaUnits.flatMap((unit) => {
		const max = quotaOf(plan, unit);
		const left = quotaLeft(plan, unit, usage);
		if (max === null || left === null || left >= count || !carrierOf(tasks, unit, plan)) return [];
		return [{ limit: unit, max, left, asked: count, resets_at: usage.resetsAt.toISOString() }];
	});
	const quotas = short.map(({ limit, max, left }) => ` Of the plan's ${max} ${unitNames[limit]} a month ${left} are left.`);
	return new GlassworksError(refused.code, `${refused.message}${quotas.join("")}${better.sentence}`, {
		...refused.data,
		...{ quotas: short, ...better.data },
	});
}
