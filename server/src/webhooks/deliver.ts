import { GlassworksError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Log } from "../domain/ports.ts";
import { pauseMs, readRetryAfter } from "../domain/webhooks/schedule.ts";
import type { WebhookAnswer, WebhookSender } from "../domain/webhooks/webhookSender.ts";
import type { DeliveryAttempt, DueDelivery, Outbox, Verdict, WebhookStore } from "../domain/webhooks/webhookStore.ts";
import { newWebhookSecret, signMessage } from "./signMessage.ts";

export interface DeliverPorts {
	outbox: Outbox;
	webhooks: Pick<WebhookStore, "secret">;
	sender: Pick<WebhookSender, "post">;
	/** What a receiver is told of an event: the same thing as the API shows, as it is now. */
	present(tenantId: string, event: DueDelivery["event"]): Promise<JsonObject>;
	/** The whole message to the address that a request named, where the request came in another service's shape; null: ours. */
	presentOther(tenantId: string, event: DueDelivery["event"]): Promise<object | null>;
	/** In [0, 1). */
	random(): number;
	/** Told of every attempt, for metrics. */
	onAttempt(outcome: Verdict["kind"]): void;
	log: Log;
}

/** Sends one delivery and keeps what came of it. Aborted, it is given back: another process sends it again. */
export async function deliver(ports: DeliverPorts, delivery: DueDelivery, signal: AbortSignal): Promise<void> {
	const { outbox, random, onAttempt, log } = ports;
	if (!delivery.enabled) return outbox.drop(delivery);
	const startedAt = new Date();
	const outcome = await attempt(ports, delivery, startedAt, signal);
	if (signal.aborted && outcome.note !== null) return outbox.giveBack(delivery);
	const { status, note, answer, retryAfter } = outcome;
	const verdict = judge(delivery, { status, note, retryAfterMs: readRetryAfter(retryAfter ?? undefined, new Date()), random: random() });
	const durationMs = Date.now() - startedAt.getTime();
	await outbox.record(delivery, { url: delivery.url, startedAt, durationMs, status, note, answer }, verdict);
	onAttempt(verdict.kind);
	log.info({ delivery: delivery.id, type: delivery.event.type, status, outcome: verdict.kind, ms: durationMs }, "webhook sent");
}

type Outcome = Pick<DeliveryAttempt, "status" | "note" | "answer"> & Pick<WebhookAnswer, "retryAfter">;

async function attempt(ports: DeliverPorts, delivery: DueDelivery, now: Date, signal: AbortSignal): Promise<Outcome> {
	const { tenantId, event, endpointId, url } = delivery;
	try {
		const other = endpointId === null ? await ports.presentOther(tenantId, event) : null;
		const own = async () => ({ type: event.type, timestamp: event.createdAt.toISOString(), data: await ports.present(tenantId, event) });
		const body = JSON.stringify(other ?? (await own()));
		const [first = (await ports.webhooks.secret(tenantId, endpointId, newWebhookSecret())).secret, ...others] = delivery.secrets;
		const headers = { "content-type": "application/json", ...signMessage(event.id, body, [first, ...others], now) };
		const { status, retryAfter, text } = await ports.sender.post({ url, headers, body, signal });
		return { status, note: noteOf(status), answer: text, retryAfter };
	} catch (error) {
		if (error instanceof GlassworksError) return { status: null, note: error.message, answer: null, retryAfter: null };
		ports.log.error({ delivery: delivery.id, error: error instanceof Error ? error.message : "unknown" }, "webhook could not be made");
		return { status: null, note: "Our mistake: the message could not be made. It is tried again.", answer: null, retryAfter: null };
	}
}

/** Why an answer is no success. */
function noteOf(status: number): string | null {
	if (status >= 200 && status < 300) return null;
	if (status >= 300 && status < 400)
		return `The address redirects (${status}). Redirects are not followed: register the address it leads to.`;
	if (status === 410) return "The receiver answered that it is gone (410) and is told nothing more.";
	return `The receiver answered with status ${status}; only 2xx counts as received.`;
}

interface Facts {
	status: number | null;
	note: string | null;
	retryAfterMs: number | null;
	random: number;
}

function judge({ failures, mostFailures }: DueDelivery, { status, note, retryAfterMs, random }: Facts): Verdict {
	if (note === null) return { kind: "delivered" };
	if (status === 410) return { kind: "gone" };
	const isLast = failures + 1 >= mostFailures;
	return { kind: "failed", retryInMs: isLast ? null : pauseMs(failures + 1, retryAfterMs, random) };
}
