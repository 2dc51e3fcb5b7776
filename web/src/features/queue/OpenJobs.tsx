import type { Job } from "@glassworks/sdk";
import { Link } from "react-router";
import { api } from "../../api.ts";
import { usePagedList } from "../../app/usePagedList.ts";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { MoreButton } from "../../ui/MoreButton.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Section } from "../../ui/Section.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useJobsState } from "../jobs/useJobs.ts";
import { OpenJob } from "./OpenJob.tsx";
import { inLineOrder, latest } from "./openJobs.ts";

const pageSize = 50;

/** Everything of one's own that has not ended. */
export function OpenJobs() {
	const open = usePagedList(["jobs", "unfinished"], (page) => api.jobs.list({ status: "open", limit: pageSize, ...page }), {
		everyMs: 2_000,
	});
	const live = useJobsState().jobs ?? [];
	const jobs = inLineOrder(latest(open.rows, live));
	return (
		<Section title="Yours" note={note(jobs, open.hasNextPage)}>
			<List jobs={jobs} isLoading={open.isPending} error={open.error} onRetry={() => void open.refetch()} />
			<MoreButton list={open} />
		</Section>
	);
}

/** How many, and how far their ETAs can be believed. */
function note(jobs: readonly Job[], hasMore: boolean): string | null {
	if (jobs.length === 0) return null;
	const coverage = jobs.map((job) => job.waiting?.eta?.coverage).find((each) => each);
	const count = `${jobs.length}${hasMore ? " and more" : ""} ${jobs.length === 1 ? "job" : "jobs"} on the way`;
	return coverage ? `${count}; our 80 % range was right for ${Math.round(coverage.share * 100)} % of the last ${coverage.outcomes}` : count;
}

function List({ jobs, isLoading, error, onRetry }: { jobs: Job[]; isLoading: boolean; error: Error | null; onRetry(): void }) {
	if (error && jobs.length === 0) {
		const { title, advice } = adviceFor(error);
		return (
			<Notice title={title} action={<Button onClick={onRetry}>Try again</Button>}>
				{advice}
			</Notice>
		);
	}
	if (isLoading) return <Skeleton rows={2} className="h-28" />;
	if (jobs.length === 0)
		return (
			<p className="border-y border-line py-8 text-ink-soft">
				Nothing of yours waits. What you ask for stands here with its place, the reason and the time until it is done.{" "}
				<Link to="/" className="text-ember-ink underline underline-offset-4">
					Make a picture
				</Link>
			</p>
		);
	return (
		<ul className="border-b border-line">
			{jobs.map((job) => (
				<OpenJob key={job.id} job={job} mayMove={jobs.length > 1} />
			))}
		</ul>
	);
}
