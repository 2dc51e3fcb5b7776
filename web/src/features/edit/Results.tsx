import { type Image, isEnded, type Job } from "@glassworks/sdk";
import { useQuery } from "@tanstack/react-query";
import type { Dispatch, SetStateAction } from "react";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";
import { PendingTile } from "../jobs/PendingTile.tsx";
import { refreshJob, renewLinks, useJobsState } from "../jobs/useJobs.ts";
import { pictureSource } from "../picture/pictureSource.ts";
import { Thumbnail } from "../picture/Thumbnail.tsx";
import { accept, backTo, type EditSession } from "./editSession.ts";
import { keyOf, type PictureRef } from "./pictureRef.ts";

interface Props {
	session: EditSession;
	/** The result that lies over the picture. */
	shown: PictureRef | null;
	onShow(result: PictureRef | null): void;
	onChange: Dispatch<SetStateAction<EditSession>>;
}

/** What came of the edits, newest first, and under them the pictures they stand on. */
export function Results({ session, shown, onShow, onChange }: Props) {
	const { jobs } = useJobsState();
	const sent = session.sent.toReversed();
	return (
		<section aria-label="Results" className="grid gap-4">
			{sent.map(({ jobId }) => {
				const job = jobs?.find(({ id }) => id === jobId);
				return job ? (
					<JobResults key={jobId} job={job} session={session} shown={shown} onShow={onShow} onChange={onChange} />
				) : (
					<FindJob key={jobId} id={jobId} />
				);
			})}
			{session.layers.length > 1 && <Layers session={session} onShow={onShow} onChange={onChange} />}
		</section>
	);
}

/** An edit that is older than what the page has loaded. */
function FindJob({ id }: { id: string }) {
	const { isError } = useQuery({ queryKey: ["jobs", "open", id], queryFn: ({ signal }) => refreshJob(id, signal).then(() => id) });
	return (
		<p className="text-sm text-ink-soft">{isError ? "An edit that was sent is not to be found any more." : "Looking for your edit"}</p>
	);
}

function JobResults({ job, session, shown, onShow, onChange }: Props & { job: Job }) {
	const images = job.images.filter(({ n }) => !session.discarded.includes(`${job.id}.${n}`));
	const discard = (n: number) => {
		onShow(null);
		onChange((before) => ({ ...before, discarded: [...before.discarded, `${job.id}.${n}`] }));
	};
	const speaks = images.find(({ status }) => (isEnded(job.status) ? status !== "succeeded" : status === "pending"))?.n;
	if (images.length === 0) return null;
	return (
		<ul aria-label={operationOf(job)} className="grid gap-3">
			{images.map((image) => (
				<li key={image.n} className="grid gap-2">
					{image.status === "succeeded" ? (
						<Result
							job={job}
							image={image}
							isShown={shown?.kind === "job" && shown.id === job.id && shown.n === image.n}
							onShow={(isShown) => onShow(isShown ? { kind: "job", id: job.id, n: image.n } : null)}
							onAccept={() => {
								onShow(null);
								onChange((before) => accept(before, { kind: "job", id: job.id, n: image.n }));
							}}
							onDiscard={() => discard(image.n)}
						/>
					) : (
						<>
							<PendingTile job={job} image={image} isFirst={speaks === image.n} />
							{image.status !== "pending" && <Button onClick={() => discard(image.n)}>Put away</Button>}
						</>
					)}
				</li>
			))}
		</ul>
	);
}

interface ResultProps {
	job: Job;
	image: Image;
	isShown: boolean;
	onShow(isShown: boolean): void;
	onAccept(): void;
	onDiscard(): void;
}

function Result({ job, image, isShown, onShow, onAccept, onDiscard }: ResultProps) {
	const name = operationOf(job);
	return (
		<div className="flex gap-3 rounded-tile border border-cool/50 bg-cool-wash p-2">
			<button
				type="button"
				aria-pressed={isShown}
				aria-label={`${name}: compare with the picture before`}
				className="size-24 shrink-0 overflow-hidden rounded-lg border-2 border-transparent bg-sunken aria-pressed:border-cool"
				onClick={() => onShow(!isShown)}
			>
				<Thumbnail picture={image} alt="" className="size-full object-contain" onBroken={() => void renewLinks(job.id)} />
			</button>
			<div className="grid min-w-0 flex-1 content-between gap-2 text-sm">
				<p className="truncate">
					<span className="font-medium text-cool-ink">{name}</span>
					<span className="block truncate text-[13px] text-ink-soft">
						{job.model} · {image.width} x {image.height}
					</span>
				</p>
				<div className="flex flex-wrap gap-2">
					<Button className="border-cool-ink text-cool-ink" onClick={onAccept}>
						Accept
					</Button>
					<Button onClick={onDiscard}>Discard</Button>
				</div>
			</div>
		</div>
	);
}

const names: Record<string, string> = { remove: "Removed", fill: "Filled", replace: "Replaced", insert: "Inserted", outpaint: "Extended" };
const operationOf = (job: Job): string => names[String(job.request.operation)] ?? "Edited";

/** The pictures that were accepted, the latest on top; any of them can be worked on again. */
function Layers({ session, onShow, onChange }: Omit<Props, "shown">) {
	const { jobs } = useJobsState();
	const last = session.layers.length - 1;
	const imageOf = (layer: PictureRef) => (layer.kind === "job" ? jobs?.find(({ id }) => id === layer.id)?.images[layer.n] : undefined);
	return (
		<div className="grid gap-2 border-t border-line pt-4">
			<h2 className="text-sm font-medium text-ink-soft">Layers</h2>
			<ol reversed className="grid gap-1">
				{session.layers
					.map((layer, index) => ({ layer, index }))
					.reverse()
					.map(({ layer, index }) => (
						<li key={keyOf(layer)} className="flex min-h-12 items-center gap-3 text-sm">
							<span className="size-10 shrink-0 overflow-hidden rounded bg-sunken">
								<LayerThumb layer={layer} image={imageOf(layer)} />
							</span>
							<span className="flex-1">{index === 0 ? "Original" : `Edit ${index}`}</span>
							{index === last ? (
								<a
									href={pictureSource(imageOf(layer)?.url ?? null)}
									download={`glassworks-${keyOf(layer)}.png`}
									className="px-2 py-2 text-ember-ink underline underline-offset-4"
								>
									Download
								</a>
							) : (
								<Button
									onClick={() => {
										onShow(null);
										onChange((before) => backTo(before, index));
									}}
								>
									Back to this
								</Button>
							)}
						</li>
					))}
			</ol>
			<p className="text-[13px] text-ink-soft">Every edit is also in your gallery.</p>
		</div>
	);
}

function LayerThumb({ layer, image }: { layer: PictureRef; image: Image | undefined }) {
	if (layer.kind === "asset") return <UploadThumb id={layer.id} />;
	return image && <Thumbnail picture={image} alt="" className="size-full object-cover" />;
}

function UploadThumb({ id }: { id: string }) {
	const upload = useQuery({ queryKey: ["edit", "upload", id], queryFn: ({ signal }) => api.assets.get(id, { signal }), staleTime: 60_000 });
	return upload.data && <Thumbnail picture={upload.data} alt="" className="size-full object-cover" />;
}
