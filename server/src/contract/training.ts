import { z } from "zod";
import { modelFamilies } from "../domain/engines/registry.ts";
import { pageQuery, timestamp } from "./common.ts";
import { bill, createGeneration, keeping, quote } from "./generation.ts";
import { jobStatus } from "./job.ts";
import { pictureInput } from "./picture.ts";
import { requestWebhook } from "./requestWebhook.ts";
import { waiting } from "./waiting.ts";

const shared = createGeneration.shape;

const trainingPicture = z
	.strictObject({ image: pictureInput, caption: z.string().trim().max(1_000).default("").describe("What is on it, in words.") })
	.meta({ id: "TrainingPicture" });

export const createTraining = z
	.strictObject({
		name: z
			.string()
			.regex(/^[a-z0-9][a-z0-9._-]{0,99}$/)
			.describe("What `loras` of later requests of your account call it. Lower-case letters, digits, `.`, `_` and `-`."),
		model: z.string().max(100).describe("The model it is trained for; it fits all models of that family."),
		pictures: z.array(trainingPicture).min(1).max(100),
		trigger_word: z
			.string()
			.trim()
			.min(1)
			.max(50)
			.optional()
			.describe("Put before each caption that does not hold it; prompts that hold it then call up what was learnt."),
		steps: z.int().min(1).max(20_000).default(1_000).describe("Training steps."),
		rank: z.int().min(1).max(64).default(16).describe("Size of the LoRA."),
		learning_rate: z.number().min(1e-7).max(0.1).default(1e-4),
		batch_size: z.int().min(1).max(8).default(1).describe("Pictures a step."),
		side: z
			.int()
			.min(64)
			.max(2_048)
			.multipleOf(16)
			.optional()
			.describe("Pictures are cut to a square of so many pixels. Left out: the model's own."),
		seed: shared.seed.describe("Same seed, pictures and settings, same LoRA. Left out: random."),
		sample_prompts: z.array(z.string().trim().min(1).max(1_000)).max(4).default([]).describe("Drawn with it halfway and at the end."),
		...{ run_after: shared.run_after, metadata: shared.metadata },
		delete_after_s: keeping.delete_after_s.describe(
			"Seconds after the end at which training pictures and samples are deleted. Left out: when the plan says. The LoRA stays until you delete it.",
		),
		...requestWebhook,
	})
	.meta({ id: "CreateTraining" });
export type CreateTraining = z.infer<typeof createTraining>;

const failure = z.object({ code: z.string(), message: z.string() });

export const training = z
	.object({
		...{ id: z.string(), object: z.literal("training"), status: jobStatus, name: z.string(), model: z.string() },
		family: z.enum(modelFamilies),
		created_at: timestamp,
		...{ run_after: timestamp.nullable(), started_at: timestamp.nullable(), finished_at: timestamp.nullable() },
		waiting: waiting.nullable().describe("Place, reason and ETA; null once ended."),
		progress: z.number().min(0).max(1),
		...{ quote, charged_micro_usd: z.int(), bill },
		settings: z
			.object({
				pictures: z.int().describe("How many it learns from."),
				...{ steps: z.int(), rank: z.int(), learning_rate: z.number(), batch_size: z.int(), side: z.int(), seed: z.int() },
				sample_prompts: z.array(z.string()),
			})
			.describe("As accepted, defaults filled in."),
		losses: z.array(z.object({ step: z.int(), loss: z.number() })).describe("How it went, at most 200 of its steps; empty before its end."),
		samples: z
			.array(
				z.object({
					n: z.int(),
					step: z.int().describe("Trained so far."),
					prompt: z.string(),
					url: z.string().describe("Signed; expires."),
				}),
			)
			.describe("The latest first; empty before its end, and once deleted."),
		file: z
			.object({ bytes: z.int(), sha256: z.string(), url: z.string().describe("Signed; expires.") })
			.nullable()
			.describe("The LoRA, as safetensors in kohya's layout; null: there is none."),
		metadata: z.record(z.string(), z.string()),
		error: failure.nullable(),
		links: z.object({ self: z.string(), events: z.string(), cancel: z.string() }),
	})
	.meta({ id: "Training" });
export type TrainingBody = z.infer<typeof training>;

export const trainingPage = z.object({ data: z.array(training), next: z.string().nullable() }).meta({ id: "TrainingPage" });
export const listTrainingsQuery = pageQuery;

/** A training as a receiver is told of it: without what it was trained with. */
export const webhookTraining = training
	.pick({
		...{
			id: true,
			object: true,
			status: true,
			name: true,
			model: true,
			family: true,
			created_at: true,
			started_at: true,
			finished_at: true,
		},
		...{ charged_micro_usd: true, metadata: true, file: true, error: true, links: true },
	})
	.meta({ id: "WebhookTraining" });
