import type { Image, Job } from "@glassworks/sdk";
import { useQuery } from "@tanstack/react-query";
import { refreshJob, useJobsState } from "../jobs/useJobs.ts";

/** The finished picture an address names, also when it is older than what the page has loaded. Null when there is none. */
export function useOpenPicture(address: string | null): { job: Job; image: Image } | null {
	const { jobs } = useJobsState();
	const dot = address?.lastIndexOf(".") ?? -1;
	const id = address?.slice(0, dot) ?? "";
	const n = Number(address?.slice(dot + 1));
	const known = jobs?.find((job) => job.id === id);
	useQuery({
		queryKey: ["jobs", "open", id],
		queryFn: ({ signal }) => refreshJob(id, signal).then((job) => job.id),
		enabled: dot > 0 && jobs !== null && known === undefined,
		staleTime: Number.POSITIVE_INFINITY,
	});
	const image = known?.images.find((entry) => entry.n === n && entry.status === "succeeded");
	return known && image ? { job: known, image } : null;
}
