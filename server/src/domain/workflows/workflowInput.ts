import { z } from "zod";
import { isJsonObject, type JsonObject } from "../json.ts";
import { exposedInput, refuseRepeats } from "./comfy/exposedInput.ts";
import { inputsSchema } from "./comfy/inputsSchema.ts";
import { parseRunValues } from "./comfy/parseRunValues.ts";

/** One field of a run. `bindings` is for graphs; steps of other kinds refer to it by name. */
const workflowInput = exposedInput.safeExtend({
	/** May be left out though it has no default: the workflow then does without. */
	optional: z.boolean().default(false),
	bindings: z.array(exposedInput.shape.bindings.element).max(50),
});
export type WorkflowInput = z.infer<typeof workflowInput>;

export const workflowInputs = z.array(workflowInput).max(100).superRefine(refuseRepeats);

/**
 * The values of a run by name, defaults filled in; what is optional and was not given is absent. Pictures are `{asset_id}`, `{url}` or
 * `{job_id, n}`; a seed that was not given is null.
 * @throws {GlassworksError} invalid_request; `fields` names each field and what would be right.
 */
export function readValues(inputs: readonly WorkflowInput[], values: unknown): JsonObject {
	const isGiven = (name: string) => isJsonObject(values) && Object.hasOwn(values, name) && values[name] !== null;
	const asked = inputs.filter((input) => !mayMiss(input) || isGiven(input.name));
	const absent = new Set(inputs.filter((input) => !asked.includes(input)).map((input) => input.name));
	if (!isJsonObject(values)) return parseRunValues(asked, values);
	return parseRunValues(asked, Object.fromEntries(Object.entries(values).filter(([name]) => !absent.has(name))));
}

const mayMiss = (input: WorkflowInput): boolean => input.optional && input.default === null;

/** The JSON Schema (2020-12) of a run's values. */
export function valuesSchema(inputs: readonly WorkflowInput[]): JsonObject {
	const { required: _required, ...schema } = inputsSchema(inputs);
	const required = inputs.filter((input) => input.default === null && input.type !== "seed" && !input.optional).map((input) => input.name);
	return { ...schema, ...(required.length > 0 && { required }) };
}
