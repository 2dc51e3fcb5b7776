import { isEnded, type Job } from "@glassworks/sdk";

/** A browser opens six connections to a host over HTTP/1.1, for all tabs together: two stay open here, polling covers the rest. */
const streamsPerPage = 2;

/** Running jobs first, then the oldest that wait. */
export function toFollow(jobs: readonly Job[]): string[] {
	const rank = (job: Job) => (job.status === "running" ? 0 : 1);
	return jobs
		.filter((job) => !isEnded(job.status) && job.status !== "scheduled")
		.sort((a, b) => rank(a) - rank(b) || a.created_at.localeCompare(b.created_at))
		.slice(0, streamsPerPage)
		.map((job) => job.id)
		.sort();
}
