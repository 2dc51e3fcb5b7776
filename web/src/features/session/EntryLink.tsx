import type { ReactNode } from "react";
import { Link } from "react-router";

/** To another of the pages before the session. */
export function EntryLink({ to, children }: { to: string; children: ReactNode }) {
	return (
		<Link to={to} className="inline-flex min-h-10 items-center text-sm text-ember-ink underline underline-offset-4">
			{children}
		</Link>
	);
}
