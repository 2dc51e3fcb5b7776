import type { WebhookSender } from "../domain/webhooks/webhookSender.ts";
import { createAddressCheck, createGuardedRequest, type GuardOptions } from "./guardedRequest.ts";

const timeoutMs = 20_000;
const checkTimeoutMs = 5_000;
const keptBytes = 16 * 1_024;

/** Receivers of webhooks, through the guard that every address of a tenant goes through. */
export function createWebhookSender(options: GuardOptions): WebhookSender {
	const send = createGuardedRequest(options);
	const check = createAddressCheck(options);
	return {
		check: (url) => check(url, checkTimeoutMs),
		async post({ url, headers, body, signal }) {
			const limits = { maxBytes: keptBytes, cutBody: true, timeoutMs, followRedirects: false };
			const answer = await send({ method: "POST", url, headers, body, signal, ...limits });
			const retryAfter = answer.headers["retry-after"];
			return {
				status: answer.status,
				retryAfter: typeof retryAfter === "string" ? retryAfter : null,
				// A database keeps no NUL characters.
				text: new TextDecoder().decode(answer.bytes).replaceAll("\0", "\ufffd"),
			};
		},
	};
}
