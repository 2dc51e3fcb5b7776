import { Link } from "react-router";
import { keyName } from "../../app/shortcuts.ts";
import type { GalleryFilter } from "./useGallery.ts";

/** Nothing to show, why, and what would change that. */
export function EmptyGallery({ filter: { q, starred, board } }: { filter: GalleryFilter }) {
	const [title, advice] =
		q !== ""
			? ["No prompt has these words", "Each word is looked for from its beginning. Try fewer, or a shorter one."]
			: starred
				? ["No stars yet", "Press . on a picture, or the star in its corner, to find it here again."]
				: board !== null
					? ["Nothing on this board yet", `Select pictures with X, or all with ${keyName("Mod")}+A, and press Board.`]
					: [
							"Your pictures will be here",
							"Every finished picture, newest first, with its recipe: to search, star, put on boards and take out.",
						];
	return (
		<div className="grid justify-items-start gap-3 py-10">
			<h2 className="text-2xl font-semibold tracking-tight text-balance">{title}</h2>
			<p className="max-w-prose text-ink-soft">{advice}</p>
			{q === "" && !starred && board === null ? (
				<Link to="/" className="molten mt-2 inline-flex min-h-11 items-center rounded-xl px-5 font-semibold">
					Make a picture
				</Link>
			) : (
				<Link to="/gallery" className="py-2 text-ember-ink underline underline-offset-4">
					All pictures
				</Link>
			)}
		</div>
	);
}
