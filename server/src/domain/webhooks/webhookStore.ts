import type { JsonObject } from "../json.ts";

/** An address that a tenant has told of what happens to it. */
export interface WebhookEndpoint {
	id: string;
	tenantId: string;
	url: string;
	description: string;
	/** Event types, `job.*` or `*`. */
	types: string[];
	enabled: boolean;
	/** gone: it answered 410; failing: nothing but failures for days. */
	disabledBy: "owner" | "gone" | "failing" | null;
	disabledAt: Date | null;
	/** The first failed attempt since the last that was taken. */
	failingSince: Date | null;
	createdAt: Date;
}
export type EndpointChange = Partial<Pick<WebhookEndpoint, "url" | "description" | "types" | "enabled">>;

export interface WebhookSecret {
	/** `whsec_` and standard base64. */
	secret: string;
	/** The one before signs too, until then. */
	previousUntil: Date | null;
}

/** dropped: its endpoint was disabled meanwhile. */
export type DeliveryStatus = "pending" | "delivered" | "failed" | "dropped";
export const deliveryStatuses = ["pending", "delivered", "failed", "dropped"] as const satisfies DeliveryStatus[];

export interface DeliveryAttempt {
	/** Counted over all of the delivery; one whose process died leaves a gap. */
	number: number;
	url: string;
	startedAt: Date;
	durationMs: number;
	/** Null: no answer. */
	status: number | null;
	/** Why it failed; null: it did not. */
	note: string | null;
	/** The answer's body, cut. */
	answer: string | null;
}

/** One event on its way to one address. */
export interface WebhookDelivery {
	id: string;
	/** Null: to the address that a request named. */
	endpointId: string | null;
	url: string;
	event: { id: string; type: string; subjectId: string; createdAt: Date };
	status: DeliveryStatus;
	/** While it is pending: when it is tried next, or given up waiting for by another process. */
	dueAt: Date;
	endedAt: Date | null;
	attempts: DeliveryAttempt[];
}

export interface DeliveryFilter {
	endpointId?: string;
	/** A job or a batch. */
	subjectId?: string;
	status?: DeliveryStatus;
}
interface Page {
	limit: number;
	before: string | null;
}

/** A tenant's endpoints, their secrets and what was sent. Another tenant's id is not found. */
export interface WebhookStore {
	/** With an Idempotency-Key, bound to it in the same transaction. @throws {GlassworksError} webhook_limit */
	create(endpoint: {
		id: string;
		tenantId: string;
		url: string;
		description: string;
		types: string[];
		enabled: boolean;
		secret: string;
		idempotencyKey: string | null;
	}): Promise<WebhookEndpoint>;
	list(tenantId: string, page: Page): Promise<{ endpoints: WebhookEndpoint[]; next: string | null }>;
	/** @throws {GlassworksError} not_found, like all that take an endpoint's id */
	get(tenantId: string, id: string): Promise<WebhookEndpoint>;
	/** Enabled again, it is told of what happens from then on. */
	change(tenantId: string, id: string, change: EndpointChange): Promise<WebhookEndpoint>;
	/** With its deliveries. */
	remove(tenantId: string, id: string): Promise<void>;
	/** An endpoint's; null: the tenant's own, made of `fresh` when there is none yet. */
	secret(tenantId: string, endpointId: string | null, fresh: string): Promise<WebhookSecret>;
	/** `next` signs from now on, and the present one too for so long. */
	rotate(tenantId: string, endpointId: string | null, next: string, overlapMs: number): Promise<WebhookSecret>;
	/** Sends a test event to one endpoint, once. Returns the delivery's id. @throws {GlassworksError} webhook_disabled */
	test(tenantId: string, id: string): Promise<string>;
	/** Newest first, answers cut short. */
	deliveries(tenantId: string, filter: DeliveryFilter, page: Page): Promise<{ deliveries: WebhookDelivery[]; next: string | null }>;
	/** @throws {GlassworksError} not_found */
	delivery(tenantId: string, id: string): Promise<WebhookDelivery>;
	/** Sends it again, on a schedule that begins anew. @throws {GlassworksError} not_found, webhook_disabled */
	redeliver(tenantId: string, id: string): Promise<void>;
	stats(): Promise<WebhookStats>;
}

/** For operators: all tenants together. */
export interface WebhookStats {
	/** Deliveries that are not ended. */
	pending: number;
	/** Since when the oldest of those that should have been tried waits; null: none. */
	oldestDueAt: Date | null;
	/** Endpoints that were disabled because they failed or are gone. */
	disabledEndpoints: number;
}

/** A delivery taken to be sent. */
export interface DueDelivery {
	id: string;
	/** Fences: a result is taken only under the number of the last claim. */
	claim: number;
	tenantId: string;
	endpointId: string | null;
	destination: string;
	url: string;
	/** False: its endpoint was disabled meanwhile. */
	enabled: boolean;
	/** Those that sign; empty: the tenant has none yet. */
	secrets: string[];
	failures: number;
	mostFailures: number;
	event: { id: string; type: string; subjectId: string; data: JsonObject; createdAt: Date };
}

export interface ClaimRequest {
	limit: number;
	/** At most so many to one destination and of one tenant are in flight in this process; those that are, by name. */
	perDestination: number;
	perTenant: number;
	busyDestinations: Readonly<Record<string, number>>;
	busyTenants: Readonly<Record<string, number>>;
	leaseMs: number;
}

/** gone: the receiver wants nothing more, ever. `retryInMs` null: it was the last attempt. */
export type Verdict = { kind: "delivered" } | { kind: "gone" } | { kind: "failed"; retryInMs: number | null };

/** What whoever delivers asks of the store. Safe for several processes at once. */
export interface Outbox {
	/** Due deliveries, the longest due first. To an endpoint that fails goes one at a time. */
	claim(request: ClaimRequest): Promise<DueDelivery[]>;
	/** Keeps an attempt and what follows from it; disables an endpoint that is gone, or that did nothing but fail for five days. */
	record(delivery: DueDelivery, attempt: Omit<DeliveryAttempt, "number">, verdict: Verdict): Promise<void>;
	/** Ends a delivery that is not to be sent. */
	drop(delivery: DueDelivery): Promise<void>;
	/** Back to be sent by another process at once: nothing was tried, or nothing is known of it. */
	giveBack(delivery: DueDelivery): Promise<void>;
	/** Endpoints disabled against their owner's will, whose managers are to be told. They come again after `retryMs`, unless `told`. */
	untold(retryMs: number): Promise<WebhookEndpoint[]>;
	told(endpointId: string): Promise<void>;
	/** Verified mail addresses of who manages the tenant. */
	managersOf(tenantId: string): Promise<string[]>;
	/** Removes what ended longer ago than this, and secrets that no longer sign. */
	purge(olderThanMs: number): Promise<void>;
}
