import type { Image, Job } from "@glassworks/sdk";
import { money } from "../../format/money.ts";
import type { Draft } from "../create/draft.ts";
import { stepName } from "../jobs/inWords.ts";
import { CopyButton } from "./CopyButton.tsx";
import { fileName } from "./fileName.ts";
import { PictureActions } from "./PictureActions.tsx";
import { pictureSource } from "./pictureSource.ts";
import { recipeRows } from "./recipeRows.ts";

interface Props {
	job: Job;
	image: Image;
	isComparing: boolean;
	onCompare(isComparing: boolean): void;
	onUse(changes: Partial<Draft>): void;
}

/** Letters of a prompt that is prose and no title any more. */
const longPrompt = 160;

/** How the picture was made, and what can be done with that. */
export function Recipe(props: Props) {
	const { job, image } = props;
	const prompt = String(job.request.prompt ?? "");
	return (
		<section
			aria-label="Recipe"
			className="grid grid-cols-[minmax(0,1fr)] content-start gap-5 p-4 text-sm lg:overflow-y-auto lg:border-l lg:border-line lg:p-6 lg:pt-16"
		>
			<h2
				className={`leading-snug font-semibold tracking-tight wrap-anywhere ${prompt.length > longPrompt ? "text-base" : "text-lg text-balance"}`}
			>
				{prompt}
			</h2>
			<Understanding image={image} />
			<PictureActions {...props} />
			<dl className="grid gap-1.5">
				<Row label="Seed">
					<span className="flex items-center gap-1 font-mono">
						{image.seed}
						<CopyButton label="Copy the seed" text={String(image.seed)} />
					</span>
				</Row>
				{recipeRows(job, image).map(([label, value]) => (
					<Row key={label} label={label}>
						{value}
					</Row>
				))}
			</dl>
			<Bill job={job} />
			<LeftOut image={image} />
			{image.notice && <p className="border-t border-line pt-4 text-ink-soft">About this model: {image.notice}.</p>}
			<div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line pt-3">
				{image.original_url && (
					<a
						className="py-2 text-ember-ink underline underline-offset-4"
						href={pictureSource(image.original_url)}
						download={fileName(job, image, "-original")}
					>
						Download the original
					</a>
				)}
				{image.recipe && (
					<span className="flex items-center gap-1 text-ink-soft">
						Recipe as JSON
						<CopyButton label="Copy the recipe as JSON" text={JSON.stringify(image.recipe, null, 2)} />
					</span>
				)}
			</div>
		</section>
	);
}

/** What was taken, line by line, and what was not. */
function Bill({ job }: { job: Job }) {
	const { lines, refunded, total_micro_usd: total } = job.bill;
	if (lines.length === 0 && refunded.length === 0) return null;
	return (
		<section aria-label="Price paid" className="grid gap-1.5 border-t border-line pt-4">
			<h3 className="flex justify-between font-medium">
				{job.images.length > 1 ? `Price paid for ${job.images.length} pictures` : "Price paid"}
				<span className="font-mono tabular-nums">{money(total)}</span>
			</h3>
			{total > 0 &&
				lines.map((line) => (
					<p key={`${line.kind} ${line.label}`} className="flex justify-between gap-3 text-ink-soft">
						<span className="min-w-0 truncate">
							{line.label}
							{line.count > 1 && ` x ${line.count}`}
						</span>
						<span className="font-mono tabular-nums">{money(line.amount_micro_usd)}</span>
					</p>
				))}
			{refunded
				.filter(({ amount_micro_usd: amount }) => amount > 0)
				.map((entry) => (
					<p key={`${entry.step} ${entry.reason}`} className="text-ink-soft">
						Not charged: {entry.label}, {money(entry.amount_micro_usd)}. {entry.detail}
					</p>
				))}
		</section>
	);
}

function Row({ label, children }: { label: string; children: React.ReactNode }) {
	return (
		<div className="grid min-h-6 grid-cols-[7.5rem_1fr] items-center gap-2">
			<dt className="text-ink-faint">{label}</dt>
			<dd className="min-w-0 break-words">{children}</dd>
		</div>
	);
}

function LeftOut({ image }: { image: Image }) {
	const skipped = image.skipped.filter((step) => step.reason !== "not_wanted" && step.step !== "detect_faces");
	if (skipped.length === 0) return null;
	return (
		<ul className="grid gap-1.5 border-t border-line pt-4 text-ink-soft">
			{skipped.map((step) => (
				<li key={step.step}>
					<span className="font-medium text-ink">{stepName(step.step)} was left out. </span>
					{step.detail}
				</li>
			))}
		</ul>
	);
}

/** A small model says what it took the prompt for, and how sure it was. */
function Understanding({ image }: { image: Image }) {
	if (image.understood_as === null) return null;
	const score = image.understood_score;
	const sure = score === null ? "" : score >= 0.7 ? "a close match" : score >= 0.45 ? "a fair match" : "only a guess: try plainer words";
	return (
		<div className="grid gap-1 rounded-lg bg-cool-wash p-3">
			<p>
				Understood as <strong className="font-semibold text-cool-ink">{image.understood_as}</strong>
				{score !== null && (
					<span className="text-ink-soft">
						{" "}
						({Math.round(score * 100)} %, {sure})
					</span>
				)}
			</p>
			{image.color_applied === false && <p className="text-ink-soft">The colour you asked for could not be applied to it.</p>}
		</div>
	);
}
