import type { PictureInput } from "../contract/picture.ts";
import type { RunWorkflow } from "../contract/workflow.ts";
import type { GenerationRequest } from "../domain/jobs/generationRequest.ts";
import type { RunRequest } from "../domain/jobs/runRequest.ts";
import type { JsonObject } from "../domain/json.ts";
import { generationFields } from "../domain/workflows/generationInputs.ts";
import { readValues } from "../domain/workflows/workflowInput.ts";
import type { WorkflowRecord } from "../domain/workflows/workflowStore.ts";
import { readKeeping } from "./readGeneration.ts";
import { type PicturePorts, readPicture } from "./readPicture.ts";
import { renameFields } from "./renameFields.ts";

/** A run's body as the domain's request; pictures it names are fetched, checked and stored. @throws {GlassworksError} as readPicture; invalid_request */
export async function readRun(
	ports: PicturePorts,
	tenantId: string,
	record: WorkflowRecord,
	body: RunWorkflow,
): Promise<GenerationRequest | RunRequest> {
	const { inputs, takes, slug } = record.workflow;
	const values: JsonObject = readValues(inputs, body.inputs);
	for (const { name, type } of inputs)
		if (type === "picture" && values[name])
			values[name] = (await readPicture(ports, tenantId, [name], values[name] as unknown as PictureInput)) as unknown as JsonObject;
	const common = {
		count: body.count,
		embedRecipe: body.embed_recipe,
		runAfter: body.run_after === undefined ? null : new Date(body.run_after),
		metadata: body.metadata,
		...readKeeping(body),
	};
	if (takes === "values") return { record, values, ...common };
	const named = Object.entries(values).map(([name, value]) => [(generationFields as Record<string, string>)[name] ?? name, value] as const);
	return { ...plainRequest, workflow: slug, ...Object.fromEntries(named), ...common } as GenerationRequest;
}

/** Fields that a workflow's inputs do not list. */
const plainRequest: Omit<GenerationRequest, "workflow" | "count" | "embedRecipe" | "runAfter" | "metadata"> = {
	...{ prompt: "", negativePrompt: "", model: null, widthPx: null, heightPx: null, seed: null, steps: null, guidance: null, style: null },
	...{ strength: null, image: null, mask: null, controls: [], controlImages: [], loras: [], sampler: null, scheduler: null },
	...{ hiresFix: null, upscale: false, restoreFaces: false, faceRestorer: "gfpgan", faceFidelity: 0.5, format: "png", quality: 90 },
};

/** Names a run's fields where its body has them: under `inputs`. */
export function underInputs<T>({ workflow }: WorkflowRecord, work: () => Promise<T>): Promise<T> {
	const isInput = (part: string | number | undefined) => workflow.inputs.some(({ name }) => name === part);
	return renameFields(work, (path, { code }) => (isInput(path[0]) || code === "invalid_request" ? ["inputs", ...path] : path));
}
