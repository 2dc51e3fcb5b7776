import { GlassworksError } from "../errors.ts";
import { plansThat, sayBetterPlans } from "../plans/betterPlan.ts";
import type { Model, OperatorConfig, Plan } from "../plans/operatorConfig.ts";

/** @throws {GlassworksError} model_not_in_plan */
export function checkModelInPlan(
	{ name }: Model,
	{ plan, planName, config }: { plan: Plan; planName: string; config: OperatorConfig },
): void {
	if (plan.models === "all" || plan.models.includes(name)) return;
	const better = sayBetterPlans(plansThat(config, (entry) => entry.models === "all" || entry.models.includes(name)));
	throw new GlassworksError("model_not_in_plan", `The plan ${planName} does not include ${name}.${better.sentence}`, {
		...{ limit: "models", asked: name, models: plan.models, ...better.data },
	});
}
