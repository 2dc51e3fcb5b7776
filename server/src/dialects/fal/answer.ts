import type { Caller, Door } from "../../contract/door.ts";
import type { JobBody } from "../../contract/job.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { logOf, waitingText } from "../common/describeJob.ts";
import { failureOf, hasEnded } from "../common/watchJob.ts";
import { syncMode } from "./readInput.ts";

/** The finished pictures. @throws {GlassworksError} what the job failed of; invalid_request while it runs */
export async function presentResult(caller: Caller, job: JobBody): Promise<object> {
	if (!hasEnded(job)) throw new GlassworksError("malformed_body", "Request is still in progress", { job_id: job.id });
	const failure = failureOf(job);
	if (failure) throw failure;
	const inline = job.metadata[syncMode] === "true";
	const images = [];
	for (const { n, url, width, height, media_type: type, bytes, status } of job.images) {
		if (status !== "succeeded") continue;
		const file = `${job.id}-${n}.${type?.replace("image/", "") ?? "png"}`;
		const address = inline ? await dataUri(caller, job.id, n) : url;
		images.push({ url: address, width, height, content_type: type, file_name: file, file_size: bytes });
	}
	const { prompt } = job.request;
	return {
		...{ images, image: images[0] ?? null, timings: { inference: secondsOf(job) }, seed: job.images[0]?.seed ?? null },
		...(typeof prompt === "string" ? { prompt } : {}),
		glassworks: { quote: job.quote, bill: job.bill, images: job.images },
	};
}

async function dataUri(caller: Caller, jobId: string, n: number): Promise<string> {
	const { bytes, mediaType } = await caller.picture(jobId, n);
	return `data:${mediaType};base64,${Buffer.from(bytes).toString("base64")}`;
}

/** What a webhook is told. */
export async function presentMessage(_door: Door, caller: Caller, job: JobBody): Promise<object> {
	const ids = { request_id: job.id, gateway_request_id: job.id };
	const failure = failureOf(job);
	if (failure) return { ...ids, status: "ERROR", error: failure.message, payload: { detail: failure.message, error_type: failure.code } };
	return { ...ids, status: "OK", payload: await presentResult(caller, job) };
}

/** From the first step to the last. */
function secondsOf({ started_at, finished_at }: JobBody): number {
	return started_at && finished_at ? (Date.parse(finished_at) - Date.parse(started_at)) / 1_000 : 0;
}

/** Where a request is asked about: what the Python client follows. */
export function addressesOf(door: Door, endpoint: string, jobId: string) {
	const parts = endpoint.split("/");
	const app = parts.slice(0, parts[0] === "workflows" || parts[0] === "comfy" ? 3 : 2).join("/");
	const response_url = `${door.publicUrl()}/fal/queue/${app}/requests/${jobId}`;
	return { request_id: jobId, response_url, status_url: `${response_url}/status`, cancel_url: `${response_url}/cancel` };
}

/** Place, ETA, price and reason stand in the logs, and for programs under `glassworks`. */
export async function presentStatus(door: Door, caller: Caller, endpoint: string, job: JobBody, withLogs: boolean) {
	const { waiting, quote, bill, progress, status } = job;
	const own = { ...addressesOf(door, endpoint, job.id), glassworks: { status, waiting, quote, bill, progress } };
	const logs = withLogs ? await logsOf(caller, job) : null;
	if (status === "scheduled" || status === "queued") {
		const position = waiting?.place == null ? null : waiting.place - 1;
		return { status: "IN_QUEUE", queue_position: position, logs, ...own };
	}
	if (!hasEnded(job)) return { status: "IN_PROGRESS", logs, ...own };
	const failure = failureOf(job);
	const told = failure ? { error: failure.message, error_type: failure.code } : {};
	return { status: "COMPLETED", logs, metrics: { inference_time: secondsOf(job) }, ...told, ...own };
}

async function logsOf(caller: Caller, job: JobBody): Promise<FalLog[]> {
	const events = await caller.events(job.id);
	return logOf(job, events).map(({ at, text, isWarning }) => falLog(at, text, isWarning));
}

interface FalLog {
	timestamp: string;
	level: "INFO" | "WARN";
	source: string;
	message: string;
}

export function falLog(timestamp: string, message: string, isWarning = false): FalLog {
	return { timestamp, level: isWarning ? "WARN" : "INFO", source: "glassworks", message };
}

export const placeLog = (waiting: NonNullable<JobBody["waiting"]>): FalLog => falLog(waiting.as_of, waitingText(waiting));
