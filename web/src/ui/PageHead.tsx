import type { ReactNode } from "react";

/** What a page is, in a line, and what can be done to all of it. */
export function PageHead({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
	return (
		<header className="flex flex-wrap items-end justify-between gap-x-8 gap-y-4">
			<div className="grid min-w-0 gap-1.5">
				<h1 className="text-3xl font-semibold tracking-tight wrap-anywhere">{title}</h1>
				{lead && <div className="max-w-prose text-ink-soft">{lead}</div>}
			</div>
			{children}
		</header>
	);
}
