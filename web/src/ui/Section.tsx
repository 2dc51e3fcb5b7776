import { type ReactNode, useId } from "react";

/** A part of a page, under a heading of its own. */
export function Section({ title, note, action, children }: { title: string; note?: ReactNode; action?: ReactNode; children: ReactNode }) {
	const id = useId();
	return (
		<section aria-labelledby={id} className="grid min-w-0 content-start gap-3">
			<div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
				<h2 id={id} className="text-lg font-semibold tracking-tight">
					{title}
				</h2>
				{note && <p className="text-[13px] text-ink-soft">{note}</p>}
				{action}
			</div>
			{children}
		</section>
	);
}
