import type { GalleryImage } from "@glassworks/sdk";
import { type MouseEvent, useState } from "react";
import { Check, Star } from "../../ui/icons.tsx";
import { Thumbnail } from "../picture/Thumbnail.tsx";

interface Props {
	picture: GalleryImage;
	index: number;
	column: number;
	isSelected: boolean;
	/** The one that Tab goes to. */
	isCurrent: boolean;
	onClick(event: MouseEvent): void;
	onFocus(): void;
	onSelect(event: MouseEvent): void;
	onStar(): void;
}

const corner =
	"absolute grid size-10 place-items-center opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100 pointer-coarse:opacity-100";

export function GalleryTile({ picture, index, column, isSelected, isCurrent, onClick, onFocus, onSelect, onStar }: Props) {
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys.
		// biome-ignore lint/a11y/useSemanticElements: rows are placed one by one, which a table does not do.
		<div
			role="gridcell"
			data-index={index}
			aria-colindex={column}
			aria-selected={isSelected}
			aria-label={`${picture.prompt}${picture.starred ? ", starred" : ""}`}
			tabIndex={isCurrent ? 0 : -1}
			onClick={onClick}
			onFocus={onFocus}
			className="group relative aspect-square cursor-pointer overflow-hidden rounded-tile border border-line bg-sunken hover:border-line-strong aria-selected:border-ember-ink aria-selected:ring-2 aria-selected:ring-ember-ink"
		>
			<Picture picture={picture} isSelected={isSelected} />
			<button
				type="button"
				tabIndex={-1}
				aria-label={isSelected ? "Take out of the selection" : "Select"}
				aria-pressed={isSelected}
				onClick={(event) => {
					event.stopPropagation();
					onSelect(event);
				}}
				className={`${corner} top-0 left-0 aria-pressed:opacity-100`}
			>
				<span
					className={`grid size-6 place-items-center rounded-full border ${isSelected ? "border-ember bg-ember text-on-ember" : "border-white bg-black/45 text-transparent"}`}
				>
					<Check />
				</span>
			</button>
			<button
				type="button"
				tabIndex={-1}
				aria-label={picture.starred ? "Take the star away" : "Star"}
				aria-pressed={picture.starred}
				onClick={(event) => {
					event.stopPropagation();
					onStar();
				}}
				className={`${corner} top-0 right-0 aria-pressed:opacity-100`}
			>
				<span className={`grid size-7 place-items-center rounded-full bg-black/55 ${picture.starred ? "text-[#ffc277]" : "text-white"}`}>
					<Star filled={picture.starred} />
				</span>
			</button>
		</div>
	);
}

function Picture({ picture, isSelected }: Pick<Props, "picture" | "isSelected">) {
	const [isGone, setGone] = useState(false);
	if (isGone)
		return (
			<span className="grid size-full place-items-center p-2 text-center text-[13px] text-ink-soft">It cannot be loaded any more</span>
		);
	return (
		<Thumbnail
			picture={picture}
			alt=""
			draggable={false}
			className={`size-full object-cover ${isSelected ? "opacity-80" : ""}`}
			onBroken={() => setGone(true)}
		/>
	);
}
