import type { GalleryImage } from "@glassworks/sdk";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Board, Close, Download, Star, Trash } from "../../ui/icons.tsx";
import { AddToBoard } from "./AddToBoard.tsx";
import { downloadZip, mostAtOnce, type useGalleryActions } from "./useGalleryActions.ts";

interface Props {
	pictures: readonly GalleryImage[];
	/** The board that is shown: pictures can be taken off it. */
	board: string | null;
	actions: ReturnType<typeof useGalleryActions>;
	onDelete(): void;
	onClear(): void;
}

/** What can be done to the pictures that are selected, above the lower edge while there are any. */
export function SelectionBar({ pictures, board, actions, onDelete, onClear }: Props) {
	const [isFiling, setFiling] = useState(false);
	const zip = useMutation({ mutationFn: downloadZip });
	const { change } = actions;
	const isStarred = pictures.every(({ starred }) => starred);
	const isTooMany = pictures.length > mostAtOnce;
	return (
		<section
			aria-label="Selected pictures"
			className="sticky bottom-[calc(var(--tabs)+0.75rem)] z-10 mx-auto mt-4 grid w-fit max-w-full gap-1 rounded-2xl border border-line-strong bg-raised p-1.5 shadow-(--shadow)"
		>
			<div className="flex flex-wrap items-center gap-1">
				<p className="px-2 text-sm font-medium tabular-nums" role="status">
					{pictures.length} selected
				</p>
				<Button disabled={change.isPending} onClick={() => change.mutate({ pictures, starred: !isStarred })}>
					<Star filled={isStarred} />
					{isStarred ? "Unstar" : "Star"}
				</Button>
				<Button onClick={() => setFiling(true)}>
					<Board />
					Board
				</Button>
				{board !== null && (
					<Button disabled={change.isPending} onClick={() => change.mutate({ pictures, removeFrom: board })}>
						Take off
					</Button>
				)}
				<Button
					disabled={zip.isPending || isTooMany}
					title={isTooMany ? `At most ${mostAtOnce} pictures at once` : undefined}
					onClick={() => zip.mutate(pictures)}
				>
					<Download />
					{zip.isPending ? "Packing" : "ZIP"}
				</Button>
				<Button onClick={onDelete}>
					<Trash />
					Delete
				</Button>
				<IconButton label="Clear the selection" onClick={onClear}>
					<Close />
				</IconButton>
			</div>
			<Failure error={change.error ?? zip.error} />
			{isFiling && (
				<AddToBoard
					count={pictures.length}
					onClose={() => setFiling(false)}
					onPick={(picked) => {
						setFiling(false);
						change.mutate({ pictures, addTo: picked });
					}}
				/>
			)}
		</section>
	);
}

function Failure({ error }: { error: Error | null }) {
	return (
		error && (
			<p role="alert" className="px-2 pb-1 text-[13px] text-alarm-ink">
				{adviceFor(error).title}
			</p>
		)
	);
}
