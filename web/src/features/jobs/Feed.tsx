import { type Image, isEnded, type Job } from "@glassworks/sdk";
import { useState } from "react";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { EmptyFeed } from "./EmptyFeed.tsx";
import { PendingTile } from "./PendingTile.tsx";
import { PictureTile } from "./PictureTile.tsx";
import { loadOlder, useJobsPolling, useJobsState } from "./useJobs.ts";

interface Props {
	onOpen(job: Job, n: number): void;
	onExample(prompt: string): void;
}

/** Every picture of every job, newest first, finished or on its way. */
export function Feed({ onOpen, onExample }: Props) {
	const polling = useJobsPolling();
	const { jobs, next } = useJobsState();
	const offline = polling.isError ? adviceFor(polling.error) : null;
	return (
		<section aria-label="Your pictures" className="grid min-w-0 content-start gap-4 p-4 lg:p-6">
			{offline && (
				<Notice title={offline.title} action={<Button onClick={() => void polling.refetch()}>Try again</Button>}>
					{offline.advice}
				</Notice>
			)}
			{jobs === null && !offline && <Loading />}
			{jobs?.length === 0 && <EmptyFeed onExample={onExample} />}
			{jobs && jobs.length > 0 && (
				<ul className={columns}>
					{jobs.flatMap((job) =>
						job.images.map((image) => (
							<li key={`${job.id}/${image.n}`} className="min-w-0 max-sm:has-[[data-wide]]:col-span-2">
								{image.status === "succeeded" ? (
									<PictureTile job={job} image={image} onOpen={() => onOpen(job, image.n)} />
								) : (
									<PendingTile job={job} image={image} isFirst={firstOpen(job) === image.n} />
								)}
							</li>
						)),
					)}
				</ul>
			)}
			{next !== null && <OlderButton />}
		</section>
	);
}

const columns = "grid grid-cols-[repeat(auto-fill,minmax(min(100%,15rem),1fr))] gap-4 max-sm:grid-cols-2 max-sm:gap-3";

function Loading() {
	return (
		<div aria-hidden="true" className={columns}>
			{Array.from({ length: 8 }, (_, index) => index).map((index) => (
				<div key={index} className="annealing aspect-square rounded-tile border border-line motion-safe:animate-pulse" />
			))}
		</div>
	);
}

/** The picture that speaks for the whole job: place, ETA and the cancel button are shown once. */
function firstOpen(job: Job): number | null {
	const speaks = isEnded(job.status) ? (image: Image) => image.status !== "succeeded" : (image: Image) => image.status === "pending";
	return job.images.find(speaks)?.n ?? null;
}

function OlderButton() {
	const [state, setState] = useState<"idle" | "loading" | "failed">("idle");
	return (
		<div className="grid justify-items-center py-4">
			<Button
				disabled={state === "loading"}
				onClick={() => {
					setState("loading");
					loadOlder().then(
						() => setState("idle"),
						() => setState("failed"),
					);
				}}
			>
				{state === "failed" ? "That did not work: try again" : "Older pictures"}
			</Button>
		</div>
	);
}
