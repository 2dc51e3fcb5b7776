import type { GalleryImage } from "@glassworks/sdk";
import { type KeyboardEvent, type MouseEvent, type RefObject, useEffect, useRef, useState } from "react";
import { keyOf } from "./cached.ts";
import { GalleryTile } from "./GalleryTile.tsx";
import { type GridWindow, useGridWindow } from "./useGridWindow.ts";

interface Props {
	pictures: readonly GalleryImage[];
	selected: ReadonlySet<string>;
	/** More can be loaded; asked for when the end comes near. */
	hasMore: boolean;
	onMore(): void;
	onOpen(picture: GalleryImage): void;
	onSelect(picture: GalleryImage, isRange: boolean): void;
	onSelectAll(): void;
	onClear(): void;
	onStar(picture: GalleryImage): void;
	onDelete(picture: GalleryImage): void;
}

/** Rows before the end at which more is asked for. */
const nearEnd = 4;

export function PictureGrid({ pictures, selected, hasMore, onMore, ...does }: Props) {
	const box = useRef<HTMLDivElement>(null);
	const [view, measure] = useGridWindow(box, pictures.length);
	const { columns, tilePx, rowPx, first, end } = view;
	const { current, setCurrent, goTo } = useCurrent(box, view, measure);
	const rows = Math.ceil(pictures.length / columns);
	const isNearEnd = hasMore && end + nearEnd >= rows && tilePx > 0;
	useEffect(() => {
		if (isNearEnd) onMore();
	}, [isNearEnd, onMore]);
	const isShown = current >= first * columns && current < end * columns && current < pictures.length;
	const click = (picture: GalleryImage) => (event: MouseEvent) => {
		if (event.shiftKey || event.ctrlKey || event.metaKey || selected.size > 0) does.onSelect(picture, event.shiftKey);
		else does.onOpen(picture);
	};
	return (
		// biome-ignore lint/a11y/useSemanticElements: rows are placed one by one, which a table does not do.
		<div
			ref={box}
			role="grid"
			aria-label="Pictures"
			aria-multiselectable="true"
			aria-rowcount={hasMore ? -1 : rows}
			aria-colcount={columns}
			className="relative select-none"
			style={{ height: rows * rowPx }}
			onKeyDown={(event) => onKey(event, { pictures, current, columns, goTo, ...does })}
		>
			{Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at).map((row) => (
				// biome-ignore lint/a11y/useFocusableInteractive: its cells are focused.
				// biome-ignore lint/a11y/useSemanticElements: as above.
				<div key={row} role="row" aria-rowindex={row + 1} className="absolute inset-x-0 grid gap-2.5" style={rowStyle(row, view)}>
					{pictures.slice(row * columns, (row + 1) * columns).map((picture, column) => {
						const index = row * columns + column;
						return (
							<GalleryTile
								key={keyOf(picture)}
								{...{ picture, index, column: column + 1 }}
								isSelected={selected.has(keyOf(picture))}
								isCurrent={index === (isShown ? current : first * columns)}
								onClick={click(picture)}
								onFocus={() => setCurrent(index)}
								onSelect={(event) => does.onSelect(picture, event.shiftKey)}
								onStar={() => does.onStar(picture)}
							/>
						);
					})}
				</div>
			))}
		</div>
	);
}

/** The picture that keys are about. Going to it scrolls to it, and focuses it once it is rendered. */
function useCurrent(box: RefObject<HTMLElement | null>, { columns, rowPx }: GridWindow, measure: () => void) {
	const [current, setCurrent] = useState(0);
	const wantsFocus = useRef(false);
	useEffect(() => {
		if (!wantsFocus.current) return;
		wantsFocus.current = false;
		box.current?.querySelector<HTMLElement>(`[data-index="${current}"]`)?.focus({ preventScroll: true });
	});
	const goTo = (index: number) => {
		wantsFocus.current = true;
		setCurrent(index);
		if (box.current) scrollToRow(box.current, Math.floor(index / columns), rowPx);
		measure();
	};
	return { current, setCurrent, goTo };
}

const rowStyle = (row: number, { rowPx, columns }: GridWindow) => ({
	transform: `translateY(${row * rowPx}px)`,
	gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
});

/** As far as needed, below what is fixed at the top and above what is at the bottom. */
function scrollToRow(box: HTMLElement, row: number, rowPx: number): void {
	const top = box.getBoundingClientRect().top + row * rowPx;
	const [least, most] = [140, window.innerHeight - rowPx - 90];
	if (top < least) window.scrollBy(0, top - least);
	else if (top > most) window.scrollBy(0, top - most);
}

interface Keyed extends Omit<Props, "selected" | "hasMore" | "onMore"> {
	current: number;
	columns: number;
	goTo(index: number): void;
}

function onKey(event: KeyboardEvent, { pictures, current, columns, goTo, ...does }: Keyed): void {
	if (event.target instanceof HTMLButtonElement && [" ", "Enter"].includes(event.key)) return;
	const picture = pictures[current];
	const moves: Record<string, number> = {
		ArrowLeft: current - 1,
		ArrowRight: current + 1,
		ArrowUp: current - columns,
		ArrowDown: current + columns,
		Home: 0,
		End: pictures.length - 1,
	};
	const target = moves[event.key];
	if (event.altKey) return;
	if (event.ctrlKey || event.metaKey) {
		if (event.key !== "a") return;
		does.onSelectAll();
	} else if (target !== undefined) {
		if (target >= 0 && target < pictures.length) goTo(target);
	} else if (event.key === "Escape") does.onClear();
	else if (!picture || !actOn(picture, event, does)) return;
	event.preventDefault();
}

/** Whether the key stands for something to be done with a picture; it is done then. */
function actOn(
	picture: GalleryImage,
	{ key, shiftKey }: KeyboardEvent,
	{ onOpen, onSelect, onStar, onDelete }: Pick<Props, "onOpen" | "onSelect" | "onStar" | "onDelete">,
): boolean {
	if (key === "Enter") onOpen(picture);
	else if (key === " " || key.toLowerCase() === "x") onSelect(picture, shiftKey);
	else if (key === ".") onStar(picture);
	else if (key === "Delete") onDelete(picture);
	else return false;
	return true;
}
