import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from "react";

export interface GridWindow {
	columns: number;
	/** Pixels of a tile, and of a row with its gap. */
	tilePx: number;
	rowPx: number;
	/** Rows to be rendered: from `first`, before `end`. */
	first: number;
	end: number;
}

const gapPx = 10;
const overscanRows = 2;
const unmeasured: GridWindow = { columns: 1, tilePx: 0, rowPx: 1, first: 0, end: 0 };

/** Of square tiles in the page's own scroll: which rows are in sight. Only those are rendered, however many there are. */
export function useGridWindow(box: RefObject<HTMLElement | null>, count: number): [GridWindow, () => void] {
	const [view, setView] = useState(unmeasured);
	const measure = useCallback(() => {
		if (!box.current) return;
		const { width, top } = box.current.getBoundingClientRect();
		if (width === 0) return;
		const least = width < 560 ? 108 : 172;
		const columns = Math.max(2, Math.floor((width + gapPx) / (least + gapPx)));
		const tilePx = (width - gapPx * (columns - 1)) / columns;
		const rowPx = tilePx + gapPx;
		const rows = Math.ceil(count / columns);
		const first = Math.max(0, Math.min(rows, Math.floor(-top / rowPx)) - overscanRows);
		const end = Math.max(0, Math.min(rows, Math.ceil((window.innerHeight - top) / rowPx) + overscanRows));
		setView((before) => {
			const next = { columns, tilePx, rowPx, first, end };
			return Object.entries(next).every(([name, value]) => before[name as keyof GridWindow] === value) ? before : next;
		});
	}, [box, count]);

	useLayoutEffect(measure, [measure]);
	useEffect(() => {
		const observer = new ResizeObserver(measure);
		if (box.current) observer.observe(box.current);
		window.addEventListener("scroll", measure, { passive: true });
		window.addEventListener("resize", measure);
		return () => {
			observer.disconnect();
			window.removeEventListener("scroll", measure);
			window.removeEventListener("resize", measure);
		};
	}, [box, measure]);
	return [view, measure];
}
