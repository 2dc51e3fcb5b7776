import type { GenerationRequest } from "../jobs/generationRequest.ts";
import type { RunRequest } from "../jobs/runRequest.ts";
import { asNumber, asObject, asText, type JsonObject } from "../json.ts";
import type { WorkflowRecord } from "../workflows/workflowStore.ts";

/** What an item of a batch can be. */
export type ItemRequest = GenerationRequest | RunRequest;

/** A request as a batch keeps it: JSON, with the workflow of a run by its id and version. Jobs of a batch start when they are fed: no runAfter. */
export function toStored(request: ItemRequest): JsonObject {
	if (!("record" in request)) return { ...(request as unknown as JsonObject), runAfter: null };
	const { record, values, count, embedRecipe, metadata } = request;
	return { run: { id: record.id, version: record.workflow.version, slug: record.workflow.slug }, values, count, embedRecipe, metadata };
}

/** The request again. `find`: the version of a workflow that was accepted; null: it is no longer there. */
export async function fromStored(
	stored: JsonObject,
	find: (id: string, version: number) => Promise<WorkflowRecord | null>,
): Promise<ItemRequest | null> {
	if (stored.run === undefined) return { ...(stored as unknown as GenerationRequest), runAfter: null };
	const run = asObject(stored.run);
	const record = await find(asText(run.id) ?? "", asNumber(run.version) ?? 0);
	if (!record) return null;
	return {
		record,
		values: asObject(stored.values),
		count: asNumber(stored.count) ?? 1,
		embedRecipe: stored.embedRecipe === true,
		runAfter: null,
		metadata: asObject(stored.metadata) as Record<string, string>,
	};
}

/** Fields of `request` that are not the same in `base`: ten thousand items that differ in their prompt are kept as prompts. */
export function differenceFrom(base: JsonObject, request: JsonObject): JsonObject {
	return Object.fromEntries(Object.entries(request).filter(([name, value]) => JSON.stringify(base[name]) !== JSON.stringify(value)));
}

/** Fields that every item has alike. */
export function commonFields(requests: readonly JsonObject[]): JsonObject {
	const [first, ...rest] = requests;
	if (!first) return {};
	const texts = Object.entries(first).map(([name, value]) => [name, JSON.stringify(value)] as const);
	const alike = texts.filter(([name, text]) => rest.every((request) => name in request && JSON.stringify(request[name]) === text));
	return Object.fromEntries(alike.map(([name]) => [name, first[name] ?? null]));
}

/** What a person would name an item by: its prompt, where it has one. */
export function titleOf(stored: JsonObject): string {
	return asText(stored.prompt) ?? asText(asObject(stored.values).prompt) ?? asText(asObject(stored.run).slug) ?? "";
}
