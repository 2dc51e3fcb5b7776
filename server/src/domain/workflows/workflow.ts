import { z } from "zod";
import { stepKinds } from "../ports.ts";

/** Where a value comes from: the request, an earlier step's output, the first of several that exists, or a constant. */
export type Reference = { input: string } | { step: string; output: string } | { firstOf: Reference[] } | { value: z.core.util.JSONType };

const reference: z.ZodType<Reference> = z.lazy(() =>
	z.union([
		z.strictObject({ input: z.string() }),
		z.strictObject({ step: z.string(), output: z.string() }),
		z.strictObject({ firstOf: z.array(reference).min(1) }),
		z.strictObject({ value: z.json() }),
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
	/** Pictures by role. */
	inputs: z.record(z.string(), reference).default({}),
	params: z.record(z.string(), reference).default({}),
});

/** A chain of steps as data. Everything a user can run is one of these; the client never builds it. */
export const workflow = z.strictObject({
	slug: z.string(),
	version: z.int().min(1),
	title: z.string(),
	description: z.string(),
	steps: z.array(workflowStep).min(1),
	/** The finished picture. */
	result: reference,
	/** The picture before enhancement: always kept. */
	original: reference,
});
export type Workflow = z.infer<typeof workflow>;
export type WorkflowStep = Workflow["steps"][number];

/** Ids of the steps a reference leans on. */
export function stepsIn(from: Reference): string[] {
	if ("step" in from) return [from.step];
	if ("firstOf" in from) return from.firstOf.flatMap(stepsIn);
	return [];
}

/** Ids of the steps that must have ended before this one can start. */
export function needsOf(step: WorkflowStep): string[] {
	const references = [...Object.values(step.inputs), ...Object.values(step.params), ...(step.onlyIf ? [step.onlyIf.positive] : [])];
	return [...new Set(references.flatMap(stepsIn))];
}
