import type { z } from "zod";
import { type Live, traitsAnywhere } from "../engines/live.ts";
import { noTraits, type Traits } from "../engines/traits.ts";
import { type FieldError, GlassworksError } from "../errors.ts";
import { overPlan, plansThat, sayBetterPlans } from "../plans/betterPlan.ts";
import type { Model, OperatorConfig, Plan } from "../plans/operatorConfig.ts";
import type { OwnLora } from "../trainings/training.ts";
import { generationFields } from "../workflows/generationInputs.ts";
import { draws, type SettledStep } from "../workflows/settleSteps.ts";
import { stepParams } from "../workflows/stepParams.ts";
import type { Workflow } from "../workflows/workflow.ts";
import { checkGraphStep } from "./checkGraphStep.ts";
import { checkModelInPlan } from "./checkModelInPlan.ts";
import { checkStack } from "./checkStack.ts";
import { unsupported } from "./unsupported.ts";

/** What a request's steps are held against. */
export interface StepLimits {
	plan: Plan;
	planName: string;
	workflow: Workflow;
	config: OperatorConfig;
	live: Live;
	/** LoRAs that the steps name and the tenant trained, by name. */
	ownLoras: ReadonlyMap<string, OwnLora>;
}

/** Enlarged four times, a picture of this side is as large as any that is stored. */
const maxUpscaledSidePx = 4_096;

/**
 * Refuses what the plan does not allow, the model cannot do or no engine at hand can, naming the field and what would be right.
 * @throws {GlassworksError} unknown_model, model_not_in_plan, *_over_plan, unsupported_by_model, workflow_unsafe
 */
export function checkSteps(steps: readonly SettledStep[], limits: StepLimits): void {
	for (const settled of steps) {
		if (limits.workflow.takes === "values") checkValues(settled, limits);
		checkSizes(settled, limits);
		checkStepInPlan(settled, limits);
		if (draws(settled.step)) checkDrawing(settled, limits);
		if (settled.step.kind === "graph") checkGraphStep(settled, limits);
		if (settled.step.kind === "upscale") checkEnlarging(settled, limits);
		if (settled.step.kind === "resize") checkResizing(settled, limits);
	}
}

function checkDrawing(settled: SettledStep, limits: StepLimits): void {
	const { drawnBy: model } = settled;
	if (!model) throw unknownModel(settled, limits);
	checkModelInPlan(model, limits);
	checkPlan(settled, limits);
	checkModel(settled, model, limits);
	const known = traitsAnywhere(limits.live, settled.capability);
	if (known) checkStart(settled, model, known, limits);
	const traits: Traits = known ?? noTraits;
	checkOperation(settled, traits, limits);
	checkStack(settled, model, {
		config: limits.config,
		ownLoras: limits.ownLoras,
		traits,
		field: (param) => fieldOf(settled, param, limits.workflow),
	});
}

/** While no engine at hand runs the model nothing is known, and the run waits like any other. */
function checkStart({ step, roles }: SettledStep, { name }: Model, { imageToImage }: Traits, { workflow }: StepLimits): void {
	if (step.kind !== "generate" || !roles.includes("image") || imageToImage) return;
	const source = step.inputs.image;
	const path = source && "input" in source ? [wireName(source.input, workflow)] : ["steps", step.id, "inputs", "image"];
	throw unsupported(path, `no engine at hand starts from a picture with ${name}; leave it out, or choose another model`);
}

/** A model that says what it can be asked for is asked for nothing else. */
function checkOperation(settled: SettledStep, { operations }: Traits, { workflow }: StepLimits): void {
	const operation = settled.params.operation ?? "replace";
	if (settled.step.kind !== "inpaint" || operations.length === 0 || operations.some((each) => each === operation)) return;
	const can = `${settled.model} can ${operations.join(", ")} at the engines at hand; asked to ${operation}`;
	throw unsupported(fieldOf(settled, "model", workflow), can);
}

function unknownModel({ step, model }: SettledStep, { config, workflow }: StepLimits): GlassworksError {
	const names = config.models.filter((entry) => entry.steps.includes(step.kind as "generate")).map((entry) => entry.name);
	const message = `one of ${names.join(", ")}`;
	const path = "input" in step.model ? [wireName(step.model.input, workflow)] : ["steps", step.id, "model"];
	return new GlassworksError("unknown_model", `No model named "${model}". Configured: ${names.join(", ")}.`, {}, [{ path, message }]);
}

function checkPlan(settled: SettledStep, { plan, planName, config, workflow }: StepLimits): void {
	const { params, size } = settled;
	const { maxSidePx, maxSteps } = plan;
	const asked = Math.max(Number(params.widthPx), Number(params.heightPx), size?.widthPx ?? 0, size?.heightPx ?? 0);
	if (maxSidePx !== null && asked > maxSidePx) {
		const sides = (["widthPx", "heightPx"] as const).filter((side) => Number(params[side]) > maxSidePx);
		const fields = sides.map((side) => ({ path: fieldOf(settled, side, workflow), message: `at most ${maxSidePx} px on this plan` }));
		const message = `The plan ${planName} renders up to ${maxSidePx} px per side; asked for ${asked}`;
		throw overPlan(config, { limit: "max_side", max: maxSidePx, asked, message, fields });
	}
	if (maxSteps !== null && Number(params.steps) > maxSteps) {
		const message = `The plan ${planName} runs up to ${maxSteps} steps; asked for ${params.steps}`;
		const fields = [{ path: fieldOf(settled, "steps", workflow), message: `at most ${maxSteps} steps on this plan` }];
		throw overPlan(config, { limit: "max_steps", max: maxSteps, asked: Number(params.steps), message, fields });
	}
}

function checkModel(settled: SettledStep, model: Model, { workflow }: StepLimits): void {
	const { params, step } = settled;
	const refuse = (param: string, message: string) => unsupported(fieldOf(settled, param, workflow), message);
	for (const side of ["widthPx", "heightPx"] as const) {
		const value = Number(params[side]);
		if (!(value >= model.minSidePx && value <= model.maxSidePx))
			throw refuse(side, `${model.name} draws ${model.minSidePx} to ${model.maxSidePx} px per side; asked for ${value}`);
	}
	if (Number(params.steps) > model.maxSteps)
		throw refuse("steps", `${model.name} runs at most ${model.maxSteps} steps; asked for ${params.steps}`);
	if (typeof params.style === "string" && !model.styles.includes(params.style))
		throw refuse(
			"style",
			model.styles.length > 0 ? `${model.name} knows the styles ${model.styles.join(", ")}` : `${model.name} has no styles`,
		);
	if (!model.steps.includes(step.kind as "generate"))
		throw refuse("model", `${model.name} cannot ${step.kind === "inpaint" ? "repaint" : "generate"}`);
}

/** Optional steps that a plan does not include are skipped; a workflow cannot do without the others. */
function checkStepInPlan({ step }: SettledStep, { plan, planName, config }: StepLimits): void {
	const includes = ({ upscale, faceRestoration }: Plan) =>
		step.kind === "upscale" ? upscale : step.kind !== "restore_faces" || faceRestoration;
	if (step.optional || includes(plan)) return;
	const better = sayBetterPlans(plansThat(config, includes));
	const message = `The plan ${planName} does not include the step ${step.id} (${step.kind}).${better.sentence}`;
	const limit = step.kind === "upscale" ? "upscale" : "face_restoration";
	throw new GlassworksError("step_not_in_plan", message, { limit, asked: step.kind, ...better.data });
}

/** What is known of a step's parameters, held against what the step takes. Graphs are checked by their own rules. */
function checkValues(settled: SettledStep, { workflow }: StepLimits): void {
	if (settled.step.kind === "graph") return;
	const shape: Record<string, z.ZodType> = stepParams[settled.step.kind].shape;
	for (const [name, value] of Object.entries(settled.params)) {
		const parsed = shape[name]?.safeParse(value);
		if (parsed?.success === false) throw unsupported(fieldOf(settled, name, workflow), parsed.error.issues[0]?.message ?? "does not fit");
	}
}

/** Pictures that are laid over each other have one size. */
function checkSizes({ step, sizesIn }: SettledStep, { workflow }: StepLimits): void {
	const base = step.kind === "composite" ? sizesIn.original : step.kind === "inpaint" ? sizesIn.image : undefined;
	const { mask } = sizesIn;
	if (!base || !mask || (base.widthPx === mask.widthPx && base.heightPx === mask.heightPx)) return;
	const source = step.inputs.mask ?? { value: null };
	const path = "input" in source ? [wireName(source.input, workflow)] : ["steps", step.id, "inputs", "mask"];
	throw unsupported(
		path,
		`the mask must have the picture's size, ${base.widthPx}x${base.heightPx} px; it has ${mask.widthPx}x${mask.heightPx}`,
	);
}

/** Large pictures are welcome where nothing enlarges them. */
function checkEnlarging({ step, size, isWanted }: SettledStep, { plan, workflow }: StepLimits): void {
	const side = Math.max(size?.widthPx ?? 0, size?.heightPx ?? 0) / 4;
	if (side <= maxUpscaledSidePx || (step.optional && !(isWanted && plan.upscale))) return;
	const source = step.inputs.image ?? { value: null };
	const field = "input" in source ? source.input : step.wantedBy;
	const path = field === undefined ? ["steps", step.id] : [wireName(field, workflow)];
	throw unsupported(path, `pictures of up to ${maxUpscaledSidePx} px per side are enlarged; this one has ${side}`);
}

/** As large as the largest picture of the plan, enlarged. */
function checkResizing(settled: SettledStep, { plan, planName, config, workflow }: StepLimits): void {
	const most = 4 * maxUpscaledSidePx;
	const max = 4 * Math.min(plan.maxSidePx ?? maxUpscaledSidePx, maxUpscaledSidePx);
	for (const side of ["widthPx", "heightPx"] as const) {
		const asked = Number(settled.params[side]);
		const path = fieldOf(settled, side, workflow);
		if (asked > most) throw unsupported(path, `pictures are resized to at most ${most} px per side; asked for ${asked}`);
		if (!(asked > max)) continue;
		const message = `The plan ${planName} resizes to at most ${max} px per side, four times what it renders; asked for ${asked}`;
		throw overPlan(config, {
			limit: "max_side",
			max,
			asked,
			factor: 4,
			message,
			fields: [{ path, message: `at most ${max} px on this plan` }],
		});
	}
}

/** Where a caller said the parameter: the request's field, or the step when the workflow says it. */
function fieldOf({ step }: SettledStep, param: string, workflow: Workflow): FieldError["path"] {
	const reference = param === "model" ? step.model : step.params[param];
	if (reference && "input" in reference) return [wireName(reference.input, workflow)];
	return ["steps", step.id, ...(param === "model" ? [] : ["params"]), param];
}

function wireName(input: string, { takes }: Workflow): string {
	if (takes === "values") return input;
	return Object.entries({ ...generationFields, hires_fix: "hiresFix" }).find(([, name]) => name === input)?.[0] ?? input;
}
