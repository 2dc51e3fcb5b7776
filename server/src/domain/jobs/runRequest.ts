import type { JsonObject } from "../json.ts";
import type { OperatorConfig } from "../plans/operatorConfig.ts";
import { openDefaults, settleSteps } from "../workflows/settleSteps.ts";
import type { WorkflowInput } from "../workflows/workflowInput.ts";
import type { WorkflowRecord } from "../workflows/workflowStore.ts";
import type { KeepingRequest } from "./generationRequest.ts";

/** A run of a workflow that takes values, already read: see readValues. Pictures are admitted and stored. */
export interface RunRequest extends KeepingRequest {
	record: WorkflowRecord;
	values: JsonObject;
	/** How many pictures, each with its own seed. */
	count: number;
	embedRecipe: boolean;
	/** Do not start before this moment. */
	runAfter: Date | null;
	metadata: Record<string, string>;
}

const seedCount = 2 ** 32;

/** The seed that a run's pictures are told apart by; null: the workflow has none. */
export function mainSeed(inputs: readonly WorkflowInput[]): WorkflowInput | null {
	return inputs.find((input) => input.type === "seed") ?? null;
}

/** The seed of picture `index`: one more for each, within what the field takes. */
export function nextSeed(seed: number, index: number, input: Pick<WorkflowInput, "min" | "max"> | null): number {
	const min = input?.min ?? 0;
	const max = Math.max(input?.max ?? seedCount - 1, min);
	// Seeds that were given may be larger than those that are drawn.
	const top = Math.min(max, Math.max(seed, min + seedCount - 1), Number.MAX_SAFE_INTEGER);
	return seed + index <= top ? seed + index : min + ((seed + index - top - 1) % (top - min + 1));
}

/** What is stored of a run and resolved by its steps: the values, seeds drawn, and what the workflow leaves open. */
export function completeRun(
	{ record, values, count, embedRecipe, runAfter }: RunRequest,
	config: OperatorConfig,
	drawSeed: () => number,
): JsonObject {
	const { inputs } = record.workflow;
	const seeds = inputs
		.filter((input) => input.type === "seed")
		.map((input) => [input.name, values[input.name] ?? nextSeed(input.min ?? 0, drawSeed(), input)]);
	const seed = seeds[0]?.[1] ?? drawSeed();
	const plain: JsonObject = {
		...{ ...values, ...Object.fromEntries(seeds), seed, count, embedRecipe },
		...{ workflow: record.workflow.slug, values: Object.keys(values), runAfter: runAfter?.toISOString() ?? null },
	};
	const content = contentOf(values) ?? settleSteps(record, plain, config).find(({ drawnBy }) => drawnBy)?.drawnBy?.content ?? "photo";
	const request = { ...plain, upscaleModel: config.upscaleModels[content] };
	return { ...request, stepDefaults: openDefaults(settleSteps(record, request, config)) };
}

/** What kind of picture a run says it has. */
function contentOf({ content }: JsonObject): "photo" | "drawing" | null {
	return content === "photo" || content === "drawing" ? content : null;
}
