import { useEffect, useState } from "react";

interface Props {
	label: string;
	value: number | null;
	onChange(value: number | null): void;
	min: number;
	max: number;
	/** Granularity; 1 takes whole numbers only. */
	step?: number;
	/** Shown while nothing is set: the default that will apply. */
	placeholder: string;
	labelHidden?: boolean;
}

/** A number or nothing. What is out of range is brought into it when the field is left, not while typing. */
export function NumberField({ label, value, onChange, min, max, step = 1, placeholder, labelHidden = false }: Props) {
	const [text, setText] = useState(value === null ? "" : String(value));
	useEffect(() => setText(value === null ? "" : String(value)), [value]);

	const commit = () => {
		const next = readNumber(text, { min, max, step });
		setText(next === null ? "" : String(next));
		if (next !== value) onChange(next);
	};
	return (
		<label className="grid min-w-0 gap-1.5">
			<span className={labelHidden ? "sr-only" : "text-sm font-medium text-ink-soft"}>{label}</span>
			<input
				className="field h-10 w-full min-w-0 px-3 font-mono text-sm"
				inputMode={step < 1 ? "decimal" : "numeric"}
				value={text}
				placeholder={placeholder}
				onChange={(event) => setText(event.target.value)}
				onBlur={commit}
				onKeyDown={(event) => {
					if (event.key !== "Enter") return;
					// Sets the number; sending the form from here would send the one before.
					event.preventDefault();
					commit();
				}}
			/>
		</label>
	);
}

/** The nearest allowed number, or null for an empty or unreadable text. */
export function readNumber(text: string, { min, max, step }: { min: number; max: number; step: number }): number | null {
	const number = Number(text.trim().replace(",", "."));
	if (text.trim() === "" || !Number.isFinite(number)) return null;
	const onGrid = Math.round(number / step) * step;
	return Number(Math.min(max, Math.max(min, onGrid)).toFixed(4));
}
