import { z } from "zod";
import { deliveryStatuses } from "../domain/webhooks/webhookStore.ts";
import { pageQuery, timestamp } from "./common.ts";
import { image, job } from "./job.ts";
import { eventPatterns, webhookAddress } from "./requestWebhook.ts";

const webhookFields = {
	url: webhookAddress.describe("http or https, on a public network unless the operator allows others."),
	events: eventPatterns.describe("What it is told: event types, a group such as `job.*`, or `*`."),
	description: z.string().max(500),
	enabled: z.boolean().describe("False: nothing is sent to it."),
};

export const createWebhook = z
	.strictObject({
		url: webhookFields.url,
		events: webhookFields.events.default(["*"]),
		description: webhookFields.description.default(""),
		enabled: webhookFields.enabled.default(true),
	})
	.meta({ id: "CreateWebhook" });

export const changeWebhook = z
	.strictObject(webhookFields)
	.partial()
	.refine((body) => Object.values(body).some((value) => value !== undefined), "must change something")
	.meta({ id: "ChangeWebhook" });

export const webhook = z
	.object({
		id: z.string(),
		object: z.literal("webhook"),
		url: z.string(),
		events: z.array(z.string()),
		description: z.string(),
		enabled: z.boolean(),
		disabled_by: z
			.enum(["owner", "gone", "failing"])
			.nullable()
			.describe("owner: you. gone: it answered 410. failing: every attempt failed for five days. Null: it is enabled."),
		disabled_at: timestamp.nullable(),
		failing_since: timestamp.nullable().describe("The first failed attempt since the last that was received."),
		created_at: timestamp,
	})
	.meta({ id: "Webhook" });

const secret = z.string().describe("`whsec_` and base64. Whoever has it can sign in our name.");
export const createdWebhook = webhook.extend({ secret }).meta({ id: "CreatedWebhook" });
export const webhookSecret = z
	.object({ secret, previous_until: timestamp.nullable().describe("Until then the secret before signs too. Null: only this one does.") })
	.meta({ id: "WebhookSecret" });
export const webhookPage = z.object({ data: z.array(webhook), next: z.string().nullable() }).meta({ id: "WebhookPage" });

const attempt = z.object({
	number: z.int().describe("Counted over the whole delivery; one that a restart of the server cut off is missing."),
	url: z.string(),
	started_at: timestamp,
	duration_ms: z.int(),
	status: z.int().nullable().describe("HTTP status; null: no answer."),
	note: z.string().nullable().describe("Why it failed; null: it did not."),
	answer: z.string().nullable().describe("The answer's body: at most 16 kB, in lists 1,000 characters."),
});

export const webhookDelivery = z
	.object({
		id: z.string(),
		object: z.literal("webhook_delivery"),
		webhook_id: z.string().nullable().describe("Null: it went to the `webhook_url` of a request."),
		url: z.string(),
		event: z.object({
			id: z.string().describe("The header `webhook-id`: the same over attempts and receivers."),
			type: z.string(),
			subject: z.string().describe("What it is about: a job's id, a batch's, or a unit of the quota."),
			created_at: timestamp,
		}),
		status: z.enum(deliveryStatuses).describe("dropped: its webhook was disabled before it was sent."),
		next_attempt_at: timestamp.nullable().describe("Null: there is none."),
		ended_at: timestamp.nullable(),
		attempts: z.array(attempt),
	})
	.meta({ id: "WebhookDelivery" });
export const webhookDeliveryPage = z
	.object({ data: z.array(webhookDelivery), next: z.string().nullable() })
	.meta({ id: "WebhookDeliveryPage" });

export const listDeliveriesQuery = pageQuery.extend({ status: z.enum(deliveryStatuses).optional() });
export const listAllDeliveriesQuery = listDeliveriesQuery.extend({
	subject: z.string().max(100).optional().describe("Only those about this job or batch."),
});

/** A job as a receiver is told of it: without the request and its prompt, which receivers' logs need not hold. */
export const webhookJob = job
	.pick({
		...{ id: true, object: true, status: true, workflow: true, model: true, created_at: true, started_at: true, finished_at: true },
		...{ charged_micro_usd: true, metadata: true, error: true, links: true },
	})
	.extend({
		images: z.array(
			image.pick({
				...{
					n: true,
					status: true,
					seed: true,
					url: true,
					thumbnail_url: true,
					original_url: true,
					width: true,
					height: true,
					media_type: true,
					bytes: true,
				},
				...{ degraded: true, error: true },
			}),
		),
	})
	.meta({ id: "WebhookJob", description: "The job as it is when this is sent, which may be later than what `type` tells." });
