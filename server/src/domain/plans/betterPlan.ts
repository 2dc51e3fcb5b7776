import { type FieldError, GlassworksError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { OperatorConfig, Plan } from "./operatorConfig.ts";

/** The plans that allow something, for a refusal. Only those that are sold: the owner's is none. */
export interface BetterPlans {
	/** The cheapest; null: none does. */
	plan: string | null;
	/** All of them, the cheapest first; those whose price is agreed on come last. */
	plans: string[];
}

export function plansThat(config: Pick<OperatorConfig, "plans">, allows: (plan: Plan) => boolean): BetterPlans {
	const price = ({ priceMicroUsdPerMonth }: Plan) => priceMicroUsdPerMonth ?? Number.POSITIVE_INFINITY;
	const sold = Object.entries(config.plans).filter(([, plan]) => !plan.free && allows(plan));
	const plans = sold
		.map(([name, plan], place) => ({ name, price: price(plan), place }))
		.sort((a, b) => (a.price === b.price ? a.place - b.place : a.price - b.price))
		.map(({ name }) => name);
	return { plan: plans[0] ?? null, plans };
}

/** What a refusal says about plans: a sentence to end with, and the same as data. */
export function sayBetterPlans(found: BetterPlans): { sentence: string; data: JsonObject } {
	const sentence = found.plan === null ? " No plan of this server allows it." : ` The plan ${found.plan} allows it.`;
	return { sentence, data: { plan: found.plan, plans: found.plans } };
}

/** More than the plan allows of a limit that is a number. */
interface Excess {
	/** What the plan calls it, as in GET /account. */
	limit: "max_side" | "max_steps";
	max: number;
	asked: number;
	/** Says what is over, without the end of a sentence. */
	message: string;
	/** How often the plan's limit fits into `max`. Default: once. */
	factor?: number;
	fields: FieldError[];
}

/** @returns {GlassworksError} size_over_plan, steps_over_plan: with the limit, its value, what was asked, and the plans that allow it */
export function overPlan(
	config: Pick<OperatorConfig, "plans">,
	{ limit, max, asked, factor = 1, message, fields }: Excess,
): GlassworksError {
	const limitOf = (plan: Plan) => (limit === "max_side" ? plan.maxSidePx : plan.maxSteps);
	const better = sayBetterPlans(plansThat(config, (plan) => factor * (limitOf(plan) ?? Number.POSITIVE_INFINITY) >= asked));
	const code = limit === "max_side" ? "size_over_plan" : "steps_over_plan";
	return new GlassworksError(code, `${message}.${better.sentence}`, { limit, max, asked, ...better.data }, fields);
}
