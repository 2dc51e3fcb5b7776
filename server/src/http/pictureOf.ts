import { GlassworksError } from "../domain/errors.ts";
import type { BlobRef, ImageRun, Job } from "../domain/jobs/job.ts";
import type { EndedStep } from "../domain/jobs/jobStore.ts";
import { resolveReference } from "../domain/workflows/resolveStep.ts";
import type { Workflow } from "../domain/workflows/workflow.ts";
import type { WorkflowFinder } from "../domain/workflows/workflowStore.ts";

/** Which of a run's own pictures: the finished one, or the one before enhancement. */
type Made = "result" | "original";

/** What the steps of a run have left so far, for references to look at. */
export function endedSteps(run: ImageRun): Record<string, EndedStep> {
	const ended = run.tasks.filter((task) => task.status === "done" || task.status === "skipped");
	return Object.fromEntries(ended.map((task) => [task.stepId, { outputs: task.outputs, data: task.data }]));
}

/** The finished picture of a run, or the one before enhancement; null while there is none. */
export function pictureOf(workflow: Workflow | null, job: Job, run: ImageRun, variant: Made): BlobRef | null {
	// Old jobs outlive workflows that ship.
	if (!workflow) return null;
	const reference = variant === "result" ? workflow.result : workflow.original;
	const value = resolveReference(reference, { request: job.request, earlier: endedSteps(run) });
	return typeof value === "object" && value !== null && "sha256" in value ? (value as unknown as BlobRef) : null;
}

export function pictureDeleted(message: string, deletedAt: Date): GlassworksError {
	return new GlassworksError("picture_deleted", message, { deleted_at: deletedAt.toISOString() });
}

/** @throws {GlassworksError} not_found: no such picture, or not yet; picture_deleted */
export async function requirePicture(workflows: Pick<WorkflowFinder, "exactly">, job: Job, n: number, variant: Made): Promise<BlobRef> {
	const run = job.runs.find((entry) => entry.index === n);
	if (!run) throw new GlassworksError("not_found", `The job has no picture ${n}; it has 0 to ${job.runs.length - 1}.`);
	if (run.deletedAt)
		throw pictureDeleted(`Picture ${n} was deleted${run.deletedFor === "retention" ? " because its time was up" : ""}.`, run.deletedAt);
	const found = pictureOf(await workflows.exactly(job.workflow, job.workflowVersion), job, run, variant);
	if (found) return found;
	const state = run.status === "pending" ? "is not finished yet" : `ended as ${run.status}`;
	throw new GlassworksError("not_found", `Picture ${n} ${state}, so it has no ${variant}.`);
}
