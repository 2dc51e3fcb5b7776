import { GlassworksError, isRetryable } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { BlobStore, Bus, Capability, Picture, StepProgress } from "../ports.ts";
import { backoffMs } from "../scheduling/backoff.ts";
import type { FileRef } from "../trainings/training.ts";
import { type ResolvedStep, resolveStep } from "../workflows/resolveStep.ts";
import type { WorkflowInput } from "../workflows/workflowInput.ts";
import type { WorkflowFinder } from "../workflows/workflowStore.ts";
import { announce, jobTopic, poolTopic } from "./announce.ts";
import type { AssetStore } from "./assetStore.ts";
import type { BlobRef } from "./job.ts";
import type { ClaimedTask, JobStore, Lease } from "./jobStore.ts";
import { recipeOf } from "./recipe.ts";
import { nextSeed } from "./runRequest.ts";
import type { Work, WorkOutcome } from "./taskSource.ts";

export interface DispatcherPorts {
	jobs: JobStore;
	assets: AssetStore;
	blobs: BlobStore;
	bus: Bus;
	workflows: Pick<WorkflowFinder, "exactly">;
	/** In [0, 1): jitter of retries. */
	random(): number;
}

/** A task as handed out, with its pictures by reference. */
export interface DispatchedWork extends Work {
	tenantId: string;
	jobId: string;
	inputs: Record<string, BlobRef>;
	/** Digests of files that are no pictures, by role. */
	files: Record<string, string>;
}

/** The server's side of every worker, local or remote: hands out resolved work, takes results, tells followers. */
export interface Dispatcher {
	/** Waits up to `waitMs` for something to claim. */
	claim(
		workerId: string,
		request: { pool: string; capabilities: readonly Capability[]; loadedModel: string | null; slots: number; waitMs: number },
		signal: AbortSignal,
	): Promise<DispatchedWork[]>;
	progress(lease: Lease, progress: StepProgress): Promise<void>;
	/** `preview` must be small and trusted (re-encoded when it came over the network). */
	preview(lease: Lease, preview: Picture): Promise<void>;
	/** Stores a result of the live attempt. The caller has checked the bytes. */
	writeOutput(lease: Lease, role: string, picture: Picture): Promise<BlobRef>;
	/** The same of a file that is no picture. */
	writeFile(lease: Lease, role: string, bytes: Uint8Array): Promise<FileRef>;
	/** A file of a leased step, by its digest. @throws {GlassworksError} lease_lost; model_missing: it was deleted since */
	readFile(lease: Lease, sha256: string): Promise<Uint8Array>;
	finish(lease: Lease, outcome: WorkOutcome): Promise<void>;
}

export function createDispatcher(ports: DispatcherPorts): Dispatcher {
	const { jobs, assets, blobs, bus } = ports;

	async function finish(lease: Lease, outcome: WorkOutcome): Promise<void> {
		if (outcome.kind === "failed")
			return announce(bus, await jobs.finish(lease, { ...outcome, delayMs: backoffMs(lease.attempt, ports.random()) }));
		if (outcome.kind === "released") return announce(bus, await jobs.finish(lease, outcome));
		announce(bus, await jobs.finish(lease, { ...outcome, outputs: await assets.uploads(lease) }));
	}

	return {
		async claim(workerId, request, signal) {
			const deadline = Date.now() + request.waitMs;
			while (!signal.aborted) {
				const woken = wakeUp(bus, request.pool, Math.min(1_000, Math.max(0, deadline - Date.now())), signal);
				const claimed = await jobs.claim({ workerId, ...request });
				for (const { jobId } of claimed) bus.publish(jobTopic(jobId), { type: "changed" });
				const works = (await Promise.all(claimed.map((task) => dispatch(ports.workflows, task, finish)))).filter((work) => work !== null);
				if (works.length > 0 || Date.now() >= deadline) {
					woken.stop();
					return works;
				}
				await woken.promise;
			}
			return [];
		},
		async progress(lease, progress) {
			const { jobId, stepId, runIndex } = await jobs.heartbeat(lease, progress.fraction);
			bus.publish(jobTopic(jobId), {
				type: "progress",
				n: runIndex,
				step: stepId,
				fraction: progress.fraction,
				sampler_step: progress.step ?? null,
				sampler_steps: progress.steps ?? null,
				loss: progress.loss ?? null,
			});
		},
		async preview(lease, preview) {
			const { jobId, runIndex } = await jobs.checkLease(lease);
			const dataUrl = `data:${preview.mediaType};base64,${toBase64(preview.bytes)}`;
			bus.publish(jobTopic(jobId), { type: "preview", n: runIndex, data_url: dataUrl });
		},
		async writeOutput(lease, role, picture) {
			const { tenantId } = await jobs.checkLease(lease);
			const { sha256 } = await blobs.put(tenantId, picture.bytes);
			const { mediaType, widthPx, heightPx } = picture;
			const stored = { sha256, mediaType, widthPx, heightPx, bytes: picture.bytes.byteLength };
			await assets.recordUpload(lease, role, stored);
			return stored;
		},
		...fileWork(ports),
		finish,
	};
}

/** Files that are no pictures. */
function fileWork({ jobs, assets, blobs }: DispatcherPorts): Pick<Dispatcher, "writeFile" | "readFile"> {
	return {
		async writeFile(lease, role, bytes) {
			const { tenantId } = await jobs.checkLease(lease);
			const { sha256 } = await blobs.put(tenantId, bytes);
			const stored: FileRef = { sha256, mediaType: "application/octet-stream", bytes: bytes.byteLength };
			await assets.recordUpload(lease, role, stored);
			return stored;
		},
		async readFile(lease, sha256) {
			const { tenantId } = await jobs.checkLease(lease);
			return blobs.get(tenantId, sha256).catch((error: unknown) => {
				if (error instanceof GlassworksError && error.code === "not_found") throw loraDeleted();
				throw error;
			});
		},
	};
}

const loraDeleted = () => new GlassworksError("model_missing", "A LoRA that the step uses was deleted.");

/** Resolves a claimed step; one that cannot be resolved fails at once instead of reaching an engine. */
async function dispatch(
	workflows: DispatcherPorts["workflows"],
	claimed: ClaimedTask,
	finish: Dispatcher["finish"],
): Promise<DispatchedWork | null> {
	try {
		const { params, inputs } = await resolveClaimed(workflows, claimed);
		const loras = nameFiles(params, claimed.request);
		const { lease, tenantId, jobId, task } = claimed;
		return { ...{ lease, tenantId, jobId, kind: task.kind, model: task.model, inputs, inputRoles: Object.keys(inputs) }, ...loras };
	} catch (error) {
		const code = error instanceof GlassworksError ? error.code : "internal";
		const message = error instanceof GlassworksError ? error.message : "The step could not be prepared.";
		await finish(claimed.lease, { kind: "failed", failure: { code, message }, retryable: isRetryable(code) });
		return null;
	}
}

async function resolveClaimed(workflows: DispatcherPorts["workflows"], claimed: ClaimedTask): Promise<ResolvedStep> {
	const workflow = await workflows.exactly(claimed.workflow, claimed.workflowVersion);
	const step = workflow?.steps.find((entry) => entry.id === claimed.task.stepId);
	if (!workflow || !step) throw new GlassworksError("unknown_workflow", "The workflow no longer has this step.");
	const request: JsonObject = { ...claimed.request, jobId: claimed.jobId, ...seedsOf(workflow.inputs, claimed) };
	if (claimed.request.embedRecipe === true)
		request.embeddedRecipe = recipeOf(claimed.request, workflow.slug, claimed.workflowVersion, claimed.run.seed, claimed.earlier);
	return resolveStep(step, { request, earlier: claimed.earlier });
}

/** LoRAs that the tenant trained, as they were when the job was accepted: by digest, with the role of each one's file. */
function nameFiles(params: JsonObject, { ownLoras = {} }: JsonObject): Pick<DispatchedWork, "params" | "files" | "fileRoles"> {
	const digests = ownLoras as Record<string, string>;
	const named = (Array.isArray(params.loras) ? params.loras : []) as { name: string }[];
	const loras = named.map((lora) => ({ ...lora, digest: digests[lora.name] ?? null }));
	const files = Object.fromEntries(loras.flatMap(({ digest }, at) => (digest ? [[`lora_${at}`, digest]] : [])));
	return { params: loras.length > 0 ? { ...params, loras } : params, files, fileRoles: Object.keys(files) };
}

/** The run's own seed under its names, and the workflow's other seeds, each one more for every picture. */
function seedsOf(inputs: readonly WorkflowInput[], { request, run }: ClaimedTask): JsonObject {
	const [main, ...others] = inputs.filter((input) => input.type === "seed");
	const more = others.map((input) => [input.name, nextSeed(Number(request[input.name]), run.index, input)] as const);
	return { seed: run.seed, ...(main ? { [main.name]: run.seed } : {}), ...Object.fromEntries(more) };
}

/** A promise that ends when the pool may have work, after `ms`, or on abort. Subscribed before looking, so no wake-up is missed. */
function wakeUp(bus: Bus, pool: string, ms: number, signal: AbortSignal): { promise: Promise<void>; stop(): void } {
	let stop = () => {};
	const promise = new Promise<void>((resolve) => {
		const unsubscribe = bus.subscribe(poolTopic(pool), () => stop());
		const timer = setTimeout(() => stop(), ms);
		stop = () => {
			unsubscribe();
			clearTimeout(timer);
			signal.removeEventListener("abort", stop);
			resolve();
		};
		signal.addEventListener("abort", stop);
	});
	return { promise, stop: () => stop() };
}

function toBase64(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
