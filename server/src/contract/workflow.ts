import { z } from "zod";
import { stepKinds } from "../domain/ports.ts";
import { exposedTypes } from "../domain/workflows/comfy/exposedInput.ts";
import { visibilities } from "../domain/workflows/workflowStore.ts";
import { jsonObject, jsonValue, timestamp } from "./common.ts";
import { createGeneration, keeping, quote } from "./generation.ts";
import { requestWebhook } from "./requestWebhook.ts";
import { resultMail } from "./resultMail.ts";

/** As Reference of domain/workflows/workflow.ts. */
export type WorkflowReference =
	| { input: string }
	| { step: string; output: string }
	| { first_of: WorkflowReference[] }
	| { value: z.infer<typeof jsonValue> }
	| { fields: Record<string, WorkflowReference> }
	| { list: WorkflowReference[] };

const name = z.string().min(1).max(64);

const workflowReference: z.ZodType<WorkflowReference> = z
	.lazy(() =>
		z.union([
			z.strictObject({ input: name }),
			z.strictObject({ step: name, output: name }),
			z.strictObject({ first_of: z.array(workflowReference).min(1).max(16) }),
			z.strictObject({ value: jsonValue }),
			z.strictObject({ fields: z.record(name, workflowReference) }),
			z.strictObject({ list: z.array(workflowReference).max(16) }),
		]),
	)
	.meta({
		id: "WorkflowReference",
		description:
			"Where a value comes from: an input, an earlier step's output, the first of several that exists, a constant, an object or a list.",
	});

const workflowStep = z
	.strictObject({
		id: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
		title: z.string().max(100).default("").describe("Left empty: the id."),
		kind: z.enum(stepKinds).exclude(["train_lora"]),
		/** The model's name; `standard` for steps that need none. */
		model: workflowReference,
		optional: z.boolean().default(false).describe("When it cannot run or fails, the picture stays as it was before."),
		wanted_by: name.nullable().default(null).describe("An input; the step is skipped when that is false or not given."),
		only_if: z
			.strictObject({ positive: workflowReference, otherwise: z.enum(["no_faces"]) })
			.nullable()
			.default(null)
			.describe("Skipped unless the number is above zero."),
		inputs: z.record(name, workflowReference).default({}).describe("Pictures by role."),
		params: z.record(name, workflowReference).default({}),
	})
	.meta({ id: "WorkflowStep" });
export type WireStep = z.infer<typeof workflowStep>;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const workflowInput = z
	.strictObject({
		name: z.string().describe("Lower-case letters, digits and _."),
		type: z.enum(exposedTypes),
		title: z.string().max(200).optional().describe("Left out: the name."),
		description: z.string().default(""),
		default: scalar.nullable().default(null).describe("Null: it must be given, unless it is optional; a seed is drawn."),
		min: z.number().nullable().default(null),
		max: z.number().nullable().default(null),
		step: z.number().nullable().default(null),
		options: z.array(scalar).nullable().default(null).describe("What a choice offers."),
		multiline: z.boolean().default(false),
		optional: z.boolean().default(false).describe("May be left out though it has no default."),
		bindings: z
			.array(z.strictObject({ node: z.string(), input: z.string() }))
			.default([])
			.describe("In a ComfyUI graph: where the value goes."),
	})
	.meta({ id: "WorkflowInput" });

const workflowSlug = z
	.string()
	.max(63)
	.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be lower-case words joined by hyphens");

const visibility = z
	.enum(visibilities)
	.describe("private: your key. organisation: every key of your account. link: also whoever has the link.");

export const createWorkflow = z
	.strictObject({
		slug: workflowSlug.describe("Its name. A name you have already gets its next version."),
		title: z.string().trim().min(1).max(200).optional(),
		description: z.string().max(2_000).default(""),
		visibility: visibility.default("private").describe("Of a new name; see PATCH."),
		dry_run: z.boolean().default(false).describe("Convert, check and price it, and save nothing."),
		comfyui: z
			.record(z.string(), z.unknown())
			.optional()
			.describe("A ComfyUI workflow, as its editor saves it or as it exports it for the API."),
		finish: z.boolean().default(true).describe("With `comfyui`: restore faces and upscale what the graph drew, where a run wants it."),
		inputs: z.array(workflowInput).max(100).optional().describe("With `comfyui`, left out: those that are found."),
		steps: z.array(workflowStep).min(1).max(32).optional().describe("Steps of your own, in place of `comfyui`."),
		result: workflowReference.optional().describe("With `steps`: the finished picture."),
		original: workflowReference.optional().describe("With `steps`: the picture before enhancement. Left out: the result."),
		aspect: z.number().min(0.25).max(4).default(1).describe("With `steps`: width by height where no size is asked for."),
	})
	.refine((body) => (body.steps === undefined) !== (body.comfyui === undefined), {
		path: ["steps"],
		message: "give either steps or comfyui",
	})
	.refine((body) => body.steps === undefined || body.result !== undefined, { path: ["result"], message: "is required with steps" })
	.meta({ id: "CreateWorkflow" });
export type CreateWorkflow = z.infer<typeof createWorkflow>;

export const workflowSummary = z
	.object({
		slug: z.string(),
		version: z.int(),
		title: z.string(),
		description: z.string(),
		visibility: z.enum(["everyone", ...visibilities]).describe("everyone: it ships."),
		link: z.string().nullable().describe("Stands for the slug to whoever has it; null unless it is yours and shared so."),
		newest: z.int().describe("The latest version."),
		saved_at: timestamp.nullable(),
		inputs: z.array(workflowInput.required()),
		steps: z.array(z.object({ id: z.string(), title: z.string(), kind: z.enum(stepKinds), optional: z.boolean() })),
	})
	.meta({ id: "Workflow" });

export const workflowList = z.object({ data: z.array(workflowSummary), next: z.string().nullable() }).meta({ id: "WorkflowList" });

export const workflowDetail = workflowSummary
	.extend({
		steps: z.array(workflowStep.required()),
		result: workflowReference,
		original: workflowReference,
		aspect: z.number(),
		versions: z.array(z.object({ version: z.int(), saved_at: timestamp })).describe("Newest first; none for those that ship."),
	})
	.meta({ id: "WorkflowDetail" });

export const checkedWorkflow = z
	.object({
		saved: z.boolean().describe("False for a dry run, and when the newest version was the same already."),
		workflow: workflowDetail.omit({ versions: true }).describe("As it is saved, or would be."),
		problems: z
			.array(
				z.object({
					about: z.enum(["conversion", "graph", "safety", "steps", "plan"]),
					path: z.array(z.union([z.string(), z.number()])),
					message: z.string(),
				}),
			)
			.describe("What keeps it from being saved; only a dry run has any."),
		missing: z
			.object({ nodes: z.array(z.string()), files: z.array(z.string()) })
			.describe("What no engine at hand has. It may be saved without and runs once it is there."),
		quote: quote.nullable().describe("Of a run with the defaults; null when it cannot be told."),
	})
	.meta({ id: "CheckedWorkflow" });

export const shareWorkflow = z.strictObject({ visibility }).meta({ id: "ShareWorkflow" });

const shared = createGeneration.shape;

export const runWorkflow = z
	.strictObject({
		inputs: z.record(z.string().max(64), z.unknown()).default({}).describe("By name; GET /workflows/{slug}/schema describes them."),
		version: z.int().min(1).optional().describe("Left out: the newest."),
		count: shared.count.describe("Pictures, each with the next seed."),
		...{ embed_recipe: shared.embed_recipe, run_after: shared.run_after, metadata: shared.metadata },
		...requestWebhook,
		...resultMail,
		...keeping,
	})
	.meta({ id: "RunWorkflow" });
export type RunWorkflow = z.infer<typeof runWorkflow>;

export const valuesSchema = jsonObject.describe("JSON Schema (2020-12) of a run's `inputs`.");
