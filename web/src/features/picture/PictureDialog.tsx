import type { Image, Job } from "@glassworks/sdk";
import { useEffect, useRef, useState } from "react";
import type { Draft } from "../create/draft.ts";
import { useJobsState } from "../jobs/useJobs.ts";
import { PictureView } from "./PictureView.tsx";
import { useOpenPicture } from "./useOpenPicture.ts";

interface Props {
	/** `<job id>.<n>` from the page's address; null: closed. */
	address: string | null;
	onMove(job: Job, n: number): void;
	onClose(): void;
	onUse(changes: Partial<Draft>): void;
}

/** A picture over the page. The browser's own dialog: focus stays inside and Escape closes it. */
export function PictureDialog({ address, onMove, onClose, onUse }: Props) {
	const dialog = useRef<HTMLDialogElement>(null);
	const picture = useOpenPicture(address);
	const neighbours = useNeighbours(picture);
	const [isComparing, setComparing] = useState(false);
	const isOpen = picture !== null;

	useEffect(() => {
		if (isOpen && !dialog.current?.open) {
			dialog.current?.showModal();
			// Not one of its buttons: the arrow keys are for the pictures.
			dialog.current?.focus();
		}
		if (!isOpen) dialog.current?.close();
	}, [isOpen]);

	const move = (to: Shown | undefined) => to && onMove(to.job, to.image.n);
	return (
		<dialog
			ref={dialog}
			aria-label="Picture"
			tabIndex={-1}
			className="outline-none m-auto size-full max-h-dvh max-w-none bg-canvas backdrop:bg-black/60 open:grid lg:h-[94dvh] lg:w-[94vw] lg:rounded-2xl lg:border lg:border-line lg:shadow-(--shadow)"
			onClose={() => isOpen && onClose()}
			onKeyDown={(event) => {
				if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
				if (event.key === "ArrowLeft") move(neighbours.previous);
				if (event.key === "ArrowRight") move(neighbours.next);
				if (event.key === "c" && picture?.image.original_url) setComparing(!isComparing);
			}}
		>
			{picture && (
				<PictureView
					key={address}
					{...picture}
					isComparing={isComparing}
					onCompare={setComparing}
					onPrevious={neighbours.previous && (() => move(neighbours.previous))}
					onNext={neighbours.next && (() => move(neighbours.next))}
					onClose={onClose}
					onUse={onUse}
				/>
			)}
		</dialog>
	);
}

interface Shown {
	job: Job;
	image: Image;
}

/** The finished pictures on either side, in the feed's order. */
function useNeighbours(picture: Shown | null): { previous?: Shown; next?: Shown } {
	const { jobs } = useJobsState();
	if (!picture) return {};
	const all = (jobs ?? []).flatMap((job) => job.images.filter((image) => image.status === "succeeded").map((image) => ({ job, image })));
	const at = all.findIndex(({ job, image }) => job.id === picture.job.id && image.n === picture.image.n);
	return at < 0 ? {} : { previous: all[at - 1], next: all[at + 1] };
}
