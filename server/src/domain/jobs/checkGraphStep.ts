import type { GraphBinding } from "../engines/apiGraph.ts";
import { GlassworksError } from "../errors.ts";
import { overPlan, plansThat, sayBetterPlans } from "../plans/betterPlan.ts";
import type { Plan } from "../plans/operatorConfig.ts";
import { checkGraphSafety } from "../workflows/comfy/checkGraphSafety.ts";
import { graphOf } from "../workflows/comfy/fillGraph.ts";
import { graphPolicyOf } from "../workflows/graphPolicyOf.ts";
import type { SettledStep } from "../workflows/settleSteps.ts";
import { checkModelInPlan } from "./checkModelInPlan.ts";
import type { StepLimits } from "./checkSteps.ts";

/** Holds a graph, with the values of this run in it, against the runner's own plan. @throws {GlassworksError} workflow_unsafe, model_not_in_plan, size_over_plan */
export function checkGraphStep(settled: SettledStep, limits: StepLimits): void {
	const { step, params, priced } = settled;
	for (const model of priced) checkModelInPlan(model, limits);
	checkPictures(settled, limits);
	const bindings = (params.bindings ?? []) as GraphBinding[];
	const filled = graphOf(params);
	const assets = bindings.filter((binding) => "picture" in binding);
	const problemsOn = (plan: Plan) => checkGraphSafety(filled, graphPolicyOf(limits.config, plan, { inputs: [], assets }));
	const problems = problemsOn(limits.plan);
	const [first] = problems;
	if (!first) return;
	const fields = problems.slice(0, 20).map(({ node, input, message }) => {
		const field = bindings.find((binding) => "value" in binding && binding.node === node && binding.input === input);
		const place = ["steps", step.id, "graph", node, ...(input === null ? [] : [input])];
		return { path: field && "value" in field ? [field.value] : place, message };
	});
	const found = plansThat(limits.config, (plan) => problemsOn(plan).length === 0);
	if (found.plan === null) throw new GlassworksError("workflow_unsafe", first.message, {}, fields);
	const better = sayBetterPlans(found);
	throw new GlassworksError("workflow_unsafe", `${first.message.replace(/\.$/, "")}.${better.sentence}`, better.data, fields);
}

/** A graph may draw at the size of what it is given. */
function checkPictures({ step, sizesIn }: SettledStep, { plan: { maxSidePx }, planName, config }: StepLimits): void {
	for (const [role, size] of Object.entries(sizesIn)) {
		const side = Math.max(size.widthPx, size.heightPx);
		if (maxSidePx === null || side <= maxSidePx) continue;
		const source = step.inputs[role] ?? { value: null };
		const name = "input" in source ? source.input : role;
		const message = `${name}: graphs of the plan ${planName} take pictures of up to ${maxSidePx} px per side; this one has ${side}`;
		throw overPlan(config, { limit: "max_side", max: maxSidePx, asked: side, message, fields: [{ path: [name], message }] });
	}
}
