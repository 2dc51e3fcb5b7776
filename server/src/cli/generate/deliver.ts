import { GlassworksApiError, type GlassworksClient, type Job } from "@glassworks/sdk";
import type { CliDeps } from "../deps.ts";
import { CliFailure } from "../failure.ts";
import type { Terminal } from "../terminal.ts";
import { writeAtomically } from "./outputs.ts";
import { showProgress } from "./progress.ts";
import { imageLines, jobLines, quoteLines, shortfallLines } from "./report.ts";

/** How long a cancelled job may take to say so. */
const cancelTimeoutMs = 5_000;

/** The ended job. When the command is stopped the job is cancelled first. @throws {CliFailure} when stopped */
export async function followToEnd({ terminal, stop }: CliDeps, client: GlassworksClient, job: Job): Promise<Job> {
	for (const line of [`job ${job.id}`, ...quoteLines(job.quote), ...shortfallLines(job)]) terminal.tell(line);
	const show = showProgress(terminal);
	// As accepted: a short job may run before anybody could ask for its place.
	show(job, null);
	try {
		stop.signal.throwIfAborted();
		return await client.jobs.wait(job.id, { onUpdate: show, signal: stop.signal });
	} catch (error) {
		if (!stop.signal.aborted) throw error;
		terminal.tell(await cancel(client, job.id));
		throw new CliFailure("", stop.exitCode);
	}
}

async function cancel(client: GlassworksClient, jobId: string): Promise<string> {
	try {
		await client.jobs.cancel(jobId, { signal: AbortSignal.timeout(cancelTimeoutMs) });
		return `cancelled job ${jobId}: nothing more is charged`;
	} catch (error) {
		if (error instanceof GlassworksApiError && error.code === "job_not_cancellable") return `job ${jobId} had already ended`;
		return `job ${jobId} could not be cancelled: ${error instanceof Error ? error.message : String(error)}`;
	}
}

/** Writes what there is, says what became of the rest. @throws {CliFailure} unless every picture succeeded */
export async function deliver(
	terminal: Terminal,
	client: GlassworksClient,
	job: Job,
	files: readonly string[],
	asJson: boolean,
): Promise<void> {
	const say = asJson ? terminal.tell : terminal.print;
	const lines: string[] = [];
	for (const image of job.images) {
		const file = files[image.n] ?? null;
		if (image.status === "succeeded" && file !== null) await writeAtomically(file, (await client.images.download(job, image.n)).bytes);
		lines.push(...imageLines(image, file));
	}
	for (const line of [...lines, ...jobLines(job)]) say(line);
	if (asJson) terminal.printJson(job);
	if (job.status === "succeeded") return;
	const failed = job.images.filter((image) => image.status !== "succeeded").length;
	const error = job.error ??
		job.images.find((image) => image.error)?.error ?? { message: `the job ended as ${job.status}`, code: job.status };
	throw new CliFailure(`${failed} of ${job.images.length} pictures failed: ${error.message} (${error.code})`);
}
