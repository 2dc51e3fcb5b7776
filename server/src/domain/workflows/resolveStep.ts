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
	if ("list" in reference) return reference.list.map((entry) => resolveReference(entry, scope)).filter(isGiven);
	if ("fields" in reference) {
		const fields = Object.entries(reference.fields).map(([name, entry]) => [name, resolveReference(entry, scope)] as const);
		return Object.fromEntries(fields.filter((field): field is [string, Json] => field[1] !== undefined));
	}
	for (const choice of reference.firstOf) {
		const value = resolveReference(choice, scope);
		if (isGiven(value)) return value;
	}
	return undefined;
}

function isGiven(value: Json | undefined): value is Json {
	return value !== undefined && value !== null;
}

/** Fills a step's inputs and parameters. @throws {GlassworksError} engine_invalid when a parameter does not fit the step. */
export function resolveStep(step: WorkflowStep, scope: Scope): ResolvedStep {
	const inputs: Record<string, BlobRef> = {};
	for (const [role, reference] of Object.entries(step.inputs)) {
		const value = resolveReference(reference, scope);
		if (Array.isArray(value)) for (const [at, picture] of value.entries()) inputs[`${role}_${at}`] = picture as unknown as BlobRef;
		else if (isGiven(value)) inputs[role] = value as unknown as BlobRef;
	}
	const values: JsonObject = { ...("seed" in stepParams[step.kind].shape ? { seed: scope.request.seed ?? null } : {}) };
	for (const [name, reference] of Object.entries(step.params)) {
		const value = resolveReference(reference, scope);
		if (value !== undefined) values[name] = value;
	}
	for (const [name, value] of Object.entries(defaultsOf(step, scope.request))) values[name] ??= value;
	const parsed = stepParams[step.kind].safeParse(values);
	if (!parsed.success) throw new GlassworksError("engine_invalid", `Step ${step.id}: ${parsed.error.issues[0]?.message ?? "invalid"}`);
	return { params: parsed.data as JsonObject, inputs };
}

/** What was settled when the job was accepted for parameters that the workflow leaves open; see completeRun. */
function defaultsOf(step: WorkflowStep, { stepDefaults }: JsonObject): JsonObject {
	return (stepDefaults as Record<string, JsonObject> | undefined)?.[step.id] ?? {};
}

/** The reason to skip a step whose needs have all ended, or null to run it. */
export function skipNow(step: WorkflowStep, scope: Scope): "no_faces" | null {
	if (!step.onlyIf) return null;
	const value = resolveReference(step.onlyIf.positive, scope);
	return typeof value === "number" && value > 0 ? null : step.onlyIf.otherwise;
}
