import { GlassworksError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Model, OperatorConfig, Plan } from "../plans/operatorConfig.ts";
import type { Workflow } from "../workflows/workflow.ts";
import type { GenerationRequest } from "./generationRequest.ts";

interface Context {
	plan: Plan;
	planName: string;
	model: Model;
	workflow: Workflow;
	config: OperatorConfig;
	/** The request with defaults filled in. */
	request: JsonObject;
}

/** Refuses what the plan does not allow or the model cannot do, naming the field and what would be right. */
export function checkRequest(asked: GenerationRequest, context: Context): void {
	checkPlan(context);
	checkModel(context);
	checkPictures(asked, context);
}

function checkPlan({ plan, planName, model, config, request }: Context): void {
	if (plan.models !== "all" && !plan.models.includes(model.name)) {
		const plans = Object.entries(config.plans).filter(([, entry]) => entry.models === "all" || entry.models.includes(model.name));
		throw new GlassworksError("model_not_in_plan", `The plan ${planName} does not include ${model.name}.`, {
			plans: plans.map(([name]) => name),
		});
	}
	const side = Math.max(Number(request.widthPx), Number(request.heightPx));
	if (plan.maxSidePx !== null && side > plan.maxSidePx)
		throw new GlassworksError("size_over_plan", `The plan ${planName} renders up to ${plan.maxSidePx} px per side; asked for ${side}.`, {
			max: plan.maxSidePx,
			asked: side,
		});
	if (plan.maxSteps !== null && Number(request.steps) > plan.maxSteps)
		throw new GlassworksError("steps_over_plan", `The plan ${planName} runs up to ${plan.maxSteps} steps; asked for ${request.steps}.`, {
			max: plan.maxSteps,
			asked: Number(request.steps),
		});
}

function checkModel({ model, request, workflow }: Context): void {
	for (const field of ["widthPx", "heightPx"] as const) {
		const value = Number(request[field]);
		if (value < model.minSidePx || value > model.maxSidePx)
			refuse(
				field === "widthPx" ? "width" : "height",
				`${model.name} draws ${model.minSidePx} to ${model.maxSidePx} px per side; asked for ${value}`,
			);
	}
	if (Number(request.steps) > model.maxSteps)
		refuse("steps", `${model.name} runs at most ${model.maxSteps} steps; asked for ${request.steps}`);
	if (typeof request.style === "string" && !model.styles.includes(request.style))
		refuse("style", model.styles.length > 0 ? `${model.name} knows the styles ${model.styles.join(", ")}` : `${model.name} has no styles`);
	for (const step of workflow.steps)
		if ((step.kind === "generate" || step.kind === "inpaint") && !model.steps.includes(step.kind))
			refuse("model", `${model.name} cannot ${step.kind === "inpaint" ? "repaint" : "generate"}`);
}

function checkPictures(asked: GenerationRequest, { workflow }: Context): void {
	const repaints = workflow.steps.some((step) => step.kind === "inpaint");
	if (repaints && !asked.image) refuse("image", `the workflow ${workflow.slug} needs a picture`);
	if (repaints && !asked.mask) refuse("mask", `the workflow ${workflow.slug} needs a mask, white where to repaint`);
	if (!repaints && asked.mask) refuse("mask", `the workflow ${workflow.slug} takes no mask; leave workflow out or use "inpaint"`);
	if (asked.image && asked.mask && (asked.image.widthPx !== asked.mask.widthPx || asked.image.heightPx !== asked.mask.heightPx))
		refuse(
			"mask",
			`the mask must have the picture's size, ${asked.image.widthPx}x${asked.image.heightPx} px; it has ${asked.mask.widthPx}x${asked.mask.heightPx}`,
		);
}

function refuse(field: string, message: string): never {
	throw new GlassworksError("unsupported_by_model", `${field}: ${message}.`, {}, [{ path: [field], message }]);
}
