import type { Job } from "@glassworks/sdk";
import type { ReactNode } from "react";
import { money } from "../../format/money.ts";
import { stepInWords, waitingInWords } from "../jobs/inWords.ts";
import { JobActions } from "./JobActions.tsx";

/** A job that has not ended: where it stands, why, until when, and what it costs. */
export function OpenJob({ job, mayMove }: { job: Job; mayMove: boolean }) {
	const prompt = String(job.request.prompt ?? job.workflow);
	const words = job.waiting && waitingInWords(job.waiting);
	const isRunning = job.status === "running";
	return (
		<li
			aria-label={prompt}
			className={`grid gap-x-6 gap-y-3 border-t border-line py-4 sm:grid-cols-[8.5rem_minmax(0,1fr)] lg:grid-cols-[9.5rem_minmax(0,1fr)_9rem_7rem_11rem] ${isRunning ? "bg-linear-to-r from-ember-wash to-transparent to-40%" : ""}`}
		>
			<div className={`grid content-start gap-1 ${isRunning ? "pl-3" : ""}`}>
				{isRunning ? <Running job={job} /> : <Place job={job} place={words?.place ?? null} />}
			</div>
			<div className="grid min-w-0 content-start gap-1.5">
				<p className="truncate font-medium" title={prompt}>
					{prompt}
				</p>
				<p className="text-[13px] text-ink-soft">
					{job.model} · {job.images.length === 1 ? "1 picture" : `${job.images.length} pictures`} ·{" "}
					{job.waiting?.pool ?? "waits for its time"}
				</p>
				<dl className="grid gap-1 text-[13px] leading-snug">
					{words?.why && <Line term="Why">{words.why}</Line>}
					{words?.help && <Line term="Sooner">{words.help}</Line>}
					{words?.ahead && <Line term="Ahead">{words.ahead}</Line>}
				</dl>
			</div>
			<Fact label="Ready in" value={words?.eta ?? "not known yet"} isHot={Boolean(words?.eta)} />
			<Fact label="Price" value={money(job.quote.total_micro_usd)}>
				{job.charged_micro_usd > 0 && `${money(job.charged_micro_usd)} so far`}
			</Fact>
			<JobActions job={job} mayMove={mayMove} />
		</li>
	);
}

function Place({ job, place }: { job: Job; place: string | null }) {
	const number = job.waiting?.place ?? null;
	if (number === null) return <p className="text-lg leading-tight font-semibold">{job.status === "scheduled" ? "Scheduled" : "Waiting"}</p>;
	return (
		<>
			<p className="text-3xl font-semibold tracking-tight tabular-nums">{place?.replace(" in line", "").replace("Next", "1st")}</p>
			<p className="text-[13px] text-ink-soft">{number === 1 ? "in line: next" : "in line"}</p>
		</>
	);
}

function Running({ job }: { job: Job }) {
	const percent = Math.floor(job.progress * 100);
	const step = job.images.find((image) => image.status === "pending")?.step ?? null;
	return (
		<>
			<p className="text-3xl font-semibold tracking-tight text-ember-ink tabular-nums">{percent} %</p>
			<p className="text-[13px] text-ink-soft">{stepInWords(step)}</p>
			<div
				role="progressbar"
				aria-label="Of the whole job"
				aria-valuemin={0}
				aria-valuemax={100}
				aria-valuenow={percent}
				className="mt-1 h-1.5 overflow-hidden rounded-full bg-line"
			>
				<div
					className="h-full w-full origin-left rounded-full bg-linear-to-r from-ember to-cool transition-transform duration-500"
					style={{ transform: `scaleX(${Math.max(0.02, job.progress)})` }}
				/>
			</div>
		</>
	);
}

function Line({ term, children }: { term: string; children: ReactNode }) {
	return (
		<div className="grid grid-cols-[4rem_1fr] gap-2">
			<dt className="text-ink-faint">{term}</dt>
			<dd className="text-ink-soft">{children}</dd>
		</div>
	);
}

function Fact({ label, value, isHot = false, children }: { label: string; value: string; isHot?: boolean; children?: ReactNode }) {
	return (
		<dl className="grid content-start gap-0.5 max-lg:sm:col-start-2">
			<dt className="text-[13px] text-ink-faint">{label}</dt>
			<dd className={`font-medium tabular-nums ${isHot ? "text-ember-ink" : ""}`}>{value}</dd>
			{children && <dd className="text-[13px] leading-snug text-ink-soft">{children}</dd>}
		</dl>
	);
}
