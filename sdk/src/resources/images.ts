import { GlassworksApiError } from "../errors/GlassworksApiError.ts";
import type { Transport } from "../http/transport.ts";
import type { Deletion, Job } from "../types.ts";
import { jobPath } from "./jobPath.ts";

export interface DownloadOptions {
	/** `original` is the picture before face restoration and upscaling. Default: `finished`. */
	variant?: "finished" | "original";
	signal?: AbortSignal;
}
export interface DownloadedImage {
	bytes: Uint8Array;
	mediaType: string;
}

export function images(transport: Transport) {
	/** @throws {RangeError} when the job has no such picture, or it is not finished */
	function addressOf(job: Job, n: number, variant: "finished" | "original"): string {
		const image = job.images.find((entry) => entry.n === n);
		const url = variant === "original" ? image?.original_url : image?.url;
		if (url) return url;
		throw new RangeError(
			image ? `Picture ${n} of ${job.id} is ${image.status}: there is nothing to download.` : `${job.id} has no picture ${n}.`,
		);
	}

	async function fetchJob(id: string, signal: AbortSignal | undefined): Promise<Job> {
		return transport.json<Job>(jobPath(id), { signal });
	}

	return {
		/** Deletes one picture of a job, at once and for good; the job stays. @throws {GlassworksApiError} job_not_ended */
		delete: (jobId: string, n = 0, { signal }: { signal?: AbortSignal } = {}): Promise<Deletion> =>
			transport.json<Deletion>(jobPath(jobId, `images/${n}`), { method: "DELETE", signal }),
		/** The bytes of one picture. An expired link is renewed. @throws {RangeError} when the job has no such finished picture */
		async download(job: Job | string, n = 0, { variant = "finished", signal }: DownloadOptions = {}): Promise<DownloadedImage> {
			const id = typeof job === "string" ? job : job.id;
			const get = async (from: Job) => transport.send(addressOf(from, n, variant), { headers: { accept: "image/*" }, signal });
			const known = typeof job === "string" ? await fetchJob(id, signal) : job;
			const response = await get(known).catch(async (error: unknown) => {
				if (error instanceof GlassworksApiError && [403, 404, 410].includes(error.status)) return get(await fetchJob(id, signal));
				throw error;
			});
			return {
				bytes: new Uint8Array(await response.arrayBuffer()),
				mediaType: response.headers.get("content-type") ?? "application/octet-stream",
			};
		},
	};
}
