import type { Job } from "@glassworks/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { jobsStore } from "../jobs/jobsStore.ts";
import { useSession } from "../session/useSession.ts";

/** Before one's own others, or away. */
export function JobActions({ job, mayMove }: { job: Job; mayMove: boolean }) {
	const queries = useQueryClient();
	const { data: session } = useSession();
	const settle = {
		onSuccess: (changed: Job) => jobsStore.take(changed),
		// What was changed has changed the others' places too; what failed may have ended meanwhile.
		onSettled: () => queries.invalidateQueries({ queryKey: ["jobs", "unfinished"] }),
	};
	const toFront = useMutation({ mutationFn: () => api.jobs.toFront(job.id), ...settle });
	const cancel = useMutation({ mutationFn: () => api.jobs.cancel(job.id), ...settle });
	if (!session?.scopes.includes("generate")) return <span />;
	const failed = toFront.error ?? cancel.error;
	return (
		<div className="grid content-start gap-2 max-lg:sm:col-start-2 lg:justify-items-end">
			<div className="flex flex-wrap gap-2">
				{job.status === "queued" && mayMove && (
					<Button
						disabled={toFront.isPending}
						onClick={() => toFront.mutate()}
						title="Before your other waiting pictures; nobody else's place changes"
					>
						To front
					</Button>
				)}
				<Button disabled={cancel.isPending} onClick={() => cancel.mutate()}>
					Cancel
				</Button>
			</div>
			{failed && (
				<p role="alert" className="max-w-64 text-[13px] text-alarm-ink">
					{adviceFor(failed).title}
				</p>
			)}
		</div>
	);
}
