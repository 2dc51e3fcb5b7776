import { GlassworksError } from "../errors.ts";
import type { BlobRef } from "../jobs/job.ts";
import type { EndedStep } from "../jobs/jobStore.ts";
import type { Json, JsonObject } from "../json.ts";
import { stepParams } from "./stepParams.ts";
import type { Reference, WorkflowStep } from "./workflow.ts";

/** What references can see: the request's fields and what earlier steps left. */
export interface Scope {
	request: JsonObject;
	earlier: Record<string, EndedStep>;
}

/** A step ready for an engine, with pictures still by reference. */
export interface ResolvedStep {
	params: JsonObject;
	inputs: Record<string, BlobRef>;
}

/** The value a reference points at; undefined when there is none. A step's pictures come before its facts. */
export function resolveReference(reference: Reference, scope: Scope): Json | undefined {
	if ("value" in reference) return reference.value as Json;
	if ("input" in reference) return scope.request[reference.input];
	if ("step" in reference) {
		const step = scope.earlier[reference.step];
		return (step?.outputs[reference.output] as Json | undefined) ?? step?.data[reference.output];
	}
	for (const choice of reference.firstOf) {
		const value = resolveReference(choice, scope);
		if (value !== undefined && value !== null) return value;
	}
	return undefined;
}

/** Fills a step's inputs and parameters. @throws {GlassworksError} engine_invalid when a parameter does not fit the step. */
export function resolveStep(step: WorkflowStep, scope: Scope): ResolvedStep {
	const inputs: Record<string, BlobRef> = {};
	for (const [role, reference] of Object.entries(step.inputs)) {
		const value = resolveReference(reference, scope);
		if (value !== undefined && value !== null) inputs[role] = value as unknown as BlobRef;
	}
	const values: JsonObject = {};
	for (const [name, reference] of Object.entries(step.params)) {
		const value = resolveReference(reference, scope);
		if (value !== undefined) values[name] = value;
	}
	const parsed = stepParams[step.kind].safeParse(values);
	if (!parsed.success) throw new GlassworksError("engine_invalid", `Step ${step.id}: ${parsed.error.issues[0]?.message ?? "invalid"}`);
	return { params: parsed.data as JsonObject, inputs };
}

/** The reason to skip a step whose needs have all ended, or null to run it. */
export function skipNow(step: WorkflowStep, scope: Scope): "no_faces" | null {
	if (!step.onlyIf) return null;
	const value = resolveReference(step.onlyIf.positive, scope);
	return typeof value === "number" && value > 0 ? null : step.onlyIf.otherwise;
}
