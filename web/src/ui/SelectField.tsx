import { useId } from "react";

interface Props {
	label: string;
	value: string;
	onChange(value: string): void;
	choices: readonly { value: string; label: string }[];
	labelHidden?: boolean;
}

export function SelectField({ label, value, onChange, choices, labelHidden = false }: Props) {
	const id = useId();
	return (
		<div className="grid min-w-0 content-start gap-1.5">
			<label htmlFor={id} className={labelHidden ? "sr-only" : "text-sm font-medium"}>
				{label}
			</label>
			<select
				id={id}
				value={value}
				onChange={(event) => onChange(event.target.value)}
				className="field h-11 w-full min-w-0 px-2.5 text-[15px]"
			>
				{choices.map((choice) => (
					<option key={choice.value} value={choice.value}>
						{choice.label}
					</option>
				))}
			</select>
		</div>
	);
}
