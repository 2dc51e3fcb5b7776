import type { z } from "zod";
import type { skippedStep } from "../contract/generation.ts";
import type { image, JobBody, jobEvent } from "../contract/job.ts";
import { endedJobStatuses, type ImageRun, type Job, type JobEvent, type SkipReason, type Task } from "../domain/jobs/job.ts";
import type { Waiting } from "../domain/jobs/queueView.ts";
import { recipeOf } from "../domain/jobs/recipe.ts";
import type { Json } from "../domain/json.ts";
import type { OperatorConfig } from "../domain/plans/operatorConfig.ts";
import { billJob } from "../domain/pricing/billJob.ts";
import { expiryOf } from "../domain/storage/retention.ts";
import type { Workflow } from "../domain/workflows/workflow.ts";
import type { WorkflowFinder } from "../domain/workflows/workflowStore.ts";
import { imageLink, type LinkPorts, type Variant } from "./links.ts";
import { endedSteps, pictureOf } from "./pictureOf.ts";
import { presentBill, presentQuote } from "./presentPrice.ts";
import { presentRequest } from "./presentRequest.ts";
import { presentWaiting } from "./presentWaiting.ts";

export type PresentPorts = LinkPorts & { operator: OperatorConfig; workflows: Pick<WorkflowFinder, "exactly"> };

export async function presentJob(ports: PresentPorts, job: Job, outlook: Waiting | null): Promise<JobBody> {
	const workflow = await ports.workflows.exactly(job.workflow, job.workflowVersion);
	const self = `${ports.config.publicUrl()}/api/v1/jobs/${job.id}`;
	const images = job.runs.toSorted((a, b) => a.index - b.index).map((run) => presentImage(ports, workflow, job, run));
	return {
		id: job.id,
		object: "job",
		status: job.status,
		workflow: workflow?.slug ?? job.workflow,
		model: job.model,
		created_at: job.createdAt.toISOString(),
		run_after: job.runAfter?.toISOString() ?? null,
		started_at: job.startedAt?.toISOString() ?? null,
		finished_at: job.finishedAt?.toISOString() ?? null,
		waiting: outlook && !endedJobStatuses.includes(job.status) ? presentWaiting(outlook) : null,
		progress: images.length === 0 ? 0 : images.reduce((sum, entry) => sum + entry.progress, 0) / images.length,
		quote: presentQuote(job.quote),
		charged_micro_usd: job.chargedMicroUsd,
		bill: presentBill(billJob(job), job.quote),
		request: presentRequest(job.request),
		metadata: job.metadata,
		images,
		error: job.error && { code: job.error.code, message: job.error.message },
		links: { self, events: `${self}/events`, cancel: `${self}/cancel` },
	};
}

function presentImage(ports: PresentPorts, workflow: Workflow | null, job: Job, run: ImageRun): z.infer<typeof image> {
	const result = run.status === "succeeded" ? pictureOf(workflow, job, run, "result") : null;
	const original = pictureOf(workflow, job, run, "original");
	const link = (variant: Variant) => imageLink(ports, job.tenantId, job.id, run.index, variant);
	const facts = run.tasks.find((task) => task.kind === "generate" || task.kind === "inpaint")?.data ?? {};
	return {
		n: run.index,
		status: run.status,
		seed: run.seed,
		url: result && link("result"),
		thumbnail_url: result && link("thumbnail"),
		original_url: original && link("original"),
		width: result?.widthPx ?? null,
		height: result?.heightPx ?? null,
		media_type: result?.mediaType ?? null,
		bytes: result?.bytes ?? null,
		step: run.status === "pending" ? currentStep(run.tasks) : null,
		progress: progressOf(run),
		skipped: run.tasks.flatMap(presentSkip),
		degraded: run.tasks.filter((task) => task.skipReason === "overload").map((task) => task.stepId),
		understood_as: typeof facts.understood_as === "string" ? facts.understood_as : null,
		understood_score: typeof facts.understood_score === "number" ? facts.understood_score : null,
		color_applied: typeof facts.color_applied === "boolean" ? facts.color_applied : null,
		notice: ports.operator.models.find((entry) => entry.name === job.model)?.notice || null,
		recipe:
			run.status === "succeeded"
				? recipeOf(job.request, workflow?.slug ?? job.workflow, job.workflowVersion, run.seed, endedSteps(run))
				: null,
		expires_at: run.deletedAt ? null : (expiryOf(job)?.toISOString() ?? null),
		deleted_at: run.deletedAt?.toISOString() ?? null,
		starred: run.starred,
		error: run.error && { code: run.error.code, message: run.error.message },
	};
}

/** The step that runs, or else the first that has not ended. */
function currentStep(tasks: readonly Task[]): string | null {
	const open = tasks.filter((task) => ["running", "ready", "scheduled", "waiting"].includes(task.status));
	return (open.find((task) => task.status === "running") ?? open[0])?.stepId ?? null;
}

/** 0 to 1, by the predicted time of the steps that really run. */
export function progressOf(run: Pick<ImageRun, "status" | "tasks">): number {
	if (run.status === "succeeded") return 1;
	const counted = run.tasks.filter((task) => task.status !== "skipped");
	const total = counted.reduce((sum, task) => sum + task.predictedMs, 0);
	if (total <= 0) return 0;
	const shareDone = (task: Task) => (task.status === "done" ? 1 : task.status === "running" ? Math.min(1, Math.max(0, task.progress)) : 0);
	return Math.min(1, counted.reduce((sum, task) => sum + task.predictedMs * shareDone(task), 0) / total);
}

function presentSkip(task: Task): z.infer<typeof skippedStep>[] {
	if (task.status !== "skipped" || !task.skipReason || task.skipReason === "cached") return [];
	return [{ step: task.stepId, reason: task.skipReason, detail: skipDetails[task.skipReason](task) }];
}

const skipDetails: Record<SkipReason, (task: Task) => string> = {
	model_missing: (task) => `${task.model} is not installed on any worker.`,
	no_faces: () => "No face was found.",
	plan: () => "Your plan does not include it.",
	not_wanted: () => "Switched off in the request.",
	step_failed: (task) => `It failed${task.error ? ` (${task.error.code})` : ""}; the picture stayed as it was before.`,
	overload: () => "Left out because too much work was waiting.",
	cached: () => "Taken from an earlier job.",
};

export function presentEvent(event: JobEvent): z.infer<typeof jobEvent> {
	return { job_id: event.jobId, seq: event.seq, type: event.type, created_at: event.createdAt.toISOString(), data: event.data };
}

/** A frame of the bus: progress or a preview. Null for wake-ups and anything unknown. */
export function presentPassing(jobId: string, message: Json, now: Date): z.infer<typeof jobEvent> | null {
	if (typeof message !== "object" || message === null || Array.isArray(message)) return null;
	const { type, n, step, fraction = null, sampler_step = null, sampler_steps = null, loss = null, data_url: dataUrl } = message;
	const frame = { job_id: jobId, seq: null, created_at: now.toISOString() };
	if (type === "progress" && typeof n === "number")
		return {
			...frame,
			type,
			data: { n, step: typeof step === "string" ? step : null, fraction, sampler_step, sampler_steps, ...(loss === null ? {} : { loss }) },
		};
	if (type === "preview" && typeof n === "number" && typeof dataUrl === "string") return { ...frame, type, data: { n, data_url: dataUrl } };
	return null;
}
