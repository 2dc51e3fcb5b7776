import { z } from "zod";
import { stepKinds } from "../ports.ts";
import { workflowInputs } from "./workflowInput.ts";

/**
 * Where a value comes from: the request, an earlier step's output, the first of several that exists, a constant, or an object or list of
 * such. What a list refers to and is not there is left out of it.
 */
export type Reference =
	| { input: string }
	| { step: string; output: string }
	| { firstOf: Reference[] }
	| { value: z.core.util.JSONType }
	| { fields: Record<string, Reference> }
	| { list: Reference[] };

const reference: z.ZodType<Reference> = z.lazy(() =>
	z.union([
		z.strictObject({ input: z.string() }),
		z.strictObject({ step: z.string(), output: z.string() }),
		z.strictObject({ firstOf: z.array(reference).min(1) }),
		z.strictObject({ value: z.json() }),
		z.strictObject({ fields: z.record(z.string().max(64), reference) }),
		z.strictObject({ list: z.array(reference).max(64) }),
	]),
);

const workflowStep = z.strictObject({
	id: z.string().regex(/^[a-z][a-z0-9_]*$/),
	title: z.string(),
	kind: z.enum(stepKinds),
	/** Resolves to a model name. */
	model: reference,
	/** An optional step that cannot run, or fails, keeps its input: later steps take the next of their `firstOf`. */
	optional: z.boolean().default(false),
	/** Name of a request field; the step is skipped as `not_wanted` when that field is false or null. */
	wantedBy: z.string().optional(),
	/** Skipped with `otherwise` unless the referenced number is above zero. */
	onlyIf: z.strictObject({ positive: reference, otherwise: z.enum(["no_faces"]) }).optional(),
	/** Pictures by role. A list under `control` becomes `control_0`, `control_1`, ... */
	inputs: z.record(z.string(), reference).default({}),
	params: z.record(z.string(), reference).default({}),
});

/** A chain of steps as data. Everything a user can run is one of these; the client never builds it. */
export const workflow = z.strictObject({
	slug: z.string(),
	version: z.int().min(1),
	title: z.string(),
	description: z.string(),
	/**
	 * generation: its inputs are fields of a generation request, whose names in the domain its steps refer to. values: they refer to the
	 * inputs. edit: to what is made of an edit (edits/prepareEdit.ts); run at POST /api/v1/edits only. training: to those of a training; run at POST /api/v1/trainings only.
	 */
	takes: z.enum(["generation", "values", "edit", "training"]).default("values"),
	/** What a run may be given. */
	inputs: workflowInputs.default([]),
	/** Width of a picture whose size was not asked for, as a part of its height; its longer side is the model's own. */
	aspect: z.number().min(0.25).max(4).default(1),
	steps: z.array(workflowStep).min(1),
	/** The finished picture. */
	result: reference,
	/** The picture before enhancement: always kept. */
	original: reference,
});
export type Workflow = z.infer<typeof workflow>;
export type WorkflowStep = Workflow["steps"][number];

/** The references inside one. */
export function partsOf(from: Reference): Reference[] {
	if ("firstOf" in from) return from.firstOf;
	if ("list" in from) return from.list;
	return "fields" in from ? Object.values(from.fields) : [];
}

/** Every reference that a step makes, those to its model and its condition among them. */
export function referencesOf(step: WorkflowStep): Reference[] {
	return [step.model, ...Object.values(step.inputs), ...Object.values(step.params), ...(step.onlyIf ? [step.onlyIf.positive] : [])];
}

/** Ids of the steps a reference leans on. */
export function stepsIn(from: Reference): string[] {
	if ("step" in from) return [from.step];
	return partsOf(from).flatMap(stepsIn);
}

/** Ids of the steps that must have ended before this one can start. */
export function needsOf(step: WorkflowStep): string[] {
	return [...new Set(referencesOf(step).flatMap(stepsIn))];
}
