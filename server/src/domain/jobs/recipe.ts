import type { JsonObject } from "../json.ts";
import type { EndedStep } from "./jobStore.ts";

/** Request fields that are not settings: they say how it was asked, not what was made. */
const notSettings = new Set(["count", "runAfter", "metadata", "seed", "embedRecipe", "embeddedRecipe", "values", "deleteAfterS", "cache"]);

/** Everything needed to make one picture again: workflow, settings, seed, and what each step ran with (model digests included). */
export function recipeOf(
	request: JsonObject,
	workflow: string,
	version: number,
	seed: number,
	steps: Record<string, EndedStep>,
): JsonObject {
	return {
		made_by: "Glassworks",
		workflow,
		workflow_version: version,
		seed,
		settings: Object.fromEntries(
			Object.entries(request).filter(([name, value]) => !notSettings.has(name) && value !== null && value !== ""),
		),
		steps: Object.fromEntries(Object.entries(steps).map(([id, step]) => [id, step.data])),
	};
}
