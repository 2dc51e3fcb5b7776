import { isEnded, type Job } from "@glassworks/sdk";
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { api } from "../../api.ts";
import { type JobsState, jobsStore } from "./jobsStore.ts";

const pageSize = 24;

export function useJobsState(): JobsState {
	return useSyncExternalStore(jobsStore.subscribe, jobsStore.get);
}

/** Keeps the list current: often while something is on its way (places and ETAs move without events), rarely otherwise. */
export function useJobsPolling() {
	return useQuery({
		queryKey: ["jobs", "newest"],
		queryFn: async ({ signal }) => {
			const page = await api.jobs.list({ limit: pageSize, signal });
			jobsStore.takeNewest(page);
			return page.data.length;
		},
		refetchInterval: () => (jobsStore.get().jobs?.some((job) => !isEnded(job.status)) ? 2_000 : 20_000),
		refetchOnWindowFocus: true,
		staleTime: 0,
	});
}

export async function loadOlder(): Promise<void> {
	const { next } = jobsStore.get();
	if (next !== null) jobsStore.takeOlder(await api.jobs.list({ limit: pageSize, before: next }));
}

/** One job again: for fresh links, or to see where it is. */
export async function refreshJob(id: string, signal?: AbortSignal): Promise<Job> {
	const job = await api.jobs.get(id, { signal });
	jobsStore.take(job);
	return job;
}

const renewedMs = new Map<string, number>();

/** After a picture failed to load: new links, once a minute at most, so that a lost picture is not asked for without end. */
export async function renewLinks(id: string): Promise<void> {
	if (Date.now() - (renewedMs.get(id) ?? 0) < 60_000) return;
	renewedMs.set(id, Date.now());
	try {
		jobsStore.takeLinks(await api.jobs.get(id));
	} catch {
		// Polling says what is wrong with the server.
	}
}
