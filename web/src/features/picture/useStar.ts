import type { Image, Job } from "@glassworks/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { editCached, keyOf } from "../gallery/cached.ts";
import { refreshJob } from "../jobs/useJobs.ts";

/** Gives a picture a star, or takes it away. */
export function useStar() {
	const queries = useQueryClient();
	return useMutation({
		mutationFn: async ({ job, image }: { job: Job; image: Image }) => {
			await api.images.change([{ job_id: job.id, n: image.n }], { starred: !image.starred });
			return refreshJob(job.id);
		},
		onSuccess: (_job, { job, image }) => {
			const key = keyOf({ job_id: job.id, n: image.n });
			editCached(queries, (picture) => (keyOf(picture) === key ? { ...picture, starred: !image.starred } : picture));
		},
	});
}
