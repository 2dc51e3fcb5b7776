import { isEnded, type Job } from "@glassworks/sdk";

/** The jobs of a page, each as far as it is known to be: what is followed live may be ahead of the list. */
export function latest(listed: readonly Job[], live: readonly Job[]): Job[] {
	const byId = new Map(live.map((job) => [job.id, job]));
	return listed
		.map((job) => {
			const followed = byId.get(job.id);
			return followed && (isEnded(followed.status) || followed.progress > job.progress) ? followed : job;
		})
		.filter((job) => !isEnded(job.status));
}

/** What runs, then what waits by its place, then what waits for something else, then what is scheduled. */
export function inLineOrder(jobs: readonly Job[]): Job[] {
	const rank = (job: Job) =>
		job.status === "running" ? -1 : job.status === "scheduled" ? Number.POSITIVE_INFINITY : (job.waiting?.place ?? Number.MAX_SAFE_INTEGER);
	const by = (a: Job, b: Job) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b));
	return [...jobs].sort((a, b) => by(a, b) || a.created_at.localeCompare(b.created_at));
}
