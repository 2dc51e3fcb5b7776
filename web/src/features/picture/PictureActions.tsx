import type { Image, Job, Model } from "@glassworks/sdk";
import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router";
import { api } from "../../api.ts";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Compare, Download } from "../../ui/icons.tsx";
import { type Draft, fitToModel, fromRequest, toRequest } from "../create/draft.ts";
import { shareLink } from "../create/shareLink.ts";
import { jobsStore } from "../jobs/jobsStore.ts";
import { CopyButton } from "./CopyButton.tsx";
import { fileName } from "./fileName.ts";
import { pictureSource } from "./pictureSource.ts";
import { useStarter } from "./useStarter.ts";

interface Props {
	job: Job;
	image: Image;
	isComparing: boolean;
	onCompare(isComparing: boolean): void;
	onUse(changes: Partial<Draft>): void;
}

/** What can be done with a picture. */
export function PictureActions({ job, image, isComparing, onCompare, onUse }: Props) {
	const hasPrompt = typeof job.request.prompt === "string" && job.request.prompt !== "";
	return (
		<div className="grid gap-4">
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
			</div>
			{hasPrompt && <Reuse job={job} image={image} onUse={onUse} />}
			<Change job={job} image={image} onUse={onUse} />
		</div>
	);
}

/** Back to the form, with as much of the recipe as is wanted. */
function Reuse({ job, image, onUse }: Pick<Props, "job" | "image" | "onUse">) {
	const all = fromRequest(job.request, image.seed);
	const starter = useStarter(job.model);
	const vary = (model: Model) =>
		onUse({ ...fitToModel({ ...all, seedLocked: false }, model), count: 4, image: inputOf(job, image), strength: 0.4 });
	return (
		<section aria-label="Use again" className="grid gap-1.5">
			<h3 className="text-[13px] text-ink-faint">Use again</h3>
			<div className="flex flex-wrap gap-1.5">
				<Button onClick={() => onUse(all)}>Use all settings</Button>
				<Button onClick={() => onUse({ prompt: all.prompt, negativePrompt: all.negativePrompt })}>Use prompt</Button>
				<Button onClick={() => onUse({ seed: image.seed, seedLocked: true })}>Use seed</Button>
				<Button title="The same settings, another seed" onClick={() => onUse({ ...all, seedLocked: false })}>
					Remix
				</Button>
				<Button
					title={starter === null ? noStarter : "Four that start from this one"}
					disabled={!starter}
					onClick={() => starter && vary(starter)}
				>
					Variations{starter && starter.name !== job.model ? ` with ${starter.title}` : ""}
				</Button>
				<span className="inline-flex items-center pl-1 text-ink-soft">
					Share link
					<CopyButton label="Copy a link to the recipe" text={shareLink(toRequest(all))} />
				</span>
			</div>
		</section>
	);
}

/** The picture itself, changed or as a start. */
function Change({ job, image, onUse }: Pick<Props, "job" | "image" | "onUse">) {
	const send = useMutation({ mutationFn: (make: () => Promise<Job>) => make(), onSuccess: (made) => jobsStore.take(made) });
	const picture = { job_id: job.id, n: image.n };
	const fixed = { ...fromRequest(job.request, image.seed), restoreFaces: true, count: 1 };
	const starter = useStarter(job.model);
	const canFix = job.request.restore_faces === false && typeof job.request.prompt === "string";
	return (
		<section aria-label="Change it" className="grid gap-1.5">
			<h3 className="text-[13px] text-ink-faint">Change it</h3>
			<div className="flex flex-wrap gap-1.5">
				<Button
					title={starter === null ? noStarter : undefined}
					disabled={!starter}
					onClick={() => starter && onUse({ image: inputOf(job, image), model: starter.name })}
				>
					Use as input{starter && starter.name !== job.model ? ` of ${starter.title}` : ""}
				</Button>
				<Link
					to={`/edit?picture=${job.id}.${image.n}`}
					className="inline-flex min-h-10 items-center rounded-lg border border-line-strong px-3 text-sm font-medium hover:bg-raised"
				>
					Edit
				</Link>
				<Button disabled={send.isPending} onClick={() => send.mutate(() => api.workflows.run("upscale", { inputs: { image: picture } }))}>
					Upscale 4x
				</Button>
				{canFix && (
					<Button
						title="The same picture again, with its faces restored"
						disabled={send.isPending}
						onClick={() => send.mutate(() => api.generations.create(toRequest(fixed)))}
					>
						Fix faces
					</Button>
				)}
			</div>
			{starter === null && <p className="text-[13px] text-ink-soft">{noStarter}</p>}
			<p role="status" className="text-[13px] text-ink-soft">
				{send.isSuccess && (
					<>
						It is on its way:{" "}
						<Link to="/" className="text-ember-ink underline underline-offset-4">
							see it in Create
						</Link>
					</>
				)}
				{send.isError && <span className="text-alarm-ink">{adviceFor(send.error).title}</span>}
			</p>
		</section>
	);
}

const noStarter = "Variations and use as input wait for a model that starts from a picture; none is connected.";

const inputOf = (job: Job, image: Image) => ({ input: { job_id: job.id, n: image.n }, url: image.thumbnail_url });
