import type { JsonObject } from "../json.ts";
import type { Model, OperatorConfig } from "../plans/operatorConfig.ts";
import { ownSize } from "../workflows/settleSteps.ts";
import type { Workflow } from "../workflows/workflow.ts";
import type { GenerationRequest } from "./generationRequest.ts";

/** A request with every default filled in: what is stored, resolved by steps and shown in the recipe. */
export function completeGeneration(request: GenerationRequest, config: OperatorConfig, model: Model, workflow: Workflow): JsonObject {
	const own = request.mask && request.image ? request.image : ownSize(model, workflow.aspect);
	return {
		...(request as unknown as JsonObject),
		workflow: workflow.slug,
		model: model.name,
		widthPx: request.widthPx ?? own.widthPx,
		heightPx: request.heightPx ?? own.heightPx,
		// Repainting starts afresh: at less, what was to be replaced shines through.
		strength: request.strength ?? (request.mask ? 1 : 0.7),
		steps: request.steps ?? model.defaultSteps,
		runAfter: request.runAfter?.toISOString() ?? null,
		upscaleModel: config.upscaleModels[model.content],
	};
}
