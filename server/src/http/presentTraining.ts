import type { TrainingBody } from "../contract/training.ts";
import { endedJobStatuses, type Job, type Task } from "../domain/jobs/job.ts";
import type { Waiting } from "../domain/jobs/queueView.ts";
import { billJob } from "../domain/pricing/billJob.ts";
import type { Training } from "../domain/trainings/training.ts";
import { type LinkPorts, trainingLink } from "./links.ts";
import { progressOf } from "./presentJob.ts";
import { presentBill, presentQuote } from "./presentPrice.ts";
import { presentWaiting } from "./presentWaiting.ts";

export function presentTraining(ports: LinkPorts, { name, family, file, job }: Training, outlook: Waiting | null): TrainingBody {
	const self = `${ports.config.publicUrl()}/api/v1/trainings/${job.id}`;
	const task = job.runs[0]?.tasks[0];
	return {
		...{ id: job.id, object: "training", status: job.status, name, model: job.model, family },
		created_at: job.createdAt.toISOString(),
		run_after: job.runAfter?.toISOString() ?? null,
		started_at: job.startedAt?.toISOString() ?? null,
		finished_at: job.finishedAt?.toISOString() ?? null,
		waiting: outlook && !endedJobStatuses.includes(job.status) ? presentWaiting(outlook) : null,
		progress: job.runs[0] ? progressOf(job.runs[0]) : 0,
		quote: presentQuote(job.quote),
		charged_micro_usd: job.chargedMicroUsd,
		bill: presentBill(billJob(job), job.quote),
		settings: presentSettings(job),
		losses: (task?.data.losses ?? []) as TrainingBody["losses"],
		samples: task ? presentSamples(ports, job, task) : [],
		file: file && { bytes: file.bytes, sha256: file.sha256, url: trainingLink(ports, job.tenantId, `${job.id}/file`) },
		metadata: job.metadata,
		error: job.error && { code: job.error.code, message: job.error.message },
		links: { self, events: `${self}/events`, cancel: `${self}/cancel` },
	};
}

function presentSettings({ request }: Job): TrainingBody["settings"] {
	const { captions, steps, rank, learningRate, batchSize, sidePx, seed, samplePrompts } = request;
	return {
		pictures: Array.isArray(captions) ? captions.length : 0,
		...{ steps: Number(steps), rank: Number(rank), learning_rate: Number(learningRate), batch_size: Number(batchSize) },
		...{ side: Number(sidePx), seed: Number(seed), sample_prompts: (samplePrompts ?? []) as string[] },
	};
}

function presentSamples(ports: LinkPorts, job: Job, { data, outputs }: Task): TrainingBody["samples"] {
	const prompts = (job.request.samplePrompts ?? []) as string[];
	return ((data.samples ?? []) as { step: number; prompt: number }[]).flatMap(({ step, prompt }, n) =>
		outputs[`sample_${n}`]
			? [{ n, step, prompt: prompts[prompt] ?? "", url: trainingLink(ports, job.tenantId, `${job.id}/samples/${n}`) }]
			: [],
	);
}
