import type { ReactNode } from "react";

export interface Figure {
	label: string;
	value: ReactNode;
	note?: ReactNode;
	/** Glows: it is being made. */
	isHot?: boolean;
}

/** A few numbers that say it all, large enough to be read across a room. */
export function Figures({ label, figures }: { label: string; figures: readonly Figure[] }) {
	return (
		<dl aria-label={label} className="grid grid-cols-2 gap-y-5 sm:grid-cols-[repeat(auto-fit,minmax(9rem,1fr))]">
			{figures.map(({ label, value, note, isHot = false }) => (
				<div key={label} className="grid content-start gap-0.5 border-l border-line pl-4">
					<dt className="text-[13px] text-ink-soft">{label}</dt>
					<dd className={`text-3xl font-semibold tracking-tight tabular-nums ${isHot ? "text-ember-ink" : ""}`}>{value}</dd>
					{note && <dd className="text-[13px] leading-snug text-ink-soft">{note}</dd>}
				</div>
			))}
		</dl>
	);
}
