import { z } from "zod";
import { itemStatuses, maxBatchItems } from "../domain/batches/batch.ts";
import { jsonObject, jsonValue, pageQuery, timestamp } from "./common.ts";
import { priceLine, skippedStep } from "./generation.ts";
import { requestWebhook } from "./requestWebhook.ts";
import { batchMail } from "./resultMail.ts";

const budget = z
	.int()
	.min(0)
	.max(1_000_000_000_000)
	.describe("Micro-dollars. The batch pauses before an item that would take it above this.");
const metadata = z
	.record(z.string().max(64), z.string().max(500))
	.refine((value) => Object.keys(value).length <= 16, "at most 16 entries")
	.default({})
	.describe("Yours; returned as it is. At most 16 entries.");

/** All that a batch is asked for with, but for its items. */
const options = {
	name: z.string().trim().max(200).default("").describe("For you; also the ZIP's name."),
	budget_micro_usd: budget.optional(),
	at: z.iso.datetime({ offset: true }).optional().describe("Nothing of it starts before this moment."),
	off_peak: z
		.boolean()
		.default(false)
		.describe("Items become jobs only within the server's off-peak times; see GET /api/v1/batches/off-peak."),
	order: z.enum(["as_given", "shuffled"]).default("as_given"),
	shuffle_seed: z.int().min(0).max(4_294_967_295).default(0).describe("For `shuffled`: the same seed, the same order."),
	...requestWebhook,
	...batchMail,
	webhook_per_item: z.boolean().default(false).describe("Told of the job.* events of every item too."),
	metadata,
};
export const batchOptions = z.strictObject(options);
export type BatchOptionsBody = z.infer<typeof batchOptions>;

const item = z
	.union([z.string(), jsonObject])
	.describe("A prompt, or the fields of a generation; with `inputs`, those of a run of the workflow that `workflow` names.");

export const createBatch = z
	.strictObject({
		...options,
		items: z.array(item).max(100_000).optional().describe(`1 to ${maxBatchItems}. Either this or \`matrix\`.`),
		matrix: z
			.record(z.string().max(100), z.array(jsonValue).min(1))
			.optional()
			.describe(
				"Fields with their values: an item for every combination, the last field changing fastest. `inputs.<name>` for a workflow's.",
			),
		defaults: jsonObject.default({}).describe("Fields for all items that do not have them themselves."),
	})
	.meta({ id: "CreateBatch" });
export type CreateBatchBody = z.infer<typeof createBatch>;

/** The options of a CSV upload, in its address. */
export const csvQuery = z.object({
	name: options.name,
	budget_micro_usd: z.coerce.number().int().min(0).max(1_000_000_000_000).optional(),
	at: options.at,
	off_peak: z.enum(["true", "false"]).default("false"),
	order: options.order,
	shuffle_seed: z.coerce.number().int().min(0).max(4_294_967_295).default(0),
	webhook_url: options.webhook_url,
	...batchMail,
	webhook_per_item: z.enum(["true", "false"]).default("false"),
});

export const batchQuote = z
	.object({
		items: z.int(),
		pictures: z.int(),
		discount_percent: z.int().describe("By the pictures of all items together."),
		lines: z.array(priceLine),
		total_micro_usd: z.int().describe("The sum of the lines. Never less than what is charged."),
		skipped: z.array(skippedStep),
	})
	.meta({ id: "BatchQuote" });

const counts = z.object(
	Object.fromEntries(itemStatuses.map((status) => [status, z.int()])) as Record<(typeof itemStatuses)[number], z.ZodInt>,
);

export const batch = z
	.object({
		id: z.string(),
		object: z.literal("batch"),
		name: z.string(),
		status: z
			.enum(["scheduled", "running", "paused", "completed", "cancelled"])
			.describe("scheduled: none of its items may become a job yet. completed: every item has ended."),
		waiting: z
			.object({
				reason: z.enum(["scheduled", "budget_paused", "insufficient_credit", "key_cap", "asked"]),
				detail: z.string().describe("In plain words, with what would end the wait."),
				until: timestamp.nullable().describe("When it goes on by itself; null: when you say so."),
			})
			.nullable()
			.describe("Why no further item becomes a job now; null: they do, or all have."),
		items: z.int(),
		pictures: z.object({ asked: z.int(), done: z.int() }),
		counts: counts.describe("Items by status."),
		progress: z.number().min(0).max(1).describe("Items that have ended."),
		eta: z
			.object({ p50_ms: z.int(), p90_ms: z.int().nullable(), method: z.string() })
			.nullable()
			.describe("Milliseconds until the last item ends; null while nothing can be said."),
		quote: batchQuote,
		budget_micro_usd: z.int().nullable(),
		set_aside_micro_usd: z.int().describe("Held for items that are not jobs yet."),
		in_jobs_micro_usd: z.int().describe("Held by its unfinished jobs."),
		charged_micro_usd: z.int().describe("Taken by its jobs that have ended, of all attempts."),
		at: timestamp.nullable(),
		off_peak: z.boolean(),
		webhook_url: z.string().nullable(),
		webhook_per_item: z.boolean(),
		metadata: z.record(z.string(), z.string()),
		created_at: timestamp,
		started_at: timestamp.nullable(),
		finished_at: timestamp.nullable(),
		links: z.object({
			self: z.string(),
			items: z.string(),
			zip: z.string().describe("Signed; expires. All pictures that are there when it is asked for."),
		}),
	})
	.meta({ id: "Batch" });
export type BatchBody = z.infer<typeof batch>;

/** One server-sent event: `id` is its seq (only durable ones have one), `event` its type, `data` this. */
export const batchEvent = z
	.object({ batch_id: z.string(), seq: z.int().nullable(), type: z.string(), created_at: timestamp, data: jsonObject })
	.meta({
		id: "BatchEvent",
		description:
			"Durable: batch.created, started, paused, resumed, retried, completed, cancelled, and item.succeeded, partial, failed, cancelled {index, attempt, job_id, charged_micro_usd, error} of items that were jobs; replayed from Last-Event-ID. Passing, no id: `progress`, with what of the batch changes.",
	});
export type BatchEventBody = z.infer<typeof batchEvent>;

export const batchPage = z.object({ data: z.array(batch), next: z.string().nullable() }).meta({ id: "BatchPage" });

export const batchItem = z
	.object({
		index: z.int().describe("Its place in what was sent, from 0."),
		status: z.enum(itemStatuses).describe("waiting: not a job yet. Else its job's status."),
		attempt: z.int().describe("One more with every retry."),
		pictures: z.int(),
		request: jsonObject.describe("As accepted; the job has the defaults filled in."),
		metadata: z.record(z.string(), z.string()).describe("Of its request."),
		price_micro_usd: z.int().describe("At most what its job costs."),
		charged_micro_usd: z.int().describe("Of all attempts that have ended."),
		job_id: z.string().nullable(),
		earlier_job_ids: z.array(z.string()).describe("Of earlier attempts, the first one first."),
		images: z
			.array(z.object({ n: z.int(), seed: z.int(), url: z.string(), thumbnail_url: z.string(), media_type: z.string(), bytes: z.int() }))
			.describe("Pictures that are there. Links are signed and expire."),
		error: z.object({ code: z.string(), message: z.string() }).nullable(),
	})
	.meta({ id: "BatchItem" });
export type BatchItemBody = z.infer<typeof batchItem>;

export const batchItemPage = z.object({ data: z.array(batchItem), next: z.string().nullable() }).meta({ id: "BatchItemPage" });
export const listItemsQuery = pageQuery.extend({ status: z.enum(itemStatuses).optional() });

export const resumeBatch = z
	.strictObject({ budget_micro_usd: budget.nullable().optional().describe("A new budget; null: none any more. Left out: as it was.") })
	.meta({ id: "ResumeBatch" });
export const retryBatch = z
	.strictObject({
		statuses: z
			.array(z.enum(["failed", "partial", "cancelled"]))
			.min(1)
			.default(["failed"])
			.describe("Items to try again, whole: pictures of a partial one are made anew."),
	})
	.meta({ id: "RetryBatch" });
export const retriedBatch = z
	.object({ retried: z.int().describe("Items that are to become jobs again."), batch })
	.meta({ id: "RetriedBatch" });

export const offPeakTimes = z
	.object({
		time_zone: z.string(),
		windows: z.array(z.object({ days: z.array(z.string()), from: z.string(), to: z.string() })),
		open: z.boolean().describe("Whether it is off-peak now."),
		next: timestamp.nullable().describe("When it next is; now, while it is."),
	})
	.meta({ id: "OffPeak" });
