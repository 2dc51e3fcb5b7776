import type { Image, Job } from "@glassworks/sdk";
import { Link } from "react-router";
import { Button } from "../../ui/Button.tsx";
import { Compare, Download, Wand } from "../../ui/icons.tsx";
import { type Draft, fromRequest } from "../create/draft.ts";
import { stepName } from "../jobs/inWords.ts";
import { CopyButton } from "./CopyButton.tsx";
import { pictureSource } from "./pictureSource.ts";
import { recipeRows } from "./recipeRows.ts";

interface Props {
	job: Job;
	image: Image;
	isComparing: boolean;
	onCompare(isComparing: boolean): void;
	onUse(changes: Partial<Draft>): void;
}

/** How the picture was made, and what can be done with that. */
export function Recipe(props: Props) {
	const { job, image } = props;
	const prompt = String(job.request.prompt ?? "");
	const skipped = image.skipped.filter((step) => step.reason !== "not_wanted" && step.step !== "detect_faces");
	return (
		<section
			aria-label="Recipe"
			className="grid content-start gap-5 p-4 text-sm lg:overflow-y-auto lg:border-l lg:border-line lg:p-6 lg:pt-16"
		>
			<h2 className="text-lg leading-snug font-semibold tracking-tight text-balance break-words">{prompt}</h2>
			<Understanding image={image} />
			<Actions {...props} />
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
			{skipped.length > 0 && (
				<ul className="grid gap-1.5 border-t border-line pt-4 text-ink-soft">
					{skipped.map((step) => (
						<li key={step.step}>
							<span className="font-medium text-ink">{stepName(step.step)} was left out. </span>
							{step.detail}
						</li>
					))}
				</ul>
			)}
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

function Actions({ job, image, isComparing, onCompare, onUse }: Props) {
	return (
		<div className="flex flex-wrap gap-2">
			<a
				href={pictureSource(image.url)}
				download={fileName(job, image, "")}
				className="molten inline-flex min-h-10 items-center gap-2 rounded-lg px-3.5 font-semibold"
			>
				<Download />
				Download
			</a>
			{image.original_url && (
				<Button aria-pressed={isComparing} aria-keyshortcuts="c" onClick={() => onCompare(!isComparing)}>
					<Compare />
					Compare with original
				</Button>
			)}
			<Link
				to={`/edit?picture=${job.id}.${image.n}`}
				className="inline-flex min-h-10 items-center gap-2 rounded-lg border border-line-strong px-3 text-sm font-medium hover:bg-raised"
			>
				<Wand />
				Edit
			</Link>
			<Button onClick={() => onUse({ seed: image.seed, seedLocked: true })}>Use seed</Button>
			<Button onClick={() => onUse(fromRequest(job.request, image.seed))}>Use all settings</Button>
		</div>
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

function fileName(job: Job, image: Image, suffix: string): string {
	const extension = suffix === "" ? (image.media_type?.split("/")[1]?.replace("jpeg", "jpg") ?? "png") : "png";
	return `glassworks-${job.id}-${image.n}${suffix}.${extension}`;
}
