import { z } from "zod";
import { jsonObject, pageQuery, timestamp } from "./common.ts";
import { bill, quote, skippedStep } from "./generation.ts";
import { waiting } from "./waiting.ts";

const failure = z.object({ code: z.string(), message: z.string() });
export const jobStatus = z.enum(["scheduled", "queued", "running", "succeeded", "partial", "failed", "cancelled"]);

const link = z.string().describe("Signed; expires. Ask for the job again to get a fresh one.");

export const image = z
	.object({
		n: z.int(),
		status: z.enum(["pending", "succeeded", "failed", "cancelled"]),
		seed: z.int(),
		url: link.nullable(),
		thumbnail_url: link.nullable().describe("The same, small: a WebP for lists. Signed; expires."),
		original_url: link.nullable().describe("The picture before face restoration and upscaling."),
		width: z.int().nullable(),
		height: z.int().nullable(),
		media_type: z.string().nullable(),
		bytes: z.int().nullable(),
		step: z.string().nullable().describe("The step now running or waiting."),
		progress: z.number().min(0).max(1).describe("Of the whole picture, by predicted time."),
		skipped: z.array(skippedStep),
		degraded: z.array(z.string()).describe("Steps left out because too much work was waiting; they cost nothing."),
		understood_as: z.string().nullable().describe("What a small model took the prompt for; null for models that need no such help."),
		understood_score: z.number().nullable(),
		color_applied: z.boolean().nullable(),
		notice: z.string().nullable().describe("What the model is, where that matters."),
		recipe: jsonObject.nullable().describe("Everything needed to make it again: model digests, seed, every setting."),
		expires_at: timestamp
			.nullable()
			.describe("When it is deleted; before the job has ended, the earliest. Null: it is kept, or was deleted."),
		deleted_at: timestamp.nullable().describe("When it was deleted; null: it was not."),
		starred: z.boolean(),
		error: failure.nullable(),
	})
	.meta({ id: "Image" });

export const job = z
	.object({
		id: z.string(),
		object: z.literal("job"),
		status: jobStatus,
		workflow: z.string(),
		model: z.string(),
		created_at: timestamp,
		run_after: timestamp.nullable(),
		started_at: timestamp.nullable(),
		finished_at: timestamp.nullable(),
		waiting: waiting.nullable().describe("Place, reason and ETA; null once ended."),
		progress: z.number().min(0).max(1),
		quote,
		charged_micro_usd: z.int().describe("Taken so far; final once ended."),
		bill: bill.describe("The same, line by line, and what was not charged."),
		request: jsonObject.describe("As accepted, defaults filled in."),
		metadata: z.record(z.string(), z.string()),
		images: z.array(image),
		error: failure.nullable(),
		links: z.object({ self: z.string(), events: z.string(), cancel: z.string() }),
	})
	.meta({ id: "Job" });
export type JobBody = z.infer<typeof job>;

export const jobPage = z.object({ data: z.array(job), next: z.string().nullable() }).meta({ id: "JobPage" });
export const listJobsQuery = pageQuery.extend({
	status: jobStatus.or(z.literal("open")).optional().describe("open: all that has not ended."),
});

/** One server-sent event: `id` is its seq (only durable ones have one), `event` its type, `data` this. */
export const jobEvent = z
	.object({ job_id: z.string(), seq: z.int().nullable(), type: z.string(), created_at: timestamp, data: jsonObject })
	.meta({
		id: "JobEvent",
		description:
			"Durable: job.*, step.*, image.*, replayed from Last-Event-ID. Passing, no id: `waiting` (as in a job), `progress` {n, step, fraction, sampler_step, sampler_steps, of a training also loss} and `preview` {n, data_url}.",
	});
