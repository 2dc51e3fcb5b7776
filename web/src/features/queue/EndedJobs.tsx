import { isEnded, type Job } from "@glassworks/sdk";
import { Link } from "react-router";
import { took } from "../../format/duration.ts";
import { money } from "../../format/money.ts";
import { Section } from "../../ui/Section.tsx";
import { tookMs } from "../jobs/inWords.ts";
import { RetryButton } from "../jobs/RetryButton.tsx";
import { useJobsState } from "../jobs/useJobs.ts";
import { Thumbnail } from "../picture/Thumbnail.tsx";

const shown = 8;

/** What ended lately, how, and what it came to. */
export function EndedJobs() {
	const jobs = (useJobsState().jobs ?? []).filter((job) => isEnded(job.status)).slice(0, shown);
	if (jobs.length === 0) return null;
	return (
		<Section
			title="Ended lately"
			note={
				<Link to="/" className="text-ember-ink underline underline-offset-4">
					All your pictures
				</Link>
			}
		>
			<ul className="border-b border-line">
				{jobs.map((job) => (
					<Ended key={job.id} job={job} />
				))}
			</ul>
		</Section>
	);
}

const outcomes: Record<string, string> = { succeeded: "Done", partial: "Partly done", failed: "Failed", cancelled: "Cancelled" };

function Ended({ job }: { job: Job }) {
	const prompt = String(job.request.prompt ?? job.workflow);
	const ms = tookMs(job);
	const isFailed = job.status === "failed" || job.status === "partial";
	return (
		<li
			aria-label={prompt}
			className="grid gap-x-6 gap-y-1 border-t border-line py-3 text-sm sm:grid-cols-[8.5rem_minmax(0,1fr)_auto] lg:grid-cols-[9.5rem_minmax(0,1fr)_9rem_7rem_11rem]"
		>
			<p className={`font-medium ${isFailed ? "text-alarm-ink" : job.status === "succeeded" ? "text-cool-ink" : "text-ink-soft"}`}>
				{outcomes[job.status]}
			</p>
			<div className="flex min-w-0 items-start gap-3">
				<FirstPicture job={job} />
				<div className="grid min-w-0 gap-0.5">
					<p className="truncate">{prompt}</p>
					{job.error && <p className="text-[13px] text-ink-soft">{job.error.message}</p>}
				</div>
			</div>
			<p className="text-[13px] text-ink-soft tabular-nums max-lg:hidden">{ms === null ? "did not begin" : `took ${took(ms)}`}</p>
			<p className="text-[13px] tabular-nums max-lg:hidden">
				{job.bill.total_micro_usd === 0 ? "no charge" : money(job.bill.total_micro_usd)}
			</p>
			{job.status === "succeeded" ? <span /> : <RetryButton job={job} />}
		</li>
	);
}

/** Opens it where all of them are. */
function FirstPicture({ job }: { job: Job }) {
	const image = job.images.find(({ status, url }) => status === "succeeded" && url !== null);
	if (!image) return null;
	return (
		<Link
			to={`/gallery?picture=${job.id}.${image.n}`}
			aria-label="Open the picture"
			className="size-10 shrink-0 overflow-hidden rounded-lg border border-line bg-sunken hover:border-line-strong"
		>
			<Thumbnail picture={image} alt="" className="size-full object-cover" />
		</Link>
	);
}
