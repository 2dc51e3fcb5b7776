import { GlassworksApiError } from "../errors/GlassworksApiError.ts";
import { type FollowOptions, followJob } from "../events/followJob.ts";
import { type WaitOptions, waitForJob } from "../events/waitForJob.ts";
import type { Transport } from "../http/transport.ts";
import type { Deletion, Job, JobEvent, JobPage, JobStatus } from "../types.ts";
import type { CreateOptions } from "./generations.ts";
import { iteratePages } from "./iteratePages.ts";
import { jobPath } from "./jobPath.ts";

export interface ListJobsOptions {
	/** Jobs per page, 1 to 100. Default: the server's, 20. */
	limit?: number;
	/** `next` of the page before. */
	before?: string;
	/** `open`: all that has not ended. */
	status?: JobStatus | "open";
	signal?: AbortSignal;
}

interface Signalled {
	signal?: AbortSignal;
}

export function jobs(transport: Transport) {
	const get = (id: string, { signal }: Signalled = {}): Promise<Job> => transport.json<Job>(jobPath(id), { signal });
	const list = ({ signal, ...query }: ListJobsOptions = {}): Promise<JobPage> => transport.json<JobPage>("/api/v1/jobs", { query, signal });

	return {
		get,
		/** One page, newest first. */
		list,
		/** Every job, newest first, page by page as they are consumed. */
		iterate: (options: Omit<ListJobsOptions, "before"> = {}): AsyncGenerator<Job, void, undefined> =>
			iteratePages((before) => list({ ...options, before })),
		/** Ends a job and returns it. Cancelling one that is cancelled already is no error. @throws {GlassworksApiError} job_not_cancellable */
		async cancel(id: string, { signal }: Signalled = {}): Promise<Job> {
			try {
				return await transport.json<Job>(jobPath(id, "cancel"), { method: "POST", signal });
			} catch (error) {
				// The first attempt may have worked and only its answer been lost.
				if (!(error instanceof GlassworksApiError) || error.code !== "job_not_cancellable") throw error;
				const job = await get(id, { signal });
				if (job.status === "cancelled") return job;
				throw error;
			}
		},
		/**
		 * Asks again for the pictures that an ended job of any kind has not made, as a new job with the same request and seeds, priced anew.
		 * @throws {GlassworksApiError} job_not_ended, nothing_to_retry, picture_deleted
		 */
		retry: (id: string, { idempotencyKey = crypto.randomUUID(), signal }: CreateOptions = {}): Promise<Job> =>
			transport.json<Job>(jobPath(id, "retry"), { method: "POST", headers: { "idempotency-key": idempotencyKey }, signal }),
		/** Puts its untouched pictures before your other waiting ones; nobody else's place changes. @throws {GlassworksApiError} job_not_cancellable */
		toFront: (id: string, { signal }: Signalled = {}): Promise<Job> =>
			transport.json<Job>(jobPath(id, "to-front"), { method: "POST", signal }),
		/** For keys that may operate: puts the running steps of any account's job back in line. Returns how many. @throws {GlassworksApiError} job_not_cancellable */
		requeue: async (id: string, { signal }: Signalled = {}): Promise<number> =>
			(await transport.json<{ steps: number }>(jobPath(id, "requeue"), { method: "POST", signal })).steps,
		/** Deletes a job that has ended: its pictures, prompt and metadata, at once and for good. @throws {GlassworksApiError} job_not_ended */
		delete: (id: string, { signal }: Signalled = {}): Promise<Deletion> =>
			transport.json<Deletion>(jobPath(id), { method: "DELETE", signal }),
		/** The job's events until it ends, surviving cut connections. */
		events: (id: string, options: FollowOptions = {}): AsyncGenerator<JobEvent, void, undefined> => followJob(transport, id, options),
		/** Resolves with the ended job. */
		wait: (id: string, options: WaitOptions = {}): Promise<Job> => waitForJob(transport, id, options),
	};
}
