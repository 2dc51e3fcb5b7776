import type { Live } from "../engines/live.ts";
import type { Traits } from "../engines/traits.ts";
import type { GenerationRequest } from "../jobs/generationRequest.ts";
import type { SkipReason } from "../jobs/job.ts";
import type { JsonObject } from "../json.ts";
import type { Model, OperatorConfig, Plan } from "../plans/operatorConfig.ts";
import type { Capability, StepKind } from "../ports.ts";
import type { Charge, PlannedTask } from "../pricing/charges.ts";
import { maxAttempts } from "../scheduling/backoff.ts";
import { type TaskTime, type TimeTable, timeTask } from "../scheduling/timeKeys.ts";
import { resolveReference } from "./resolveStep.ts";
import { needsOf, type Workflow, type WorkflowStep } from "./workflow.ts";

/** What planning looks at. `live` holds what live workers can run, by pool. */
export interface Planning {
	config: OperatorConfig;
	plan: Plan;
	model: Model;
	request: JsonObject;
	live: Live;
	/** Measured times. */
	times: TimeTable;
	/** Pools of the operator's file that this tenant has replaced by its own. */
	dedicatedPools: Readonly<Record<string, string>>;
}

/** The tasks of one picture, in workflow order, with list price, pool and whether they will run. */
export function planTasks(workflow: Workflow, planning: Planning): PlannedTask[] {
	return workflow.steps.map((step) => planTask(step, planning));
}

function planTask(step: WorkflowStep, planning: Planning): PlannedTask {
	const model = String(resolveReference(step.model, { request: planning.request, earlier: {} }));
	const capability: Capability = `${step.kind}:${model}`;
	const base = poolOf(planning.config, step.kind);
	const pool = planning.dedicatedPools[base] ?? base;
	const skip = skipBefore(step, capability, planning.live.get(pool), planning);
	return {
		stepId: step.id,
		kind: step.kind,
		model,
		capability,
		pool,
		optional: step.optional,
		needs: needsOf(step),
		...timeOf(capability, step.kind, planning),
		charges: skip ? [] : chargesOf(step.kind, planning),
		maxAttempts,
		skip,
	};
}

/** Why an optional step will not run, as far as submit can know. A pool without workers is unknown, not missing. */
function skipBefore(
	step: WorkflowStep,
	capability: Capability,
	live: ReadonlyMap<Capability, Traits> | undefined,
	planning: Planning,
): SkipReason | null {
	if (!step.optional) return null;
	if (step.wantedBy && !planning.request[step.wantedBy]) return "not_wanted";
	if (!planning.plan.upscale && step.kind === "upscale") return "plan";
	if (!planning.plan.faceRestoration && (step.kind === "restore_faces" || step.kind === "detect_faces")) return "plan";
	return live && !live.has(capability) ? "model_missing" : null;
}

function poolOf(config: OperatorConfig, kind: StepKind): string {
	const found = Object.entries(config.pools).find(([, { steps }]) => steps.includes(kind));
	if (!found) throw new Error(`no pool runs ${kind}`);
	return found[0];
}

/** The model's own price is one charge, what repainting adds another. */
function chargesOf(kind: StepKind, { config: { steps }, model }: Planning): Charge[] {
	const { priceMicroUsd } = steps[kind];
	if (kind === "generate") return [{ kind, listMicroUsd: model.priceMicroUsd + priceMicroUsd }];
	if (kind === "inpaint")
		return [
			{ kind: "generate", listMicroUsd: model.priceMicroUsd },
			{ kind, listMicroUsd: priceMicroUsd },
		];
	return [{ kind, listMicroUsd: priceMicroUsd }];
}

function timeOf(capability: Capability, kind: StepKind, { config, model, request, times }: Planning): TaskTime {
	const asked = { widthPx: Number(request.widthPx), heightPx: Number(request.heightPx), steps: Number(request.steps) };
	const usual = { widthPx: model.defaultSidePx, heightPx: model.defaultSidePx, steps: model.defaultSteps };
	const guessMs = kind === "generate" || kind === "inpaint" ? model.predictedMs : config.steps[kind].predictedMs;
	return timeTask(capability, asked, usual, guessMs, times);
}

/** A request with every default filled in: what is stored, resolved by steps and shown in the recipe. */
export function completeRequest(request: GenerationRequest, config: OperatorConfig, model: Model): JsonObject {
	return {
		...request,
		image: request.image as unknown as JsonObject | null,
		mask: request.mask as unknown as JsonObject | null,
		workflow: request.workflow ?? (request.mask ? "inpaint" : "picture"),
		model: model.name,
		widthPx: request.widthPx ?? (request.mask ? (request.image?.widthPx ?? model.defaultSidePx) : model.defaultSidePx),
		heightPx: request.heightPx ?? (request.mask ? (request.image?.heightPx ?? model.defaultSidePx) : model.defaultSidePx),
		// Repainting starts afresh: at less, what was to be replaced shines through.
		strength: request.strength ?? (request.mask ? 1 : 0.7),
		steps: request.steps ?? model.defaultSteps,
		runAfter: request.runAfter?.toISOString() ?? null,
		upscaleModel: config.upscaleModels[model.content],
	};
}
