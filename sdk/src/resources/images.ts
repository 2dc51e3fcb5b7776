import { GlassworksApiError } from "../errors/GlassworksApiError.ts";
import type { Transport } from "../http/transport.ts";
import type { ChangeImages, Deletion, GalleryImage, GalleryPage, Job, PictureName } from "../types.ts";
import { iteratePages } from "./iteratePages.ts";
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

export interface ListImagesOptions {
	/** Pictures per page, 1 to 100. Default: the server's, 20. */
	limit?: number;
	/** `next` of the page before. */
	before?: string;
	/** Words of the prompt, all of them; each may be only the beginning of one. */
	q?: string;
	starred?: boolean;
	/** Only those on this board. */
	board?: string;
	model?: string;
	signal?: AbortSignal;
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

	const list = ({ signal, ...query }: ListImagesOptions = {}): Promise<GalleryPage> =>
		transport.json<GalleryPage>("/api/v1/images", { query, signal });

	return {
		/** One page of finished pictures, newest first. */
		list,
		/** Every one, newest first, page by page as they are consumed. */
		iterate: (options: Omit<ListImagesOptions, "before"> = {}): AsyncGenerator<GalleryImage, void, undefined> =>
			iteratePages((before) => list({ limit: 100, ...options, before })),
		...chosen(transport),
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

/** What is done with many at once. */
function chosen(transport: Transport) {
	const named = (pictures: readonly PictureName[]) => pictures.map(({ job_id, n }) => ({ job_id, n }));
	return {
		/** Stars up to 500 pictures, or puts them on a board or off it: all of them or none. @throws {GlassworksApiError} not_found */
		async change(
			pictures: readonly PictureName[],
			changes: Omit<ChangeImages, "pictures">,
			{ signal }: { signal?: AbortSignal } = {},
		): Promise<void> {
			const json = { pictures: named(pictures), ...changes };
			await transport.send("/api/v1/images", { method: "PATCH", json, signal });
		},
		/** Up to 500 pictures with their recipes as a ZIP, as a stream. @throws {GlassworksApiError} not_found */
		async zip(pictures: readonly PictureName[], { signal }: { signal?: AbortSignal } = {}): Promise<ReadableStream<Uint8Array>> {
			const json = { pictures: named(pictures) };
			const response = await transport.send("/api/v1/images/zip", {
				method: "POST",
				json,
				headers: { accept: "application/zip" },
				signal,
			});
			if (!response.body) throw new TypeError("The answer has no body.");
			return response.body;
		},
	};
}
