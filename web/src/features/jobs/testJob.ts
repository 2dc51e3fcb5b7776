import type { Image, Job } from "@glassworks/sdk";

/** A job with one pending picture, as the server would send it, for tests. */
export function testJob(over: Partial<Job> = {}, image: Partial<Image> = {}): Job {
	return {
		id: "job_1",
		object: "job",
		status: "queued",
		workflow: "picture",
		model: "embedded",
		created_at: "2026-01-01T00:00:00.000Z",
		run_after: null,
		started_at: null,
		finished_at: null,
		waiting: null,
		progress: 0,
		quote: { lines: [], total_micro_usd: 0, skipped: [] },
		charged_micro_usd: 0,
		bill: { lines: [], total_micro_usd: 0, refunded: [], final: false },
		request: { prompt: "a fox", seed: 7 },
		metadata: {},
		images: [
			{
				n: 0,
				status: "pending",
				seed: 7,
				url: null,
				original_url: null,
				width: null,
				height: null,
				media_type: null,
				bytes: null,
				step: "generate",
				progress: 0,
				skipped: [],
				understood_as: null,
				understood_score: null,
				color_applied: null,
				notice: null,
				recipe: null,
				error: null,
				...image,
			},
		],
		error: null,
		links: { self: "", events: "", cancel: "" },
		...over,
	};
}
