import type { CreateGeneration, Job } from "@glassworks/sdk";
import { fromRequest, toRequest } from "../create/draft.ts";

/** What asks for a job's missing pictures again, with their own seeds; null where words and settings alone do not make them. */
export function retryRequest(job: Job): CreateGeneration | null {
	const missing = job.images.filter(({ status }) => status !== "succeeded");
	const [first] = missing;
	if (!first || job.workflow !== "picture" || hasMore(job.request)) return null;
	return toRequest({ ...fromRequest(job.request, first.seed), count: missing.length });
}

/** Pictures, LoRAs and the like: the job says what they were, not where they are. */
function hasMore({ image, mask, controls, loras, hires_fix: hiresFix, operation }: Job["request"]): boolean {
	const isThere = (value: unknown) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0);
	return [image, mask, controls, loras, hiresFix, operation].some(isThere);
}
