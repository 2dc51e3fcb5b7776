import type { Batch, BatchItem } from "../../domain/batches/batch.ts";
import { titleOf } from "../../domain/batches/storedRequest.ts";
import type { BlobRef, ImageRun, Job } from "../../domain/jobs/job.ts";
import { recipeOf } from "../../domain/jobs/recipe.ts";
import type { JsonObject } from "../../domain/json.ts";
import { type BlobStore, fileExtensions } from "../../domain/ports.ts";
import type { Workflow } from "../../domain/workflows/workflow.ts";
import { endedSteps, pictureOf } from "../pictureOf.ts";
import type { HttpPorts } from "../ports.ts";
import { readSteadily } from "../readSteadily.ts";
import { slugOf } from "../slugOf.ts";
import { type OpenFiles, streamZip, type ZipFile } from "../streamZip.ts";

export type ZipPorts = Pick<HttpPorts, "batches" | "jobs" | "workflows"> & { blobs: Pick<BlobStore, "stream"> };

/** Items looked up at once: what is kept of them is gone before the next are. */
const page = 25;

/** Why something that was asked for is not in the ZIP. */
interface ZipError {
	item: number;
	n: number | null;
	prompt: string;
	status: string;
	code: string;
	message: string;
}

/** A batch's pictures: as many as are there now. What cannot be read never breaks the ZIP, and is told in errors.json. */
export const zipBatch = (ports: ZipPorts, batch: Batch): AsyncGenerator<Uint8Array> => streamZip((open) => filesOf(ports, batch, open));

async function* filesOf(ports: ZipPorts, batch: Batch, open: OpenFiles): AsyncGenerator<ZipFile> {
	const included = new Map<string, string>();
	const errors: ZipError[] = [];
	for await (const { item, job, workflow } of entriesOf(ports, batch)) {
		if (!job) {
			if (item.error || item.status === "cancelled") errors.push(errorOf(item, null, item.error));
			continue;
		}
		for (const run of job.runs) {
			const found = pictureFor(workflow, job, run);
			if (!found) {
				if (run.status !== "pending" || item.status === "cancelled") errors.push(errorOf(item, run, run.error ?? job.error));
				continue;
			}
			const name = nameOf(batch, item, run, found);
			const file = await readSteadily(ports.blobs, job.tenantId, found).catch(() => null);
			if (!file) {
				errors.push(errorOf(item, run, { code: "internal", message: "The picture is there but could not be read." }));
				continue;
			}
			open.splice(0, open.length, file);
			included.set(`${job.id} ${run.index}`, name);
			yield { name, input: file.bytes, lastModified: job.finishedAt ?? job.createdAt };
			if (file.broke())
				errors.push(errorOf(item, run, { code: "internal", message: `The picture could be read in part only; ${name} is cut off.` }));
		}
	}
	const lastModified = batch.finishedAt ?? batch.createdAt;
	yield { name: "manifest.json", input: manifestOf(ports, batch, included), lastModified };
	yield { name: "errors.json", input: new TextEncoder().encode(`${JSON.stringify(errors, null, "\t")}\n`), lastModified };
}

interface Entry {
	item: BatchItem;
	/** Of its current attempt. */
	job: Job | null;
	workflow: Workflow | null;
}

async function* entriesOf({ batches, jobs, workflows }: ZipPorts, batch: Batch): AsyncGenerator<Entry> {
	for (let after: number | null = null; ; ) {
		const { items, next }: { items: BatchItem[]; next: number | null } = await batches.items(batch, { limit: page, after, status: null });
		const ids = items.flatMap(({ jobId }) => (jobId ? [jobId] : []));
		const found = new Map((await jobs.getMany(batch.tenantId, ids)).map((job) => [job.id, job]));
		for (const item of items) {
			const job = found.get(item.jobId ?? "") ?? null;
			yield { item, job, workflow: job && (await workflows.exactly(job.workflow, job.workflowVersion)) };
		}
		if (next === null) return;
		after = next;
	}
}

function pictureFor(workflow: Workflow | null, job: Job, run: ImageRun): BlobRef | null {
	return run.status === "succeeded" ? pictureOf(workflow, job, run, "result") : null;
}

function errorOf(item: BatchItem, run: ImageRun | null, failure: { code: string; message: string } | null): ZipError {
	return {
		item: item.index,
		n: run?.index ?? null,
		prompt: titleOf(item.request),
		status: run?.status ?? item.status,
		code: failure?.code ?? "cancelled",
		message: failure?.message ?? "It was cancelled.",
	};
}

/** What each file is made of and what it cost. Looked up again and written as it goes: a list of ten thousand recipes is large. */
async function* manifestOf(ports: ZipPorts, batch: Batch, included: ReadonlyMap<string, string>): AsyncGenerator<string> {
	const { id, name, items, createdAt, finishedAt } = batch;
	const about = { id, name, items, created_at: createdAt.toISOString(), finished_at: finishedAt?.toISOString() ?? null };
	yield `{"batch":${JSON.stringify(about)},"files":[`;
	let separator = "\n";
	for await (const { item, job, workflow } of entriesOf(ports, batch))
		for (const run of job?.runs ?? []) {
			const file = job && included.get(`${job.id} ${run.index}`);
			if (!job || !file) continue;
			yield separator + JSON.stringify(manifestEntry(file, item, { job, run, workflow }));
			separator = ",\n";
		}
	yield "\n]}\n";
}

function manifestEntry(
	file: string,
	item: BatchItem,
	{ job, run, workflow }: { job: Job; run: ImageRun; workflow: Workflow | null },
): JsonObject {
	const done = run.tasks.filter((task) => task.status === "done");
	return {
		...{ file, item: item.index, n: run.index, job_id: job.id, seed: run.seed },
		price_micro_usd: done.reduce((sum, task) => sum + task.priceMicroUsd, 0),
		recipe: recipeOf(job.request, workflow?.slug ?? job.workflow, job.workflowVersion, run.seed, endedSteps(run)),
	};
}

/** `0001-a-red-apple.png`: by the item's place, so that names are the same each time; with several pictures `0001-2-...`. Plain letters only. */
function nameOf({ items }: Batch, item: BatchItem, { index }: ImageRun, { mediaType }: BlobRef): string {
	const place = String(item.index + 1).padStart(Math.max(4, String(items).length), "0");
	return `${place}${item.pictures > 1 ? `-${index + 1}` : ""}-${slugOf(titleOf(item.request))}.${fileExtensions[mediaType]}`;
}
