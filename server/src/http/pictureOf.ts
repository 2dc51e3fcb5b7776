import { GlassworksError } from "../domain/errors.ts";
import type { BlobRef, ImageRun, Job } from "../domain/jobs/job.ts";
import type { EndedStep } from "../domain/jobs/jobStore.ts";
import { resolveReference } from "../domain/workflows/resolveStep.ts";
import type { Workflow } from "../domain/workflows/workflow.ts";
import type { Variant } from "./links.ts";

/** What the steps of a run have left so far, for references to look at. */
export function endedSteps(run: ImageRun): Record<string, EndedStep> {
	const ended = run.tasks.filter((task) => task.status === "done" || task.status === "skipped");
	return Object.fromEntries(ended.map((task) => [task.stepId, { outputs: task.outputs, data: task.data }]));
}

/** The finished picture of a run, or the one before enhancement; null while there is none. */
export function pictureOf(workflows: readonly Workflow[], job: Job, run: ImageRun, variant: Variant): BlobRef | null {
	const workflow = workflows.find((entry) => entry.slug === job.workflow && entry.version === job.workflowVersion);
	// Old jobs outlive workflows.
	if (!workflow) return null;
	const reference = variant === "result" ? workflow.result : workflow.original;
	const value = resolveReference(reference, { request: job.request, earlier: endedSteps(run) });
	return typeof value === "object" && value !== null && "sha256" in value ? (value as unknown as BlobRef) : null;
}

/** @throws {GlassworksError} not_found: no such picture, or not yet */
export function requirePicture(workflows: readonly Workflow[], job: Job, n: number, variant: Variant): BlobRef {
	const run = job.runs.find((entry) => entry.index === n);
	if (!run) throw new GlassworksError("not_found", `The job has no picture ${n}; it has 0 to ${job.runs.length - 1}.`);
	const found = pictureOf(workflows, job, run, variant);
	if (found) return found;
	const state = run.status === "pending" ? "is not finished yet" : `ended as ${run.status}`;
	throw new GlassworksError("not_found", `Picture ${n} ${state}, so it has no ${variant}.`);
}
