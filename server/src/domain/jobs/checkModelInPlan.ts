import { GlassworksError } from "../errors.ts";
import type { Model, OperatorConfig, Plan } from "../plans/operatorConfig.ts";

/** @throws {GlassworksError} model_not_in_plan */
export function checkModelInPlan(
	{ name }: Model,
	{ plan, planName, config }: { plan: Plan; planName: string; config: OperatorConfig },
): void {
	if (plan.models === "all" || plan.models.includes(name)) return;
	const plans = Object.entries(config.plans).filter(([, entry]) => entry.models === "all" || entry.models.includes(name));
	throw new GlassworksError("model_not_in_plan", `The plan ${planName} does not include ${name}.`, { plans: plans.map(([id]) => id) });
}
