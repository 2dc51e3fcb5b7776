import type { ApiGraph } from "../engines/apiGraph.ts";
import type { BlobRef } from "../jobs/job.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Model, OperatorConfig } from "../plans/operatorConfig.ts";
import type { Capability } from "../ports.ts";
import { resolveReference } from "./resolveStep.ts";
import type { Reference, Workflow, WorkflowStep } from "./workflow.ts";
import type { WorkflowRecord } from "./workflowStore.ts";

export interface Size {
	widthPx: number;
	heightPx: number;
}

/** A step as a request fills it, as far as that is known before anything has run. */
export interface SettledStep {
	step: WorkflowStep;
	/** Name of its model. */
	model: string;
	/** False: it depends on an input that the request leaves out or denies. */
	isWanted: boolean;
	capability: Capability;
	/** Of a step that draws or trains: the operator's entry of the model; null for other steps, and when there is none of that name. */
	drawnBy: Model | null;
	/** What is known of its parameters, `defaults` filled in. */
	params: JsonObject;
	/** The model's own size and steps, where neither workflow nor request says them. */
	defaults: JsonObject;
	/** Models whose own price is part of the step's, besides `drawnBy` of a generate step. */
	priced: Model[];
	/** Tells its times apart from those of other workflows; null: the capability, size and steps say enough. */
	work: string | null;
	/** Roles of the pictures that go in: those that the request gives or a step before makes. */
	roles: string[];
	/** Of the pictures that go in, by role, as far as known. */
	sizesIn: Record<string, Size>;
	/** Of the picture it makes; null when that is not known before it has run. */
	size: Size | null;
}

export const draws = ({ kind }: Pick<WorkflowStep, "kind">): boolean => kind === "generate" || kind === "inpaint";

/** A workflow's steps for one request, in order. */
export function settleSteps(
	{ id, workflow }: Pick<WorkflowRecord, "id" | "workflow">,
	request: JsonObject,
	config: OperatorConfig,
): SettledStep[] {
	const settled = new Map<string, SettledStep>();
	for (const step of workflow.steps) settled.set(step.id, settleStep(step, { id, workflow, request, config, settled }));
	return [...settled.values()];
}

interface Context {
	id: string;
	workflow: Workflow;
	request: JsonObject;
	config: OperatorConfig;
	settled: ReadonlyMap<string, SettledStep>;
}

function settleStep(step: WorkflowStep, context: Context): SettledStep {
	const scope = { request: context.request, earlier: {} };
	// A run that leaves open who draws is drawn by the server's own choice.
	const model = String(resolveReference(step.model, scope) ?? (draws(step) ? context.config.defaultModel : ""));
	const drawnBy = draws(step) || step.kind === "train_lora" ? (context.config.models.find((entry) => entry.name === model) ?? null) : null;
	const known: JsonObject = {};
	for (const [name, reference] of Object.entries(step.params)) {
		const value = resolveReference(reference, scope);
		if (value !== undefined) known[name] = value;
	}
	const sizesIn: Record<string, Size> = {};
	for (const [role, reference] of Object.entries(step.inputs)) {
		const size = sizeOf(reference, context);
		if (size) sizesIn[role] = size;
	}
	const image = sizesIn.image ?? null;
	const defaults = drawnBy && draws(step) ? openParams(step, known, drawnBy, image, context) : {};
	const params = { ...known, ...defaults };
	const { id, workflow, config } = context;
	return {
		...{ step, model, capability: `${step.kind}:${model}` as const, drawnBy, params, defaults, sizesIn },
		roles: Object.keys(step.inputs).filter((role) => isGiven(step.inputs[role], context.request)),
		isWanted: step.wantedBy === undefined || Boolean(context.request[step.wantedBy]),
		priced: step.kind === "graph" ? modelsIn(params.graph, config) : step.kind === "inpaint" && drawnBy ? [drawnBy] : [],
		work: step.kind === "graph" ? `${id}.${workflow.version}.${step.id}` : null,
		// An edit is put back into a picture that may be larger than what was painted.
		size: sizeMade(step, params, step.kind === "composite" ? (sizesIn.original ?? image) : image),
	};
}

function isGiven(reference: Reference | undefined, request: JsonObject): boolean {
	if (!reference) return false;
	if ("step" in reference) return true;
	if ("firstOf" in reference) return reference.firstOf.some((each) => isGiven(each, request));
	return (resolveReference(reference, { request, earlier: {} }) ?? null) !== null;
}

/** Models of ours whose network some node of a graph loads. */
function modelsIn(graph: Json | undefined, { models }: OperatorConfig): Model[] {
	const nodes = Object.values((graph ?? {}) as ApiGraph);
	const files = new Set(nodes.flatMap(({ inputs }) => Object.values(inputs).filter((value) => typeof value === "string")).map(baseName));
	return models.filter(({ recipe }) =>
		[...(recipe?.checkpoint ?? []), ...(recipe?.parts?.network ?? [])].some((file) => files.has(baseName(file))),
	);
}

/** Engines list files with the folder they lie in. */
const baseName = (file: string): string => file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);

/** An edit keeps its picture's size, the rest is the model's own. */
function openParams(step: WorkflowStep, known: JsonObject, model: Model, image: Size | null, { workflow }: Context): JsonObject {
	const size = step.kind === "inpaint" && image ? image : ownSize(model, workflow.aspect);
	const usual = { widthPx: size.widthPx, heightPx: size.heightPx, steps: model.defaultSteps };
	return Object.fromEntries(Object.entries(usual).filter(([name]) => known[name] === undefined || known[name] === null));
}

/** A model's usual size in a shape: its longer side is the model's own, the other a multiple of 8. */
export function ownSize({ defaultSidePx, minSidePx }: Model, aspect: number): Size {
	const shorter = Math.max(minSidePx, Math.round((defaultSidePx * Math.min(aspect, 1 / aspect)) / 8) * 8);
	const side = aspect === 1 ? defaultSidePx : shorter;
	return aspect < 1 ? { widthPx: side, heightPx: defaultSidePx } : { widthPx: defaultSidePx, heightPx: side };
}

function sizeMade(step: WorkflowStep, params: JsonObject, image: Size | null): Size | null {
	switch (step.kind) {
		case "generate":
		case "resize":
			return typeof params.widthPx === "number" && typeof params.heightPx === "number"
				? { widthPx: params.widthPx, heightPx: params.heightPx }
				: null;
		case "inpaint":
			return image ?? sizeMade({ ...step, kind: "generate" }, params, null);
		case "upscale":
			return image && { widthPx: image.widthPx * 4, heightPx: image.heightPx * 4 };
		case "graph":
			return null;
		default:
			return image;
	}
}

/** Of several that may be there, the one that always is counts: the last. */
function sizeOf(reference: Reference, context: Context): Size | null {
	if ("step" in reference) return context.settled.get(reference.step)?.size ?? null;
	const last = "firstOf" in reference ? reference.firstOf.at(-1) : undefined;
	if (last) return sizeOf(last, context);
	const value = resolveReference(reference, { request: context.request, earlier: {} }) as unknown as Partial<BlobRef> | null | undefined;
	return value?.widthPx && value.heightPx ? { widthPx: value.widthPx, heightPx: value.heightPx } : null;
}

/** What the request must remember so that steps run with what they were settled with: parameters that it leaves open, by step. */
export function openDefaults(steps: readonly SettledStep[]): JsonObject {
	const open = steps.filter(({ defaults }) => Object.keys(defaults).length > 0);
	return Object.fromEntries(open.map(({ step, defaults }) => [step.id, defaults]));
}
