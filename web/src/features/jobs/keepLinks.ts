import type { Job } from "@glassworks/sdk";

/** A link is renewed when it has less than this left, so that a click always finds it valid. */
const marginMs = 120_000;

/**
 * Every answer signs its picture links anew. The ones already on the screen are kept while they last: a changed address would load
 * the same picture again with every poll.
 */
export function keepLinks(job: Job, known: Job | undefined, nowMs: number): Job {
	if (!known || known === job) return job;
	const images = job.images.map((image) => {
		const before = known.images.find((other) => other.n === image.n);
		if (!before) return image;
		return {
			...image,
			url: keep(image.url, before.url, nowMs),
			thumbnail_url: keep(image.thumbnail_url, before.thumbnail_url, nowMs),
			original_url: keep(image.original_url, before.original_url, nowMs),
		};
	});
	return { ...job, images };
}

function keep(fresh: string | null, before: string | null, nowMs: number): string | null {
	return fresh !== null && before !== null && expiresMs(before) > nowMs + marginMs ? before : fresh;
}

function expiresMs(link: string): number {
	if (!URL.canParse(link)) return 0;
	const seconds = Number(new URL(link).searchParams.get("expires") ?? Number.NaN);
	return Number.isFinite(seconds) ? seconds * 1_000 : 0;
}
