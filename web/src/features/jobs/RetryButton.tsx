import type { Job } from "@glassworks/sdk";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { useSend } from "../../app/useSend.ts";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { useSession } from "../session/useSession.ts";
import { jobsStore } from "./jobsStore.ts";

/** Asks again for the pictures that an ended job has not made, as a new job at today's price. */
export function RetryButton({ job }: { job: Job }) {
	const queries = useQueryClient();
	const { data: session } = useSession();
	const retry = useSend({
		mutationFn: () => api.jobs.retry(job.id),
		onSuccess: (made) => {
			jobsStore.take(made);
			void queries.invalidateQueries({ queryKey: ["jobs", "unfinished"] });
		},
	});
	if (!session?.scopes.includes("generate")) return null;
	return (
		<div className="grid justify-items-end gap-1">
			<Button disabled={retry.isPending || retry.isSuccess} onClick={() => retry.mutate()}>
				{retry.isSuccess ? "In line again" : "Retry"}
			</Button>
			{retry.error && (
				<p role="alert" className="max-w-64 text-[13px] text-alarm-ink">
					{adviceFor(retry.error).title}
				</p>
			)}
		</div>
	);
}
