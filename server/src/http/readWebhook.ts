import type { z } from "zod";
import type { requestWebhook } from "../contract/requestWebhook.ts";
import { GlassworksError } from "../domain/errors.ts";
import type { RequestWebhook } from "../domain/webhooks/eventTypes.ts";
import type { HttpPorts } from "./ports.ts";

type SenderPorts = Pick<HttpPorts, "webhookSender">;

/** How a request may end, for whoever said nothing else. */
const endings = [
	"training.succeeded",
	"training.failed",
	"training.cancelled",
	"job.succeeded",
	"job.partial",
	"job.failed",
	"job.cancelled",
	"batch.completed",
	"batch.cancelled",
];

/** Sees to it that messages could be sent there; errors name the field. @throws {GlassworksError} url_blocked, invalid_request */
export async function checkWebhookUrl({ webhookSender }: SenderPorts, field: string, url: string): Promise<void> {
	try {
		await webhookSender.check(url);
	} catch (error) {
		if (!(error instanceof GlassworksError)) throw error;
		const code = error.code === "url_blocked" ? "url_blocked" : "invalid_request";
		throw new GlassworksError(code, `${field}: ${error.message}`, error.data, [{ path: [field], message: error.message }]);
	}
}

type Named = { [name in keyof typeof requestWebhook]?: z.output<(typeof requestWebhook)[name]> };

/** The address that a request named for itself; null: none. @throws {GlassworksError} url_blocked, invalid_request */
export async function readRequestWebhook(ports: SenderPorts, body: Named): Promise<RequestWebhook | null> {
	const { webhook_url: url, webhook_events: types } = body;
	if (url !== undefined) {
		await checkWebhookUrl(ports, "webhook_url", url);
		return { url, types: types ?? endings };
	}
	if (types === undefined) return null;
	const message = "needs a webhook_url to send them to";
	throw new GlassworksError("invalid_request", `webhook_events: ${message}.`, {}, [{ path: ["webhook_events"], message }]);
}
