import type { Failure, JobStatus } from "../jobs/job.ts";
import type { JsonObject } from "../json.ts";
import type { QuotaUnit } from "../plans/operatorConfig.ts";
import type { Quote } from "../pricing/quote.ts";
import type { RequestWebhook } from "../webhooks/eventTypes.ts";

/** `completed`: every item has ended. `cancelled`: nothing more of it becomes a job; its jobs may still be stopping. */
export type BatchState = "running" | "paused" | "completed" | "cancelled";
/** budget_paused: the next item would exceed the budget. insufficient_credit: no money for it. key_cap: more than its key may. asked: somebody paused it. */
export type PauseReason = "budget_paused" | "insufficient_credit" | "key_cap" | "asked";

/** Most items of one batch. */
export const maxBatchItems = 10_000;
/** Most pictures of all items together. */
export const maxBatchPictures = 100_000;

/** Many requests accepted as one. */
export interface Batch {
	id: string;
	tenantId: string;
	keyId: string | null;
	/** The tenant's plan now. */
	plan: string;
	name: string;
	state: BatchState;
	pauseReason: PauseReason | null;
	items: number;
	/** Asked for by all items together. */
	pictures: number;
	/** Off for their number; on every job of it. */
	discountPercent: number;
	quote: Quote;
	/** What the items' requests have in common; see storedRequest.ts. */
	base: JsonObject;
	/** Null: no cap. */
	budgetMicroUsd: number | null;
	/** Set aside for items that are not jobs yet. */
	heldMicroUsd: number;
	/** Held by its jobs. */
	committedMicroUsd: number;
	/** Taken by its jobs that have ended, of all attempts. */
	spentMicroUsd: number;
	startAt: Date | null;
	offPeak: boolean;
	/** The address that its request named. */
	webhook: RequestWebhook | null;
	/** It is told of its jobs too. */
	webhookPerItem: boolean;
	metadata: Record<string, string>;
	createdAt: Date;
	startedAt: Date | null;
	finishedAt: Date | null;
}

/** What followers of a batch are told of, in order. */
export const batchEventTypes = [
	"batch.created",
	"batch.started",
	"batch.paused",
	"batch.resumed",
	"batch.retried",
	"batch.completed",
	"batch.cancelled",
	"item.succeeded",
	"item.partial",
	"item.failed",
	"item.cancelled",
] as const;
export type BatchEventType = (typeof batchEventTypes)[number];
export interface BatchEvent {
	batchId: string;
	seq: number;
	type: BatchEventType;
	data: JsonObject;
	createdAt: Date;
}

/** As seen from outside: an item that is a job is what its job is. */
export const itemStatuses = ["waiting", "scheduled", "queued", "running", "succeeded", "partial", "failed", "cancelled"] as const;
export type ItemStatus = "waiting" | JobStatus;

export interface BatchItem {
	index: number;
	status: ItemStatus;
	/** 1 at first, one more with every retry. */
	attempt: number;
	pictures: number;
	/** The whole request; see storedRequest.ts. */
	request: JsonObject;
	/** At most what its job costs. */
	priceMicroUsd: number;
	/** Taken so far, of all attempts. */
	chargedMicroUsd: number;
	/** Of this attempt; null: it is not a job yet, or was refused before it was one. */
	jobId: string | null;
	/** Of every attempt, the latest last. */
	jobIds: string[];
	error: Failure | null;
}

/** Units of a plan's month that are set aside for an item. */
export interface ItemDraw {
	unit: QuotaUnit;
	/** The month, UTC, as 2026-11. */
	period: string;
	drawn: number;
}

/** An item before it is accepted, with its price. */
export interface PricedItem {
	index: number;
	/** See storedRequest.ts. */
	request: JsonObject;
	pictures: number;
	priceMicroUsd: number;
	draws: ItemDraw[];
}

export interface BatchDraft
	extends Pick<
		Batch,
		| "id"
		| "tenantId"
		| "keyId"
		| "name"
		| "pictures"
		| "discountPercent"
		| "quote"
		| "budgetMicroUsd"
		| "startAt"
		| "offPeak"
		| "webhook"
		| "webhookPerItem"
		| "metadata"
	> {
	items: PricedItem[];
	/** Item indexes in the order in which they become jobs. */
	order: number[];
	/** Who is mailed when all of it has ended; null: nobody. */
	mailTo: string | null;
	/** What the items drew from, to be checked again: units left of the month when they were priced. */
	quotaLimits: { unit: QuotaUnit; period: string; limit: number }[];
	/** Bound to the batch in the same transaction. */
	idempotencyKey: string | null;
}

/** What is left of a batch to be paid, as its money is counted: a budget caps what is taken and held by jobs. */
export function setAsideFor(batch: Pick<Batch, "budgetMicroUsd" | "committedMicroUsd" | "spentMicroUsd">, waitingMicroUsd: number): number {
	if (batch.budgetMicroUsd === null) return waitingMicroUsd;
	return Math.max(0, Math.min(waitingMicroUsd, batch.budgetMicroUsd - batch.committedMicroUsd - batch.spentMicroUsd));
}
