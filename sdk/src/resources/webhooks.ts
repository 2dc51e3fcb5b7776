import type { Transport } from "../http/transport.ts";
import type {
	ChangeWebhook,
	CreatedWebhook,
	CreateWebhook,
	Webhook,
	WebhookDelivery,
	WebhookDeliveryPage,
	WebhookPage,
	WebhookSecret,
} from "../types.ts";
import { verifyWebhook } from "../webhooks/verifyWebhook.ts";
import type { CreateOptions } from "./generations.ts";
import { iteratePages } from "./iteratePages.ts";

interface Signalled {
	signal?: AbortSignal;
}
interface PageOptions extends Signalled {
	/** Per page, 1 to 100. Default: the server's, 20. */
	limit?: number;
	/** `next` of the page before. */
	before?: string;
}
export interface ListDeliveriesOptions extends PageOptions {
	/** Only those to this webhook. */
	webhook?: string;
	/** Only those about this job or batch; not together with `webhook`. */
	subject?: string;
	status?: WebhookDelivery["status"];
}

/** Addresses that are told what happens; for who may manage the account. */
export function webhooks(transport: Transport) {
	const base = "/api/v1/webhooks";
	const pathOf = (id: string, below = "") => `${base}/${encodeURIComponent(id)}${below}`;
	const secretPath = (id: string | undefined, below = "") =>
		id === undefined ? `${base}/default-secret${below}` : pathOf(id, `/secret${below}`);
	const list = ({ signal, ...query }: PageOptions = {}): Promise<WebhookPage> => transport.json<WebhookPage>(base, { query, signal });
	const deliveries = ({ webhook, signal, ...query }: ListDeliveriesOptions = {}): Promise<WebhookDeliveryPage> =>
		transport.json<WebhookDeliveryPage>(webhook === undefined ? `${base}/deliveries` : pathOf(webhook, "/deliveries"), { query, signal });

	return {
		/** Checks a message that came to your receiver, and reads it; needs no key. */
		verify: verifyWebhook,
		/** The answer has the secret that its messages are signed with. @throws {GlassworksApiError} url_blocked, webhook_limit */
		create: (webhook: CreateWebhook, { idempotencyKey = crypto.randomUUID(), signal }: CreateOptions = {}): Promise<CreatedWebhook> =>
			transport.json<CreatedWebhook>(base, { method: "POST", json: webhook, headers: { "idempotency-key": idempotencyKey }, signal }),
		/** One page, newest first, without secrets. */
		list,
		/** Every webhook, page by page as they are consumed. */
		iterate: (options: Omit<PageOptions, "before"> = {}): AsyncGenerator<Webhook, void, undefined> =>
			iteratePages((before) => list({ ...options, before })),
		/** @throws {GlassworksApiError} not_found */
		get: (id: string, { signal }: Signalled = {}): Promise<Webhook> => transport.json<Webhook>(pathOf(id), { signal }),
		/** Also enables it again: `{ enabled: true }`. @throws {GlassworksApiError} not_found, url_blocked */
		change: (id: string, change: ChangeWebhook, { signal }: Signalled = {}): Promise<Webhook> =>
			transport.json<Webhook>(pathOf(id), { method: "PATCH", json: change, signal }),
		/** With its log. @throws {GlassworksApiError} not_found */
		remove: async (id: string, { signal }: Signalled = {}): Promise<void> => {
			await transport.json<undefined>(pathOf(id), { method: "DELETE", signal });
		},
		/** Of a webhook; without an id, of the addresses that requests name for themselves. @throws {GlassworksApiError} not_found */
		secret: (id?: string, { signal }: Signalled = {}): Promise<WebhookSecret> => transport.json<WebhookSecret>(secretPath(id), { signal }),
		/** Signs with a new secret; for 24 hours with the old one too. Not sent again when no answer came: `secret` tells. */
		rotateSecret: (id?: string, { signal }: Signalled = {}): Promise<WebhookSecret> =>
			transport.json<WebhookSecret>(secretPath(id, "/rotate"), { method: "POST", maxRetries: 0, signal }),
		/** Sends a test message, once. @throws {GlassworksApiError} webhook_disabled */
		test: (id: string, { signal }: Signalled = {}): Promise<WebhookDelivery> =>
			transport.json<WebhookDelivery>(pathOf(id, "/test"), { method: "POST", signal }),
		/** What was sent, newest first: one page. */
		deliveries,
		/** What was sent, page by page as it is consumed. */
		iterateDeliveries: (options: Omit<ListDeliveriesOptions, "before"> = {}): AsyncGenerator<WebhookDelivery, void, undefined> =>
			iteratePages((before) => deliveries({ ...options, before })),
		/** With the whole of what was answered. @throws {GlassworksApiError} not_found */
		delivery: (id: string, { signal }: Signalled = {}): Promise<WebhookDelivery> =>
			transport.json<WebhookDelivery>(pathOf("deliveries", `/${encodeURIComponent(id)}`), { signal }),
		/** Sends it again, under the same `webhook-id`. @throws {GlassworksApiError} not_found, webhook_disabled */
		redeliver: (id: string, { signal }: Signalled = {}): Promise<WebhookDelivery> =>
			transport.json<WebhookDelivery>(pathOf("deliveries", `/${encodeURIComponent(id)}/redeliver`), { method: "POST", signal }),
	};
}
