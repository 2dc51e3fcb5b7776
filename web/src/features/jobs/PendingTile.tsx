import { type Image, isEnded, type Job } from "@glassworks/sdk";
import { useMutation } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { adviceFor, adviceForFailure } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { stepInWords, waitingInWords } from "./inWords.ts";
import { jobsStore } from "./jobsStore.ts";
import { RetryButton } from "./RetryButton.tsx";
import { refreshJob, useJobsState } from "./useJobs.ts";

interface Props {
	job: Job;
	image: Image;
	/** Speaks for the whole job. */
	isFirst: boolean;
	/** Left out: there is no button for it. */
}

/** A picture that is not there: waiting, being made, failed or cancelled. */
export function PendingTile({ job, image, isFirst }: Props) {
	const prompt = String(job.request.prompt ?? "");
	const isRunning = image.status === "pending" && job.status === "running";
	return (
		<article
			data-wide={isFirst || undefined}
			aria-label={`${prompt}, picture ${image.n + 1} of ${job.images.length}`}
			className="grid h-full content-start gap-2"
		>
			<div
				className={`relative grid aspect-square w-full overflow-hidden rounded-tile border max-sm:aspect-auto max-sm:min-h-44 ${isRunning ? "gather border-ember-ink/40" : "annealing border-line"}`}
			>
				{image.status === "pending" ? (
					isRunning ? (
						<Running job={job} image={image} isFirst={isFirst} />
					) : (
						<Waiting job={job} isFirst={isFirst} />
					)
				) : (
					<Ended job={job} image={image} isFirst={isFirst} />
				)}
			</div>
			<p className="truncate px-0.5 text-sm text-ink-soft">{prompt}</p>
		</article>
	);
}

function Running({ job, image, isFirst }: Pick<Props, "job" | "image" | "isFirst">) {
	const preview = useJobsState().previews[`${job.id}/${image.n}`];
	const percent = Math.round(image.progress * 100);
	const waiting = job.waiting && waitingInWords(job.waiting);
	return (
		<>
			{preview && <img src={preview} alt="" className="absolute inset-0 size-full object-contain" />}
			<div className="relative m-3 mt-auto grid gap-2 rounded-lg bg-canvas/90 p-3 text-sm">
				<p className="flex justify-between gap-2 font-medium">
					{stepInWords(image.step)}
					<span className="font-mono font-normal text-ink-soft tabular-nums">{percent} %</span>
				</p>
				<div
					role="progressbar"
					aria-label={`Picture ${image.n + 1}`}
					aria-valuemin={0}
					aria-valuemax={100}
					aria-valuenow={percent}
					className="h-1.5 overflow-hidden rounded-full bg-line"
				>
					<div
						className="h-full w-full origin-left rounded-full bg-linear-to-r from-ember to-cool transition-transform duration-500"
						style={{ transform: `scaleX(${Math.max(0.02, image.progress)})` }}
					/>
				</div>
				{isFirst && (
					<div className="flex items-center justify-between gap-2">
						<span className="text-[13px] text-ink-soft">{waiting?.eta ? `${waiting.eta} left` : ""}</span>
						<CancelButton job={job} />
					</div>
				)}
			</div>
		</>
	);
}

function Waiting({ job, isFirst }: Pick<Props, "job" | "isFirst">) {
	const words = job.waiting && waitingInWords(job.waiting);
	if (!isFirst) return <p className="m-auto p-4 text-sm text-ink-soft">In the same job</p>;
	return (
		<div className="grid content-between gap-3 p-4 text-sm">
			<div className="grid gap-2">
				<p className="text-lg font-semibold tracking-tight">{words?.place ?? (job.status === "scheduled" ? "Scheduled" : "Waiting")}</p>
				<dl className="grid gap-1.5">
					{words?.eta && (
						<Line term="Ready in">
							<span title={words.etaMethod ?? undefined} className="text-ember-ink">
								{words.eta}
							</span>
						</Line>
					)}
					{words?.why && <Line term="Why">{words.why}</Line>}
					{words?.help && <Line term="Sooner">{words.help}</Line>}
					{words?.ahead && <Line term="Ahead">{words.ahead}</Line>}
				</dl>
			</div>
			<div className="justify-self-end">
				<CancelButton job={job} />
			</div>
		</div>
	);
}

function Line({ term, children }: { term: string; children: React.ReactNode }) {
	return (
		<div className="grid grid-cols-[4.5rem_1fr] gap-2">
			<dt className="text-ink-faint">{term}</dt>
			<dd className="leading-snug text-ink-soft">{children}</dd>
		</div>
	);
}

function CancelButton({ job }: { job: Job }) {
	const cancel = useMutation({
		mutationFn: () => api.jobs.cancel(job.id),
		onSuccess: (cancelled) => jobsStore.take(cancelled),
		// It may have ended in the meantime: show how.
		onError: () => void refreshJob(job.id).catch(() => {}),
	});
	if (isEnded(job.status)) return null;
	return (
		<Button
			className="min-h-9"
			disabled={cancel.isPending}
			onClick={() => cancel.mutate()}
			title={cancel.isError ? adviceFor(cancel.error).title : undefined}
		>
			{cancel.isError ? "Try to cancel again" : job.images.length > 1 ? `Cancel all ${job.images.length}` : "Cancel"}
		</Button>
	);
}

function Ended({ job, image, isFirst }: Props) {
	const failure = image.error ?? (image.status === "failed" ? job.error : null);
	const { title, advice } = failure ? adviceForFailure(failure) : { title: "Cancelled", advice: "What had not run was not charged." };
	return (
		<div className={`grid content-between gap-3 p-4 text-sm ${failure ? "bg-alarm-wash" : ""}`}>
			<div className="grid gap-1.5 leading-snug">
				<p className={`font-medium ${failure ? "text-alarm-ink" : "text-ink-soft"}`}>{title}</p>
				{advice && <p className="text-ink-soft">{advice}</p>}
			</div>
			{isFirst && (
				<div className="justify-self-end">
					<RetryButton job={job} />
				</div>
			)}
		</div>
	);
}
