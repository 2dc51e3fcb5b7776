import type { z } from "zod";
import type { BatchBody, BatchItemBody, batchQuote } from "../../contract/batch.ts";
import { type Batch, type BatchItem, type ItemStatus, itemStatuses } from "../../domain/batches/batch.ts";
import type { Progress } from "../../domain/batches/batchStore.ts";
import { opensAt } from "../../domain/batches/feedBatches.ts";
import { endedJobStatuses, type Job } from "../../domain/jobs/job.ts";
import type { Eta } from "../../domain/jobs/queueView.ts";
import { asObject } from "../../domain/json.ts";
import type { Quote } from "../../domain/pricing/quote.ts";
import { imageLink, type Variant } from "../links.ts";
import { pictureOf } from "../pictureOf.ts";
import type { PresentPorts } from "../presentJob.ts";
import { presentQuote } from "../presentPrice.ts";
import { presentRequest } from "../presentRequest.ts";
import { signLink } from "../sign.ts";

export const batchPath = (batchId: string, below = ""): string => `/api/v1/batches/${batchId}${below}`;

export function presentBatchQuote(of: {
	quote: Quote;
	items: number;
	pictures: number;
	discountPercent: number;
}): z.infer<typeof batchQuote> {
	const { quote, items, pictures, discountPercent } = of;
	return { items, pictures, discount_percent: discountPercent, ...presentQuote(quote) };
}

/** What is known of a batch besides its row. */
export interface BatchView {
	progress: Progress;
	/** Of its job that is last in line; null: not known. */
	lastEta: Eta | null;
	now: Date;
}

export function presentBatch(ports: PresentPorts, batch: Batch, view: BatchView): BatchBody {
	const { counts } = view.progress;
	const of = (status: ItemStatus) => counts[status] ?? 0;
	const ended = endedJobStatuses.reduce((sum, status) => sum + of(status), 0);
	const waiting = of("waiting") === 0 ? null : waitOf(ports, batch, view.now);
	const isScheduled = batch.state === "running" && waiting !== null && of("waiting") + ended === batch.items;
	return {
		...{ id: batch.id, object: "batch", name: batch.name, status: isScheduled ? "scheduled" : batch.state, waiting, items: batch.items },
		pictures: { asked: batch.pictures, done: view.progress.pictures },
		counts: Object.fromEntries(itemStatuses.map((status) => [status, of(status)])) as BatchBody["counts"],
		progress: ended / batch.items,
		eta: batch.finishedAt ? null : etaOf(batch, view, of("waiting"), batch.items - ended),
		quote: presentBatchQuote(batch),
		budget_micro_usd: batch.budgetMicroUsd,
		set_aside_micro_usd: batch.heldMicroUsd,
		in_jobs_micro_usd: batch.committedMicroUsd,
		charged_micro_usd: batch.spentMicroUsd,
		at: batch.startAt?.toISOString() ?? null,
		off_peak: batch.offPeak,
		webhook_url: batch.webhook?.url ?? null,
		webhook_per_item: batch.webhookPerItem,
		metadata: batch.metadata,
		created_at: batch.createdAt.toISOString(),
		started_at: batch.startedAt?.toISOString() ?? null,
		finished_at: batch.finishedAt?.toISOString() ?? null,
		links: linksOf(ports, batch),
	};
}

function linksOf({ config, signingKey }: PresentPorts, { id, tenantId }: Batch): BatchBody["links"] {
	const at = (below: string) => config.publicUrl() + batchPath(id, below);
	const zip = config.publicUrl() + signLink(signingKey, batchPath(id, "/zip"), { tenant: tenantId }, config.limits.linkTtlMs);
	return { self: at(""), items: at("/items"), zip };
}

/** Why its next item is not made a job now; null: it is. */
function waitOf({ operator }: PresentPorts, batch: Batch, now: Date): BatchBody["waiting"] {
	if (batch.state === "paused" && batch.pauseReason)
		return { reason: batch.pauseReason, detail: pauseDetails[batch.pauseReason], until: null };
	if (batch.state !== "running") return null;
	const at = opensAt(batch, operator.offPeak, now);
	if (at && at <= now) return null;
	const detail = at ? "It goes on by itself at that time." : "The server no longer has off-peak times; its operator sets them.";
	return { reason: "scheduled", detail, until: at?.toISOString() ?? null };
}

const pauseDetails = {
	budget_paused: "The next item would exceed the budget. Resume it with a higher one.",
	insufficient_credit: "There is no credit for the next item. Add some and resume it.",
	key_cap: "Its key has used up what it may. Raise the key's cap, or wait for the next month, and resume it.",
	asked: "It was paused. Resume it.",
};

/** Once all are jobs: that of the last one in line. Before: what is left, at the pace of late. */
function etaOf(batch: Batch, { progress, lastEta }: BatchView, waiting: number, left: number): BatchBody["eta"] {
	if (batch.state === "paused" || left === 0) return null;
	if (waiting === 0 && lastEta)
		return { p50_ms: Math.round(lastEta.p50Ms), p90_ms: Math.round(lastEta.p90Ms), method: `Of its last job: ${lastEta.method}` };
	const { pace } = progress;
	if (!pace || pace.items < 5) return null;
	const p50 = Math.round((left * pace.ms) / pace.items);
	return { p50_ms: p50, p90_ms: null, method: `${left} items at the pace of the ${pace.items} that ended last.` };
}

/** `job`: of its current attempt. */
export async function presentItem(ports: PresentPorts, item: BatchItem, job: Job | null): Promise<BatchItemBody> {
	const workflow = job && (await ports.workflows.exactly(job.workflow, job.workflowVersion));
	const images = (job?.runs ?? []).flatMap((run) => {
		const picture = job && run.status === "succeeded" ? pictureOf(workflow, job, run, "result") : null;
		if (!job || !picture) return [];
		const link = (variant: Variant) => imageLink(ports, job.tenantId, job.id, run.index, variant);
		const links = { url: link("result"), thumbnail_url: link("thumbnail") };
		return [{ n: run.index, seed: run.seed, ...links, media_type: picture.mediaType, bytes: picture.bytes }];
	});
	return {
		...{ index: item.index, status: item.status, attempt: item.attempt, pictures: item.pictures, images },
		request: presentStored(item.request),
		metadata: asObject(item.request.metadata) as Record<string, string>,
		price_micro_usd: item.priceMicroUsd,
		charged_micro_usd: item.chargedMicroUsd,
		job_id: item.jobId,
		earlier_job_ids: item.jobIds.filter((id) => id !== item.jobId),
		error: item.error && { code: item.error.code, message: item.error.message },
	};
}

function presentStored(stored: BatchItem["request"]): BatchItemBody["request"] {
	if (stored.run === undefined) return presentRequest(stored);
	const { run, values, count = 1, embedRecipe = false } = stored;
	const { slug = null, version = null } = run as Record<string, string | number>;
	const names = Object.keys((values ?? {}) as object);
	const { inputs } = presentRequest({ ...(values as object), values: names });
	return { workflow: slug, version, count, embed_recipe: embedRecipe, inputs: inputs ?? {} };
}
