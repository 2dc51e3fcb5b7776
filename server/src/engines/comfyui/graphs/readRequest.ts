import type { NodeCatalogue } from "../../../domain/engines/nodeCatalogue.ts";
import type { ModelRegistry, Recipe } from "../../../domain/engines/registry.ts";
import { GlassworksError } from "../../../domain/errors.ts";
import type { Picture, StepKind, StepRequest } from "../../../domain/ports.ts";
import { type StepParams, stepParams } from "../../../domain/workflows/stepParams.ts";

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

/** @throws {GlassworksError} `engine_invalid`, with every wrong field */
export function readParams<K extends StepKind>(kind: K, request: StepRequest): StepParams<K> {
	const parsed = stepParams[kind].safeParse(request.params);
	if (parsed.success) return parsed.data as StepParams<K>;
	const fields = parsed.error.issues.map(({ path, message }) => ({
		path: path.map((key) => (typeof key === "number" ? key : String(key))),
		message,
	}));
	const summary = fields.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
	throw new GlassworksError("engine_invalid", `The parameters of ${kind} are wrong: ${summary}`, {}, fields);
}

/** @throws {GlassworksError} `engine_invalid` when the step came without it */
export function pictureOf(request: StepRequest, role: string): Picture {
	return request.inputs[role] ?? refuse(role, `the step ${request.kind} needs a picture for it.`);
}

/** @throws {GlassworksError} `model_missing` */
export function recipeOf({ kind, model }: StepRequest, { registry }: Known): Recipe {
	const known = registry.models.find(({ name, steps }) => name === model && steps.some((step) => step === kind));
	return known?.recipe ?? missing("model", model);
}
