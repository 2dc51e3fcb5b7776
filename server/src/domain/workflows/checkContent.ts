import type { FieldError } from "../errors.ts";
import type { OperatorConfig } from "../plans/operatorConfig.ts";
import { checkParams } from "./checkParams.ts";
import { modelsFor, stepPorts } from "./stepPorts.ts";
import { partsOf, type Reference, referencesOf, stepsIn, type WorkflowStep } from "./workflow.ts";
import type { WorkflowContent } from "./workflowStore.ts";

export const maxSteps = 32;

/** Names that a request has besides its workflow's inputs. */
const own = ["seed", "upscaleModel", "embeddedRecipe"];
/** Names that inputs must not take: those of every run, and those that authors write for `own`. */
export const reservedNames: readonly string[] = ["count", "workflow", "values", "upscale_model", "embedded_recipe"];

/** What keeps a workflow from running, place by place; empty: nothing. `fields`: names of a request that its inputs do not list. */
export function checkContent(content: WorkflowContent, config: OperatorConfig, fields: readonly string[] = []): FieldError[] {
	const { steps, inputs } = content;
	if (steps.length > maxSteps) return [{ path: ["steps"], message: `at most ${maxSteps} steps` }];
	const known: Known = {
		inputs: new Map(inputs.map((input) => [input.name, input])),
		named: new Set([...inputs.map(({ name }) => name), ...own, ...fields]),
		steps: new Map(steps.map((step) => [step.id, step])),
	};
	const faults = [
		...inputs.flatMap(({ name, type }, at) => {
			const isTaken = reservedNames.includes(name) || (name === "seed" && type !== "seed");
			return isTaken ? [{ path: ["inputs", at, "name"], message: `${name} means something else in every run` }] : [];
		}),
		...steps.flatMap((step, at) =>
			steps.findIndex(({ id }) => id === step.id) < at ? [{ path: ["steps", at, "id"], message: `${step.id} is used twice` }] : [],
		),
		...steps.flatMap((step, at) => checkStep(step, ["steps", at], known, config)),
		...checkPicture(content.result, ["result"], known),
		...checkPicture(content.original, ["original"], known),
	];
	return faults.length > 0 ? faults : cyclesIn(steps);
}

interface Known {
	inputs: ReadonlyMap<string, WorkflowContent["inputs"][number]>;
	/** Everything that `{input}` may name. */
	named: ReadonlySet<string>;
	steps: ReadonlyMap<string, WorkflowStep>;
}
type Path = FieldError["path"];

function checkStep(step: WorkflowStep, path: Path, known: Known, config: OperatorConfig): FieldError[] {
	const { required, optional } = stepPorts[step.kind];
	const missing = required.filter((role) => !step.inputs[role]);
	const roles = step.kind === "graph" ? null : new Set([...required, ...optional]);
	const strange = Object.keys(step.inputs).filter(
		(role) => roles && !roles.has(role) && !(roles.has("control") && /^control_\d$/.test(role)),
	);
	const wanted = step.wantedBy === undefined || known.named.has(step.wantedBy);
	return [
		...referencesOf(step).flatMap((reference) => checkReference(reference, path, known)),
		...missing.map((role) => ({ path: [...path, "inputs", role], message: "must be given: a picture" })),
		...strange.map((role) => ({ path: [...path, "inputs", role], message: `is no picture that ${step.kind} takes` })),
		...Object.entries(step.inputs).flatMap(([role, reference]) =>
			step.optional ? [] : checkPicture(reference, [...path, "inputs", role], known, !required.includes(role)),
		),
		...(wanted ? [] : [{ path: [...path, "wanted_by"], message: `names no input: ${step.wantedBy}` }]),
		...checkModel(step, [...path, "model"], known, config),
		...checkParams(step, [...path, "params"], known.inputs),
	];
}

function checkReference(reference: Reference, path: Path, known: Known): FieldError[] {
	if ("input" in reference)
		return known.named.has(reference.input) ? [] : [{ path, message: `refers to the input ${reference.input}, which is not declared` }];
	if ("step" in reference) {
		const source = known.steps.get(reference.step);
		if (!source) return [{ path, message: `refers to the step ${reference.step}, which is not there` }];
		const { outputs } = stepPorts[source.kind];
		const isMade = outputs.includes(reference.output) || (source.kind === "graph" && /^image_\d{1,2}$/.test(reference.output));
		return isMade ? [] : [{ path, message: `${reference.step} has no output ${reference.output}; it has ${outputs.join(", ")}` }];
	}
	return partsOf(reference).flatMap((part) => checkReference(part, path, known));
}

/** A picture that must be there: not the output of a step that may be skipped, unless something follows it. */
function checkPicture(reference: Reference, path: Path, known: Known, mayMiss = false): FieldError[] {
	if ("value" in reference || "fields" in reference) return [{ path, message: "must refer to a picture" }];
	if ("list" in reference) return reference.list.flatMap((part) => checkPicture(part, path, known));
	if ("firstOf" in reference) return checkPicture(reference.firstOf.at(-1) ?? { value: null }, path, known, mayMiss);
	if ("input" in reference) {
		const input = known.inputs.get(reference.input);
		if (!input) return known.named.has(reference.input) ? [] : [{ path, message: `names no input: ${reference.input}` }];
		if (input.type !== "picture") return [{ path, message: `${input.name} is a ${input.type}, not a picture` }];
		return input.optional && !mayMiss
			? [{ path, message: `${input.name} may be left out; put it in a first_of that ends with another` }]
			: [];
	}
	const source = known.steps.get(reference.step);
	if (!source) return [{ path, message: `refers to the step ${reference.step}, which is not there` }];
	const isPicture = reference.output.startsWith("image") && stepPorts[source.kind].outputs.includes("image");
	if (!isPicture) return [{ path, message: `${reference.step}.${reference.output} is no picture` }];
	return source.optional && !mayMiss
		? [{ path, message: `${reference.step} may be skipped; put it in a first_of that ends with something that is not` }]
		: [];
}

function checkModel({ kind, model }: WorkflowStep, path: Path, known: Known, config: OperatorConfig): FieldError[] {
	const models = modelsFor(kind, config);
	const wrong = (message: string) => [{ path, message }];
	if ("value" in model)
		return models === null || models.includes(String(model.value))
			? []
			: wrong(`no model of that name for ${kind}: one of ${models.join(", ")}`);
	if (!("input" in model)) return wrong("must be a constant or an input");
	const input = known.inputs.get(model.input);
	if (!input) return [];
	if (input.type !== "text" && input.type !== "choice") return wrong(`${input.name} is a ${input.type}; a model is a text or a choice`);
	const offered = [...(input.options ?? []), ...(input.default === null ? [] : [input.default])];
	const strange = models && offered.find((option) => !models.includes(String(option)));
	if (strange) return wrong(`${input.name} offers ${String(strange)}, which is no model for ${kind}`);
	return [];
}

function cyclesIn(steps: readonly WorkflowStep[]): FieldError[] {
	const sorted = sortSteps(steps);
	if (sorted.length === steps.length) return [];
	const stuck = steps.filter((step) => !sorted.includes(step));
	return [{ path: ["steps"], message: `these wait for each other: ${stuck.map(({ id }) => id).join(", ")}` }];
}

/** Steps after those they lean on, else in their own order. What leans on itself is left out. */
export function sortSteps(steps: readonly WorkflowStep[]): WorkflowStep[] {
	const sorted: WorkflowStep[] = [];
	for (let open = [...steps]; ; ) {
		const done = new Set(sorted.map(({ id }) => id));
		const next = open.find((step) =>
			referencesOf(step)
				.flatMap(stepsIn)
				.every((id) => done.has(id)),
		);
		if (!next) return sorted;
		sorted.push(next);
		open = open.filter((step) => step !== next);
	}
}
