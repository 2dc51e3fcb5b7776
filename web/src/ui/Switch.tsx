import { type ReactNode, useId } from "react";

interface Props {
	label: string;
	/** What it costs or why it will not happen. */
	note?: ReactNode;
	checked: boolean;
	onChange(checked: boolean): void;
}

export function Switch({ label, note, checked, onChange }: Props) {
	const noteId = useId();
	return (
		<label className="flex cursor-pointer items-start justify-between gap-4 py-1.5">
			<span className="grid gap-0.5">
				<span className="text-sm font-medium">{label}</span>
				{note && (
					<span id={noteId} className="text-[13px] leading-snug text-ink-faint">
						{note}
					</span>
				)}
			</span>
			<input
				type="checkbox"
				role="switch"
				aria-label={label}
				aria-describedby={note ? noteId : undefined}
				aria-checked={checked}
				checked={checked}
				onChange={(event) => onChange(event.target.checked)}
				className="relative mt-0.5 h-6 w-11 shrink-0 cursor-pointer appearance-none rounded-full border border-line-strong bg-sunken transition-colors before:absolute before:top-[3px] before:left-[3px] before:size-4 before:rounded-full before:bg-ink-soft before:transition-transform checked:border-ember checked:bg-ember checked:before:translate-x-5 checked:before:bg-on-ember"
			/>
		</label>
	);
}
