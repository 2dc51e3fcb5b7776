import { type InputHTMLAttributes, type ReactNode, useId } from "react";

type Props = Omit<InputHTMLAttributes<HTMLInputElement>, "id"> & {
	label: string;
	/** What belongs in it. */
	hint?: ReactNode;
	/** What is wrong with what is in it. */
	problem?: string | undefined;
};

export function TextField({ label, hint, problem, className = "", ...rest }: Props) {
	const id = useId();
	const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ");
	return (
		<div className="grid min-w-0 content-start gap-1.5">
			<label htmlFor={id} className="text-sm font-medium">
				{label}
			</label>
			<input
				{...rest}
				id={id}
				aria-describedby={described || undefined}
				aria-invalid={problem ? true : undefined}
				className={`field h-11 w-full min-w-0 px-3 ${className}`}
			/>
			{problem && (
				<p id={`${id}-problem`} className="text-[13px] leading-snug text-alarm-ink">
					{problem}
				</p>
			)}
			{hint && (
				<p id={`${id}-hint`} className="text-[13px] leading-snug text-ink-soft">
					{hint}
				</p>
			)}
		</div>
	);
}
