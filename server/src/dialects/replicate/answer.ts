import type { Caller, Door } from "../../contract/door.ts";
import type { JobBody } from "../../contract/job.ts";
import { logOf } from "../common/describeJob.ts";
import { failureOf, hasEnded } from "../common/watchJob.ts";

const statuses: Record<JobBody["status"], string> = {
	...{ scheduled: "starting", queued: "starting", running: "processing", succeeded: "succeeded", partial: "succeeded" },
	...{ failed: "failed", cancelled: "canceled" },
};

/** A job as Replicate's prediction. Place, ETA, price and reason stand in the logs, and for programs under `glassworks`. */
export async function presentPrediction(door: Door, caller: Caller, job: JobBody) {
	const base = `${door.publicUrl()}/replicate/v1/predictions/${job.id}`;
	const failure = hasEnded(job) ? failureOf(job) : null;
	const made = job.images.filter((image) => image.status === "succeeded").map((image) => image.url);
	return {
		...{ id: job.id, ...namesOf(job), status: statuses[job.status], input: job.request },
		output: hasEnded(job) && made.length > 0 ? made : null,
		error: failure && job.status !== "cancelled" ? failure.message : null,
		logs: await logsOf(caller, job),
		metrics: metricsOf(job),
		...{ created_at: job.created_at, started_at: job.started_at, completed_at: job.finished_at, source: "api", data_removed: false },
		urls: {
			...{ get: base, cancel: `${base}/cancel`, web: `${door.publicUrl()}/gallery` },
			stream: door.publicUrl() + caller.sign(`/replicate/v1/streams/${job.id}`, {}),
		},
		glassworks: { status: job.status, waiting: job.waiting, quote: job.quote, bill: job.bill, progress: job.progress, images: job.images },
	};
}

/** What was asked for: a workflow by its name, or the model that draws. */
function namesOf({ workflow, model }: JobBody): { model: string; version: string } {
	const name = ["picture", "inpaint", "edit"].includes(workflow) ? model : workflow;
	return { model: `glassworks/${name}`, version: name };
}

function metricsOf({ created_at, started_at, finished_at, images }: JobBody): Record<string, number> {
	if (!finished_at) return {};
	const end = Date.parse(finished_at);
	const seconds = (from: string) => (end - Date.parse(from)) / 1_000;
	return { predict_time: started_at ? seconds(started_at) : 0, total_time: seconds(created_at), image_count: images.length };
}

/** One text; the last line is the progress, as clients look for it. */
async function logsOf(caller: Caller, job: JobBody): Promise<string> {
	const lines = logOf(job, await caller.events(job.id)).map(({ text }) => text);
	return `${[...lines, progressLine(job.progress)].join("\n")}\n`;
}

/** As tqdm writes it: ` 50%|#####     | 50/100`. */
function progressLine(progress: number): string {
	const percent = Math.round(progress * 100);
	const done = Math.round(progress * 10);
	return `${String(percent).padStart(3)}%|${"#".repeat(done)}${" ".repeat(10 - done)}| ${percent}/100`;
}
