import { useState } from "react";
import { Button } from "./Button.tsx";
import { Next, Previous } from "./icons.tsx";

/** Where one is in a list that the server hands out page by page. */
export interface Place {
	/** For the request; undefined: the first page. */
	before: string | undefined;
	/** Pages before this one. */
	page: number;
	onNext(next: string): void;
	onPrevious(): void;
	reset(): void;
}

export function usePlace(): Place {
	const [cursors, setCursors] = useState<readonly string[]>([]);
	return {
		before: cursors.at(-1),
		page: cursors.length,
		onNext: (next) => setCursors([...cursors, next]),
		onPrevious: () => setCursors(cursors.slice(0, -1)),
		reset: () => setCursors([]),
	};
}

interface Props {
	place: Place;
	/** Of the page shown; null: it is the last. */
	next: string | null;
	/** Such as "51 to 100 of 10,000". */
	label: string;
}

/** Nothing while all fits on one page. */
export function Pager({ place, next, label }: Props) {
	if (place.page === 0 && next === null) return null;
	return (
		<nav aria-label="Pages of this list" className="flex items-center justify-between gap-3">
			<Button disabled={place.page === 0} onClick={place.onPrevious}>
				<Previous />
				Previous
			</Button>
			<p role="status" className="text-sm text-ink-soft tabular-nums">
				{label}
			</p>
			<Button disabled={next === null} onClick={() => next !== null && place.onNext(next)}>
				Next
				<Next />
			</Button>
		</nav>
	);
}
