import type { FastifyReply } from "fastify";
import type { Caller, JobEventBody } from "../../contract/door.ts";
import type { JobBody } from "../../contract/job.ts";
import { type ErrorCode, errorTable, GlassworksError } from "../../domain/errors.ts";
import { endedJobStatuses } from "../../domain/jobs/job.ts";

/** Passing events that wait for a slow reader; more are left out. */
const maxWaiting = 100;

/** A job's events, durable and passing, until it has ended or `signal` is aborted. */
export async function* watchJob(caller: Caller, jobId: string, signal: AbortSignal): AsyncGenerator<JobEventBody> {
	const queue: JobEventBody[] = [];
	const stop = new AbortController();
	let ring = () => {};
	let isOver = false;
	const onEvent = (event: JobEventBody) => {
		if (event.seq === null && queue.length >= maxWaiting) return;
		queue.push(event);
		ring();
	};
	const following = caller.follow(jobId, onEvent, AbortSignal.any([signal, stop.signal])).finally(() => {
		isOver = true;
		ring();
	});
	// Awaited below; until then a failure is nobody's surprise.
	following.catch(() => {});
	try {
		for (;;) {
			for (let event = queue.shift(); event; event = queue.shift()) yield event;
			if (isOver) break;
			await new Promise<void>((resolve) => {
				ring = resolve;
			});
		}
		await following;
	} finally {
		stop.abort();
	}
}

export const hasEnded = (job: JobBody): boolean => endedJobStatuses.includes(job.status);

/**
 * Waits for a job's end and gives it back. A client that hangs up has its job stopped, unless it may ask again.
 * @throws {GlassworksError} unavailable, when the server stops first
 */
export async function awaitJob(
	caller: Caller,
	job: JobBody,
	{ signal, cancels }: { signal: AbortSignal; cancels: boolean },
): Promise<JobBody> {
	if (hasEnded(job)) return job;
	for await (const _event of watchJob(caller, job.id, signal));
	if (signal.aborted && cancels) await caller.cancel(job.id).catch(() => {});
	const ended = await caller.job(job.id);
	if (!hasEnded(ended) && !signal.aborted)
		throw new GlassworksError("unavailable", `The server is stopping. The job ${job.id} goes on.`, { retry_after_s: 5 });
	return ended;
}

/** Aborted once the client has hung up before the answer was complete. */
export function hungUp(reply: FastifyReply): AbortSignal {
	const gone = new AbortController();
	reply.raw.once("close", () => {
		if (!reply.raw.writableFinished) gone.abort();
	});
	return gone.signal;
}

/** Why an ended job has no picture, as an error. Null: it has some. */
export function failureOf(job: JobBody): GlassworksError | null {
	if (job.images.some((image) => image.status === "succeeded")) return null;
	if (job.status === "cancelled") return new GlassworksError("cancelled", "The job was cancelled.", { job_id: job.id });
	const { code, message } = job.error ?? job.images.find((image) => image.error)?.error ?? { code: "internal", message: "The job failed." };
	return new GlassworksError(Object.hasOwn(errorTable, code) ? (code as ErrorCode) : "internal", message, { job_id: job.id });
}
