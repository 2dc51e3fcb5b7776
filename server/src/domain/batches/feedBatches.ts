import { type ErrorCode, errorTable, GlassworksError } from "../errors.ts";
import { announce, announceAccepted } from "../jobs/announce.ts";
import type { JobStore } from "../jobs/jobStore.ts";
import { submitJob } from "../jobs/submitJob.ts";
import type { Principal } from "../plans/operatorConfig.ts";
import type { Bus } from "../ports.ts";
import type { PriceTerms } from "../pricing/priceJob.ts";
import type { WorkflowFinder } from "../workflows/workflowStore.ts";
import type { Batch } from "./batch.ts";
import type { Fed, WaitingItem } from "./batchStore.ts";
import type { BatchPorts } from "./createBatch.ts";
import { findAccepted } from "./findAccepted.ts";
import { nextOffPeak } from "./offPeak.ts";
import { breathe, sharePorts } from "./sharePorts.ts";
import { fromStored } from "./storedRequest.ts";

export interface FeedPorts extends BatchPorts {
	jobs: Pick<JobStore, "submit" | "cancel">;
	workflows: Pick<WorkflowFinder, "find" | "shipped" | "exactly">;
	bus: Bus;
}

/** Followers of a batch look again. */
export const batchTopic = (batchId: string): string => `batch:${batchId}`;

/** Jobs of one batch that are unfinished at once: enough for any fleet we know, few enough not to fill the line or outlast an off-peak window. */
export const mostUnfinished = 200;
/** So many items of one batch before it is another's turn. */
const slice = 20;
/** A process that dies while it feeds a batch keeps the others from it for so long. */
const leaseMs = 10_000;
/** One round; whoever is not served in it is first in the next. */
const roundMs = 1_000;
const soonMs = 1_000;
const laterMs = 5_000;
/** What rests is looked at this seldom; resuming wakes it. */
const restMs = 600_000;

/** One round of the chore that turns items into jobs. Safe in several processes at once, and to be killed anywhere. */
export async function feedBatches(ports: FeedPorts, now: () => Date = () => new Date()): Promise<void> {
	const until = performance.now() + roundMs;
	do {
		const batch = await ports.batches.takeDue(leaseMs);
		if (!batch) return;
		const nextMs = await feedSlice(ports, batch, now());
		if (nextMs !== null) await ports.batches.lookAgain(batch.id, nextMs);
	} while (performance.now() < until);
}

/** Returns in how many milliseconds to look at it again; null: it has ended. */
async function feedSlice(ports: FeedPorts, batch: Batch, now: Date): Promise<number | null> {
	const { unfinished, finished, changed } = await ports.batches.settle(batch);
	if (changed) ports.bus.publish(batchTopic(batch.id), { type: "changed" });
	if (finished) return null;
	const busyMs = unfinished > 0 ? soonMs : restMs;
	if (batch.state === "cancelled") {
		await cancelJobs(ports, batch, await ports.batches.unfinishedJobs(batch.id));
		return soonMs;
	}
	if (batch.state !== "running") return busyMs;
	const opensMs = (opensAt(batch, ports.config.offPeak, now)?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime();
	if (opensMs > 0) return Math.min(busyMs, opensMs);
	const items = await ports.batches.waitingItems(batch, Math.min(slice, mostUnfinished - unfinished));
	if (items.length === 0) return soonMs;
	const shared = sharePorts(ports);
	let fed = 0;
	for (const item of items) {
		const outcome = await feedItem(shared, batch, item);
		// The embedded database answers without ever leaving the thread: nothing else of the process would have a turn.
		await breathe();
		if (outcome !== "next") return outcome;
		fed++;
	}
	ports.bus.publish(batchTopic(batch.id), { type: "changed" });
	return fed < items.length || unfinished + fed >= mostUnfinished ? soonMs : 0;
}

/** When it may next be fed, `now` when it may; null: never, for all we know. */
export function opensAt(batch: Pick<Batch, "startAt" | "offPeak">, offPeak: FeedPorts["config"]["offPeak"], now: Date): Date | null {
	const from = batch.startAt && batch.startAt > now ? batch.startAt : now;
	if (!batch.offPeak) return from;
	return offPeak && nextOffPeak(offPeak, from);
}

class NotFed extends Error {
	readonly kind: "gone" | "paused";
	constructor(kind: "gone" | "paused") {
		super(kind);
		this.kind = kind;
	}
}

/** Makes an item a job through the door every job enters by. Returns "next", or in how many milliseconds to go on. */
async function feedItem(ports: FeedPorts, batch: Batch, item: WaitingItem): Promise<"next" | number> {
	const { batches, workflows } = ports;
	const request = await fromStored({ ...batch.base, ...item.request }, findAccepted(workflows));
	if (!request) {
		await batches.refuse(item, { code: "unknown_workflow", message: "The workflow is no longer there." });
		return "next";
	}
	const submit = async (draft: Parameters<JobStore["submit"]>[0]) => toJob(await batches.feed(item, draft));
	try {
		const job = await submitJob({ ...ports, jobs: { submit } }, principalOf(batch), request, null, null, termsOf(batch, item));
		announceAccepted(ports.bus, job);
		return "next";
	} catch (error) {
		if (error instanceof NotFed) return error.kind === "gone" ? "next" : restMs;
		if (!(error instanceof GlassworksError)) throw error;
		return afterRefusal(ports, batch, item, error);
	}
}

function toJob(fed: Fed) {
	if (fed.kind === "job") return fed.job;
	if (fed.kind === "moved") return null;
	throw new NotFed(fed.kind);
}

/** Whoever is fed for was let in when the batch was accepted. */
function principalOf({ tenantId, plan, keyId }: Batch): Principal {
	return { tenantId, plan, keyId, userId: null, scopes: ["generate"] };
}

function termsOf({ discountPercent }: Batch, { draws, priceMicroUsd }: WaitingItem): PriceTerms {
	// Set aside already: no limit is asked about again.
	const quotas = draws.map((draw) => ({ ...draw, limit: Number.MAX_SAFE_INTEGER, wanted: draw.drawn }));
	return { percent: discountPercent, quotas, mostMicroUsd: priceMicroUsd };
}

/** No money, or a key that may spend no more: the batch waits. A full line or a rate: later. What is wrong with the item itself fails the item alone. */
async function afterRefusal(ports: FeedPorts, batch: Batch, item: WaitingItem, error: GlassworksError): Promise<"next" | number> {
	if (error.code === "insufficient_credit" || error.code === "over_key_cap") {
		await ports.batches.pause(batch.tenantId, batch.id, error.code === "over_key_cap" ? "key_cap" : error.code);
		return restMs;
	}
	if (isPassing(error.code)) {
		const { retry_after_s: seconds } = error.data;
		return typeof seconds === "number" ? Math.min(restMs, seconds * 1_000) : laterMs;
	}
	await ports.batches.refuse(item, { code: error.code, message: error.message });
	return "next";
}

function isPassing(code: ErrorCode): boolean {
	return [402, 409, 429, 503].includes(errorTable[code][0]);
}

/** Ends jobs of a cancelled batch. One that ended by itself meanwhile stays as it is. */
export async function cancelJobs({ jobs, bus }: Pick<FeedPorts, "jobs" | "bus">, batch: Batch, jobIds: readonly string[]): Promise<void> {
	for (const jobId of jobIds) {
		try {
			announce(bus, await jobs.cancel(batch.tenantId, jobId));
		} catch (error) {
			if (!(error instanceof GlassworksError) || error.code !== "job_not_cancellable") throw error;
		}
	}
	bus.publish(batchTopic(batch.id), { type: "changed" });
}
