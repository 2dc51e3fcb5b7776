import { type Live, traitsAnywhere } from "../engines/live.ts";
import { GlassworksError } from "../errors.ts";
import { checkModelInPlan } from "../jobs/checkModelInPlan.ts";
import type { QuotaDraw } from "../jobs/jobStore.ts";
import { unsupported } from "../jobs/unsupported.ts";
import { plansThat, sayBetterPlans } from "../plans/betterPlan.ts";
import type { Model, OperatorConfig, Plan } from "../plans/operatorConfig.ts";
import type { SettledStep } from "../workflows/settleSteps.ts";

interface Limits {
	plan: Plan;
	planName: string;
	config: OperatorConfig;
	live: Live;
}

/**
 * Refuses what the plan does not include, the model cannot learn or no engine at hand can train, naming the field and what would be right.
 * @throws {GlassworksError} trainings_over_plan, unknown_model, model_not_in_plan, unsupported_by_model
 */
export function checkTraining({ params, drawnBy: model, ...settled }: SettledStep, pictures: number, limits: Limits): void {
	const { plan, planName, config, live } = limits;
	if (!plan.free && plan.trainings === 0) throw overTrainings(0, { planName, config, resetsAt: null });
	if (!model) throw unknownModel(settled.model, config);
	checkModelInPlan(model, limits);
	if (!isTrainable(model)) throw unsupported(["model"], `LoRAs are not trained for ${model.name}; for ${listTrainable(config)}`);
	const traits = traitsAnywhere(live, settled.capability)?.training;
	if (!traits)
		throw unsupported(
			["model"],
			`no engine at hand trains LoRAs for ${model.name}: it takes a diffusers sidecar that has ${model.recipe?.diffusers} (docs/engines.md)`,
		);
	const atMost = (field: string, asked: number, max: number, what: string) => {
		if (asked > max) throw unsupported([field], `the engines at hand train with at most ${max} ${what}; asked for ${asked}`);
	};
	atMost("steps", Number(params.steps), traits.maxSteps, "steps");
	atMost("pictures", pictures, traits.maxPictures, "pictures");
	atMost("side", Number(params.sidePx), traits.maxSidePx, "px per side");
}

const isTrainable = ({ recipe, steps }: Model) => !!recipe?.diffusers && !recipe.inpaintNet && steps.includes("generate");

const listTrainable = ({ models }: OperatorConfig) =>
	models
		.filter(isTrainable)
		.map(({ name }) => name)
		.join(", ") || "no model of this server";

function unknownModel(name: string, config: OperatorConfig): GlassworksError {
	const message = `one of ${listTrainable(config)}`;
	return new GlassworksError("unknown_model", `No model named "${name}".`, {}, [{ path: ["model"], message }]);
}

/** A month's trainings are a limit, not an allowance: credit buys no more of them. @throws {GlassworksError} trainings_over_plan */
export function checkTrainingsLeft(quotas: readonly QuotaDraw[], month: Month): void {
	const draw = quotas.find(({ unit }) => unit === "training");
	if (draw && draw.drawn < draw.wanted) throw overTrainings(draw.limit, month);
}

interface Month {
	planName: string;
	config: OperatorConfig;
	/** When the next one begins; null: that would not help. */
	resetsAt: Date | null;
}

function overTrainings(max: number, { planName, config, resetsAt }: Month): GlassworksError {
	const better = sayBetterPlans(plansThat(config, ({ trainings }) => trainings === null || trainings > max));
	const said =
		max === 0 ? "includes no LoRA trainings" : `includes ${max} LoRA training${max === 1 ? "" : "s"} a month, and no more are left`;
	return new GlassworksError("trainings_over_plan", `The plan ${planName} ${said}.${better.sentence}`, {
		...{ limit: "trainings", max, asked: max + 1, ...better.data },
		...(resetsAt ? { resets_at: resetsAt.toISOString() } : {}),
	});
}

/** @returns {GlassworksError} lora_name_taken */
export function loraNameTaken(name: string): GlassworksError {
	const message = `a LoRA named ${name} is there already, or being trained`;
	return new GlassworksError("lora_name_taken", `name: ${message}.`, {}, [{ path: ["name"], message }]);
}
