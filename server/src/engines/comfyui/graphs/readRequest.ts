import type { NodeCatalogue } from "../../../domain/engines/nodeCatalogue.ts";
import type { ModelRegistry, Recipe } from "../../../domain/engines/registry.ts";
import { GlassworksError } from "../../../domain/errors.ts";
import type { StepRequest } from "../../../domain/ports.ts";
import type { StepParams } from "../../../domain/workflows/stepParams.ts";

/** What a graph is built against: our names, and what this server says about its nodes. */
export interface Known {
	registry: ModelRegistry;
	nodes: NodeCatalogue;
}

/** Parameters that every drawing has. */
export type Sampling = StepParams<"generate">;

/** @throws {GlassworksError} `engine_invalid`, always: `message` says what would be right for `field` */
export function refuse(field: string, message: string): never {
	const path = field.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key));
	throw new GlassworksError("engine_invalid", `${field}: ${message}`, { field }, [{ path, message }]);
}

/** @throws {GlassworksError} `model_missing`, always, naming our name and nothing that lies on the server */
export function missing(what: string, name: string): never {
	throw new GlassworksError("model_missing", `The ${what} "${name}" is not installed on this engine.`, { name });
}

/** @throws {GlassworksError} `model_missing` */
export function recipeOf({ kind, model }: StepRequest, { registry }: Known): Recipe {
	const known = registry.models.find(({ name, steps }) => name === model && steps.some((step) => step === kind));
	return known?.recipe ?? missing("model", model);
}
