import { Link } from "react-router";
import { EntryCard } from "./EntryCard.tsx";

/** It worked; signing in is next. */
export function Done({ title, lead }: { title: string; lead: string }) {
	return (
		<EntryCard title={title} lead={lead}>
			<Link to="/" className="molten grid h-11 place-items-center rounded-lg font-semibold">
				Sign in
			</Link>
		</EntryCard>
	);
}
