import type { Caller } from "../../contract/door.ts";
import type { JobBody } from "../../contract/job.ts";
import { priceText, waitingText } from "../common/describeJob.ts";
import { failureOf, hasEnded } from "../common/watchJob.ts";
import type { DrawRequest } from "./readRequest.ts";

/** Finished pictures as base64. @throws {GlassworksError} what the job failed of */
export async function picturesOf(caller: Caller, job: JobBody): Promise<string[]> {
	const failure = failureOf(job);
	if (failure) throw failure;
	const pictures = [];
	for (const { n, status } of job.images)
		if (status === "succeeded") pictures.push(Buffer.from((await caller.picture(job.id, n)).bytes).toString("base64"));
	return pictures;
}

export async function drawAnswer(caller: Caller, job: JobBody, request: DrawRequest): Promise<object> {
	const images = await picturesOf(caller, job);
	const made = job.images.filter(({ status }) => status === "succeeded");
	const seeds = made.map(({ seed }) => seed);
	const { prompt, negative_prompt, cfg_scale, sampler_name } = request;
	const steps = job.request.steps ?? request.steps ?? null;
	const size = { width: made[0]?.width ?? null, height: made[0]?.height ?? null };
	const infotexts = seeds.map(
		(seed) =>
			`${prompt}\nSteps: ${steps}, Seed: ${seed}, Size: ${size.width}x${size.height}, Model: ${job.model}, Price: ${priceText(job)}`,
	);
	const info = {
		...{
			prompt,
			all_prompts: seeds.map(() => prompt),
			negative_prompt: negative_prompt ?? "",
			seed: seeds[0] ?? -1,
			all_seeds: seeds,
			...size,
		},
		...{ sampler_name: sampler_name ?? "Euler", cfg_scale: cfg_scale ?? null, steps, batch_size: seeds.length, sd_model_name: job.model },
		...{ infotexts, index_of_first_image: 0, job_timestamp: job.created_at, glassworks: { id: job.id, quote: job.quote, bill: job.bill } },
	};
	return { images, parameters: request, info: JSON.stringify(info) };
}

/** How the newest unfinished job is; A1111 knows only one at a time. */
export function progressAnswer(job: JobBody | undefined, picture: string | null): object {
	const steps = Number(job?.request.steps ?? 0);
	const progress = job ? job.progress : 0;
	return {
		progress,
		eta_relative: job?.waiting?.eta ? job.waiting.eta.p50_ms / 1_000 : 0,
		state: {
			...{ skipped: false, interrupted: false, job: job?.id ?? "", job_count: job ? job.images.length : 0 },
			job_timestamp: job?.created_at ?? "0",
			...{ job_no: job ? job.images.filter(({ status }) => status !== "pending").length : 0, sampling_step: Math.round(progress * steps) },
			sampling_steps: steps,
		},
		current_image: picture,
		textinfo: job?.waiting && !hasEnded(job) ? waitingText(job.waiting) : null,
	};
}
