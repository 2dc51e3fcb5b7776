import { GlassworksError } from "../../domain/errors.ts";
import type { LeasedStep } from "../../domain/jobs/jobStore.ts";
import { recipeOf } from "../../domain/jobs/recipe.ts";
import type { Picture } from "../../domain/ports.ts";
import { endedSteps } from "../pictureOf.ts";
import type { HttpPorts } from "../ports.ts";

/**
 * A remote worker's picture is checked like a user's. The finished one is encoded here once more, since checking drops the format and the
 * recipe that were asked for.
 * @throws {GlassworksError} picture_*, decode_limit
 */
export async function admitOutput(
	{ pictures, jobs, config }: Pick<HttpPorts, "pictures" | "jobs" | "config">,
	step: LeasedStep,
	bytes: Uint8Array,
): Promise<Picture> {
	const { maxOutputBytes, maxOutputPixels } = config.limits;
	const admitted = await pictures.admit(bytes, { maxBytes: maxOutputBytes, maxPixels: maxOutputPixels });
	const job = await jobs.get(step.tenantId, step.jobId);
	const run = job.runs.find((entry) => entry.index === step.runIndex);
	const task = run?.tasks.find((entry) => entry.stepId === step.stepId);
	if (!run || !task) throw new GlassworksError("internal", "The leased step is not part of its job.");
	if (task.kind !== "encode") return admitted;
	const { format, quality, embedRecipe } = job.request;
	const recipe = embedRecipe === true ? recipeOf(job.request, job.workflow, job.workflowVersion, run.seed, endedSteps(run)) : null;
	return pictures.encode(admitted.bytes, {
		format: format === "jpeg" || format === "webp" ? format : "png",
		quality: typeof quality === "number" ? quality : 90,
		...(recipe ? { text: { glassworks: JSON.stringify(recipe) } } : {}),
	});
}
