import type { GenerationRequest } from "../jobs/generationRequest.ts";
import type { SkipReason } from "../jobs/job.ts";
import type { TaskDraft } from "../jobs/jobStore.ts";
import type { JsonObject } from "../json.ts";
import type { Model, OperatorConfig, Plan } from "../plans/operatorConfig.ts";
import type { Capability, StepKind } from "../ports.ts";
import { maxAttempts } from "../scheduling/backoff.ts";
import { resolveReference } from "./resolveStep.ts";
import { needsOf, type Workflow, type WorkflowStep } from "./workflow.ts";

/** What planning looks at. `live` holds what live workers can run, by pool. */
export interface Planning {
	config: OperatorConfig;
	plan: Plan;
	model: Model;
	request: JsonObject;
	live: Map<string, Set<Capability>>;
}

/** The tasks of one picture, in workflow order, with price, pool and whether they will run. */
export function planTasks(workflow: Workflow, planning: Planning): TaskDraft[] {
	return workflow.steps.map((step) => planTask(step, planning));
}

function planTask(step: WorkflowStep, planning: Planning): TaskDraft {
	const model = String(resolveReference(step.model, { request: planning.request, earlier: {} }));
	const capability: Capability = `${step.kind}:${model}`;
	const pool = poolOf(planning.config, step.kind);
	const costs = costOf(step.kind, planning);
	return {
		stepId: step.id,
		kind: step.kind,
		model,
		capability,
		pool,
		optional: step.optional,
		needs: needsOf(step),
		predictedMs: costs.predictedMs,
		priceMicroUsd: planning.plan.free ? 0 : costs.priceMicroUsd,
		maxAttempts,
		skip: skipBefore(step, capability, planning.live.get(pool), planning),
	};
}

/** Why an optional step will not run, as far as submit can know. A pool without workers is unknown, not missing. */
function skipBefore(step: WorkflowStep, capability: Capability, live: Set<Capability> | undefined, planning: Planning): SkipReason | null {
	if (!step.optional) return null;
	if (step.wantedBy && !planning.request[step.wantedBy]) return "not_wanted";
	if (!planning.plan.upscale && step.kind === "upscale") return "plan";
	if (!planning.plan.faceRestoration && (step.kind === "restore_faces" || step.kind === "detect_faces")) return "plan";
	return live && !live.has(capability) ? "model_missing" : null;
}

function poolOf(config: OperatorConfig, kind: StepKind): string {
	const found = Object.entries(config.pools).find(([, kinds]) => kinds.includes(kind));
	if (!found) throw new Error(`no pool runs ${kind}`);
	return found[0];
}

function costOf(kind: StepKind, { config, model }: Planning): { priceMicroUsd: number; predictedMs: number } {
	const step = config.steps[kind];
	if (kind === "generate" || kind === "inpaint")
		return { priceMicroUsd: model.priceMicroUsd + step.priceMicroUsd, predictedMs: model.predictedMs };
	return step;
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
