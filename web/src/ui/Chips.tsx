import { type ReactNode, useId } from "react";

interface Choice<T> {
	value: T;
	label: ReactNode;
	/** Read out instead of the label. */
	name?: string;
}
interface Props<T> {
	legend: string;
	choices: readonly Choice<T>[];
	value: T;
	onChange(value: T): void;
	legendHidden?: boolean;
}

/** One of a few. Radio buttons underneath: arrow keys, groups and names come with them. */
export function Chips<T extends string | number | null>({ legend, choices, value, onChange, legendHidden = false }: Props<T>) {
	const group = useId();
	return (
		<fieldset className="min-w-0">
			<legend className={legendHidden ? "sr-only" : "mb-1.5 text-sm font-medium text-ink-soft"}>{legend}</legend>
			<div className="flex flex-wrap gap-1 sm:gap-1.5">
				{choices.map((choice) => (
					<label
						key={String(choice.value)}
						className="relative flex min-h-10 min-w-10 cursor-pointer items-center justify-center gap-1.5 rounded-lg border border-line px-2.5 text-sm text-ink-soft hover:border-line-strong hover:text-ink has-checked:border-ember-ink has-checked:bg-ember-wash has-checked:text-ember-ink has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-ember-ink"
					>
						<input
							type="radio"
							className="sr-only"
							name={group}
							aria-label={choice.name}
							checked={choice.value === value}
							onChange={() => onChange(choice.value)}
						/>
						{choice.label}
					</label>
				))}
			</div>
		</fieldset>
	);
}
