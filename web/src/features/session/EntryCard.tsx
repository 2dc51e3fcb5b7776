import type { ReactNode } from "react";
import { useTitle } from "../../app/useTitle.ts";
import { Wordmark } from "../../app/Wordmark.tsx";

/** What is seen before anybody is signed in: one card, one thing to do. */
export function EntryCard({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
	useTitle(title);
	return (
		<main className="grid min-h-dvh place-items-center p-4">
			<div className="gather grid w-full max-w-md gap-7 rounded-2xl border border-line p-6 shadow-(--shadow) sm:p-8">
				<Wordmark />
				<header className="grid gap-2">
					<h1 className="text-2xl font-semibold tracking-tight text-balance">{title}</h1>
					{lead && <div className="text-ink-soft">{lead}</div>}
				</header>
				{children}
			</div>
		</main>
	);
}
