import type { WireStep, WorkflowReference } from "../contract/workflow.ts";
import type { FieldError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import { generationFields } from "../domain/workflows/generationInputs.ts";
import type { Reference, Workflow, WorkflowStep } from "../domain/workflows/workflow.ts";

/** Parameters whose names are not simply written otherwise. */
const sides = [
	["widthPx", "width"],
	["heightPx", "height"],
] as const;
/** What every request has besides its inputs. */
const implicit = [
	["upscaleModel", "upscale_model"],
	["embeddedRecipe", "embedded_recipe"],
] as const;

function wireParam(name: string): string {
	return sides.find(([ours]) => ours === name)?.[1] ?? name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function domainParam(name: string): string {
	return sides.find(([, wire]) => wire === name)?.[0] ?? name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Where something is wrong, in the wire's names: the parameters of a step are written otherwise there. */
export function wirePath(path: FieldError["path"]): FieldError["path"] {
	return path.map((part, at) => (path[0] === "steps" && at === 3 && path[2] === "params" ? wireParam(String(part)) : part));
}

/** Steps as an author writes them, as the domain reads them. */
export function readStep(step: WireStep): JsonObject {
	const { only_if: onlyIf, wanted_by: wantedBy, title, params, inputs, model, ...rest } = step;
	return {
		...rest,
		title: title || step.id,
		model: readReference(model),
		inputs: readAll(inputs),
		params: Object.fromEntries(Object.entries(readAll(params)).map(([name, value]) => [domainParam(name), value])),
		...(wantedBy === null ? {} : { wantedBy }),
		...(onlyIf === null ? {} : { onlyIf: { positive: readReference(onlyIf.positive), otherwise: onlyIf.otherwise } }),
	};
}

export function readReference(reference: WorkflowReference): JsonObject {
	if ("first_of" in reference) return { firstOf: reference.first_of.map(readReference) };
	if ("list" in reference) return { list: reference.list.map(readReference) };
	if ("fields" in reference) return { fields: readAll(reference.fields) };
	if ("input" in reference) return { input: implicit.find(([, wire]) => wire === reference.input)?.[0] ?? reference.input };
	if ("step" in reference) return { step: reference.step, output: domainOutput(reference.output) };
	return { value: reference.value };
}

const domainOutput = (output: string): string => (output === "face_count" ? "faceCount" : output);

function readAll(references: Record<string, WorkflowReference>): JsonObject {
	return Object.fromEntries(Object.entries(references).map(([name, reference]) => [name, readReference(reference)]));
}

/** Steps as they are shown. What refers to fields of a generation request that are no inputs of the workflow is left out. */
export function presentSteps(workflow: Workflow): Required<WireStep>[] {
	return workflow.steps.map((step) => presentStep(step, workflow));
}

function presentStep(step: WorkflowStep, workflow: Workflow): Required<WireStep> {
	const { id, title, kind, model, optional, wantedBy, onlyIf, inputs, params } = step;
	const all = (references: Record<string, Reference>, rename = (name: string) => name) =>
		Object.fromEntries(
			Object.entries(references)
				.filter(([, reference]) => !("input" in reference) || isNamed(reference.input, workflow))
				.map(([name, reference]) => [rename(name), presentReference(reference, workflow)]),
		);
	return {
		// No workflow that is shown trains.
		...{ id, title, kind: kind as WireStep["kind"], optional, model: presentReference(model, workflow) },
		wanted_by: wantedBy === undefined ? null : wireInput(wantedBy, workflow),
		only_if: onlyIf ? { positive: presentReference(onlyIf.positive, workflow), otherwise: onlyIf.otherwise } : null,
		inputs: all(inputs),
		params: all(params, wireParam),
	};
}

function isNamed(input: string, workflow: Workflow): boolean {
	const name = wireInput(input, workflow);
	return name === "seed" || implicit.some(([, wire]) => wire === name) || workflow.inputs.some((entry) => entry.name === name);
}

function wireInput(input: string, { takes }: Workflow): string {
	const fields = takes === "generation" ? Object.entries(generationFields) : [];
	return fields.find(([, ours]) => ours === input)?.[0] ?? implicit.find(([ours]) => ours === input)?.[1] ?? input;
}

export function presentReference(reference: Reference, workflow: Workflow): WorkflowReference {
	const within = (part: Reference) => presentReference(part, workflow);
	if ("firstOf" in reference) return { first_of: reference.firstOf.map(within) };
	if ("list" in reference) return { list: reference.list.map(within) };
	if ("fields" in reference)
		return { fields: Object.fromEntries(Object.entries(reference.fields).map(([name, part]) => [name, within(part)])) };
	if ("input" in reference) return { input: wireInput(reference.input, workflow) };
	if ("step" in reference) return { step: reference.step, output: wireParam(reference.output) };
	return { value: reference.value as JsonObject };
}
