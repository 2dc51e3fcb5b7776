import type { z } from "zod";
import type { FieldError } from "../errors.ts";
import type { Json } from "../json.ts";
import { stepParams } from "./stepParams.ts";
import { openParams } from "./stepPorts.ts";
import { partsOf, type Reference, stepsIn, type WorkflowStep } from "./workflow.ts";
import type { WorkflowInput } from "./workflowInput.ts";

type Inputs = ReadonlyMap<string, WorkflowInput>;
type Path = FieldError["path"];

/** Whether a step's parameters are ones of its kind, and constants and inputs such as they take. What earlier steps will give is not judged. */
export function checkParams(step: WorkflowStep, path: Path, inputs: Inputs): FieldError[] {
	const shape: Record<string, z.ZodType> = stepParams[step.kind].shape;
	const given = Object.entries(step.params).flatMap(([name, reference]) => {
		const type = Object.hasOwn(shape, name) ? shape[name] : undefined;
		if (!type)
			return [{ path: [...path, name], message: `is no parameter of ${step.kind}; it has ${Object.keys(shape).join(", ") || "none"}` }];
		return checkParam(reference, type, [...path, name], inputs);
	});
	// What a graph is must be known before it is queued: it is held against the plan.
	const fixed = step.kind !== "graph" ? [] : Object.entries(step.params).filter(([name, reference]) => !isFixed(name, reference));
	const isOpen = (name: string) => "seed" in shape && (openParams as readonly string[]).includes(name);
	const missing = Object.entries(shape).filter(
		([name, type]) => !(name in step.params) && !isOpen(name) && !type.safeParse(undefined).success,
	);
	return [
		...given,
		...fixed.map(([name]) => ({ path: [...path, name], message: "must not come from another step" })),
		...missing.map(([name]) => ({ path: [...path, name], message: "must be given" })),
	];
}

/** The graph and its bindings are constants; the values may be inputs. */
function isFixed(name: string, reference: Reference): boolean {
	return name === "values" ? stepsIn(reference).length === 0 : "value" in reference;
}

function checkParam(reference: Reference, type: z.ZodType, path: Path, inputs: Inputs): FieldError[] {
	if (stepsIn(reference).length > 0 || isOpenEnded(reference, inputs)) return [];
	for (const value of samples(reference, inputs)) {
		const parsed = type.safeParse(value);
		if (parsed.success) continue;
		const [issue] = parsed.error.issues;
		const inside = (issue?.path ?? []).filter((part) => typeof part !== "symbol");
		const named = "input" in reference ? `the input ${reference.input} does not fit: ` : "";
		return [{ path: [...path, ...inside], message: `${named}${issue?.message ?? "is not what the step takes"}` }];
	}
	return [];
}

/** It has a part that is a field of the request which no input describes. */
function isOpenEnded(reference: Reference, inputs: Inputs): boolean {
	if ("input" in reference) return !inputs.has(reference.input);
	return partsOf(reference).some((part) => isOpenEnded(part, inputs));
}

/** Values that stand for all that a reference may become: constants as they are, inputs at their ends. */
function samples(reference: Reference, inputs: Inputs): (Json | undefined)[] {
	if ("value" in reference) return [reference.value as Json];
	if ("input" in reference) {
		const input = inputs.get(reference.input);
		return input ? samplesOf(input) : [];
	}
	if ("firstOf" in reference) return reference.firstOf.flatMap((part) => samples(part, inputs));
	if ("list" in reference)
		return [reference.list.flatMap((part) => samples(part, inputs).slice(0, 1)).filter((value) => value !== undefined)];
	if (!("fields" in reference)) return [];
	const fields = Object.entries(reference.fields).map(([name, part]) => [name, samples(part, inputs)[0]] as const);
	return [Object.fromEntries(fields.filter((field): field is [string, Json] => field[1] !== undefined))];
}

/** An input's values at the ends of what it may be. Absent ones are filled in when the request is accepted, or left to the step. */
export function samplesOf({ type, default: usual, min, max, options }: WorkflowInput): Json[] {
	const first = usual === null ? [] : [usual];
	switch (type) {
		case "text":
			return [...first, "text"];
		case "boolean":
			return [true, false];
		case "choice":
			return [...first, ...(options ?? [])];
		case "picture":
			return [{ sha256: "", mediaType: "image/png", widthPx: 64, heightPx: 64, bytes: 0 }];
		case "seed":
			return [min ?? 0];
		default:
			return [...first, min ?? max ?? 1, max ?? min ?? 1];
	}
}
