import type { Failure, Job } from "../jobs/job.ts";
import type { JobDraft } from "../jobs/jobStore.ts";
import type { Batch, BatchDraft, BatchEvent, BatchItem, ItemDraw, ItemStatus, PauseReason, PricedItem } from "./batch.ts";

/** One try of one item: whoever turns it into a job names it, so that no try is made into two. */
export interface ItemRef {
	batchId: string;
	tenantId: string;
	index: number;
	attempt: number;
}

/** An item that is to become a job. */
export interface WaitingItem extends ItemRef {
	/** What differs from the batch's base. */
	request: BatchItem["request"];
	priceMicroUsd: number;
	draws: ItemDraw[];
}

/** What happened to an item that did not become a job. `gone`: it is a job already, or its batch no longer runs. */
export type Fed = { kind: "job"; job: Job } | { kind: "moved" } | { kind: "gone" } | { kind: "paused" };

export interface Progress {
	/** How many items are what; statuses without items are absent. */
	counts: Partial<Record<ItemStatus, number>>;
	/** Pictures that are there. */
	pictures: number;
	/** Items that ended lately and the time they took together, newest 200; null until some did. */
	pace: { items: number; ms: number } | null;
	/** The job of it that is last in line. */
	lastJobId: string | null;
}

/** Batches and their items. Every method is one transaction unless it says otherwise; the database's clock rules. */
export interface BatchStore {
	/** All or nothing. Null: the plan's month no longer has what the items draw; price them again. @throws {GlassworksError} insufficient_credit */
	create(draft: BatchDraft): Promise<Batch | null>;
	/** @throws {GlassworksError} not_found, for another tenant's batch too */
	get(tenantId: string, batchId: string): Promise<Batch>;
	list(tenantId: string, page: { limit: number; before: string | null }): Promise<{ batches: Batch[]; next: string | null }>;
	/** What happened after `after`, in order. */
	events(tenantId: string, batchId: string, after: number, limit: number): Promise<BatchEvent[]>;
	progress(batchIds: readonly string[]): Promise<Map<string, Progress>>;
	/** By index. `after`: the last index of the page before. */
	items(
		batch: Batch,
		page: { limit: number; after: number | null; status: ItemStatus | null },
	): Promise<{ items: BatchItem[]; next: number | null }>;
	/** Stops feeding. @throws {GlassworksError} not_found, batch_ended */
	pause(tenantId: string, batchId: string, reason: PauseReason): Promise<void>;
	/**
	 * Feeds it again, with another budget when one is given (null: none), and sets aside what it then may take.
	 * @throws {GlassworksError} not_found, batch_ended, budget_too_low, insufficient_credit
	 */
	resume(tenantId: string, batchId: string, budgetMicroUsd?: number | null): Promise<void>;
	/** Nothing more becomes a job, and what was set aside comes back. Returns its unfinished jobs. @throws {GlassworksError} not_found, batch_ended */
	cancel(tenantId: string, batchId: string): Promise<string[]>;
	/**
	 * Items that ended so wait again, as new attempts at these prices; those that meanwhile changed are left alone. Returns how many, or null when
	 * the plan's month no longer has what they draw. @throws {GlassworksError} not_found, batch_ended, insufficient_credit
	 */
	retry(
		tenantId: string,
		batchId: string,
		items: readonly (Pick<PricedItem, "index" | "priceMicroUsd" | "draws"> & { attempt: number })[],
		quotaLimits: BatchDraft["quotaLimits"],
	): Promise<number | null>;

	/** Takes the batch that was looked at longest ago, so that no other process looks at it for `leaseMs`. Null: none is due. */
	takeDue(leaseMs: number): Promise<Batch | null>;
	/** Gives it back, to be looked at again in so many milliseconds. */
	lookAgain(batchId: string, inMs: number): Promise<void>;
	/** Notes which of its jobs have ended and, when all of it has, ends it. Returns how many of its jobs go on. */
	settle(batch: Batch): Promise<{ unfinished: number; finished: boolean; changed: boolean }>;
	/** In the order in which they are to become jobs. */
	waitingItems(batch: Batch, limit: number): Promise<WaitingItem[]>;
	/** Turns an item into this job, once however often and by whomever it is called. Pauses the batch when its budget would be exceeded. */
	feed(item: ItemRef, draft: JobDraft): Promise<Fed>;
	/** Ends an item that can no longer be made into a job. */
	refuse(item: ItemRef, failure: Failure): Promise<void>;
	/** Jobs of cancelled batches that go on, of this one. */
	unfinishedJobs(batchId: string): Promise<string[]>;
}
