import { GlassworksError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { OperatorConfig, Principal } from "../plans/operatorConfig.ts";
import { planKeepsS } from "../storage/retention.ts";
import { trainLora } from "../trainings/trainLora.ts";
import type { WorkflowFinder, WorkflowRecord } from "../workflows/workflowStore.ts";
import type { KeepingRequest } from "./generationRequest.ts";
import { endedJobStatuses, type Job } from "./job.ts";
import { mainSeed, nextSeed } from "./runRequest.ts";

/** What a job was accepted with, once more for the pictures it has not made. */
export interface RepeatRequest extends KeepingRequest {
	/** The version of then. */
	again: WorkflowRecord;
	/** As it is stored, every default filled in; pictures it names are still stored, or accepting it is refused. */
	stored: JsonObject;
	/** Of each picture, the one it would have had. */
	seeds: readonly number[];
	count: number;
	runAfter: null;
	metadata: Record<string, string>;
}

interface AgainPorts {
	workflows: Pick<WorkflowFinder, "again">;
	config: OperatorConfig;
}

/** The request of an ended job for its missing pictures, whatever kind of request it was. @throws {GlassworksError} job_not_ended, nothing_to_retry, unknown_workflow */
export async function requestAgain({ workflows, config }: AgainPorts, principal: Principal, job: Job): Promise<RepeatRequest> {
	if (!endedJobStatuses.includes(job.status)) throw new GlassworksError("job_not_ended", `The job is ${job.status}: it may still succeed.`);
	const missing = job.runs.filter(({ status }) => status !== "succeeded").toSorted((a, b) => a.index - b.index);
	const [first] = missing;
	if (!first) throw new GlassworksError("nothing_to_retry", "Every picture of the job was made.");
	if (job.workflow === trainLora.slug)
		throw new GlassworksError("unknown_workflow", "A training is no job to be asked for again: send it anew to POST /trainings.");
	const record = await workflows.again(principal, job.workflow, job.workflowVersion);
	if (!record) throw new GlassworksError("unknown_workflow", "The workflow of the job is gone, or is not shared with you any more.");
	const { cache: _cache, deleteAfterS: keptS, ...request } = job.request;
	const seeds = missing.map(({ seed }) => seed);
	return {
		...{ again: record, seeds, count: missing.length, runAfter: null, metadata: job.metadata },
		stored: { ...request, ...seedsFrom(record, request, first), count: missing.length, runAfter: null },
		deleteAfterS: shorter(typeof keptS === "number" ? keptS : null, planKeepsS(config, principal.plan)),
		// Its seeds need not follow on each other, which is what a result is remembered by.
		useCache: false,
	};
}

/** Every seed that goes up with the pictures begins where the first missing one was. */
function seedsFrom({ workflow: { inputs } }: WorkflowRecord, request: JsonObject, first: { index: number; seed: number }): JsonObject {
	const main = mainSeed(inputs);
	const others = inputs.filter((input) => input.type === "seed" && input !== main && typeof request[input.name] === "number");
	const moved = others.map((input) => [input.name, nextSeed(Number(request[input.name]), first.index, input)] as const);
	return { seed: first.seed, ...(main ? { [main.name]: first.seed } : {}), ...Object.fromEntries(moved) };
}

/** What the plan keeps may have become less since. */
const shorter = (keptS: number | null, planS: number | null): number | null =>
	keptS === null || planS === null ? keptS : Math.min(keptS, planS);
