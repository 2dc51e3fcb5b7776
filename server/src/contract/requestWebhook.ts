import { z } from "zod";
import { type EventType, eventTypes } from "../domain/webhooks/eventTypes.ts";

const names = (Object.keys(eventTypes) as EventType[]).filter((type) => type !== "webhook.test");
const groups = [...new Set(names.map((type) => `${type.split(".")[0]}.*`))];
const patterns = ["*", ...groups, ...names] as [string, ...string[]];

export const eventPatterns = z
	.array(z.enum(patterns))
	.min(1)
	.max(patterns.length)
	.transform((types) => [...new Set(types)]);
export const webhookAddress = z.string().trim().min(1).max(2_000);

/** What a request may name for itself, beside the account's webhooks. */
export const requestWebhook = {
	webhook_url: webhookAddress
		.optional()
		.describe("Told what becomes of this request, signed with the account's default secret; see GET /api/v1/webhooks/default-secret."),
	webhook_events: eventPatterns
		.optional()
		.describe("What `webhook_url` is told: event types, `job.*` or `*`. Left out: that it ended, in whatever way."),
};
