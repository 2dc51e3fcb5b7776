import { type ReactNode, type TextareaHTMLAttributes, useId } from "react";

type Props = Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "id"> & {
	label: string;
	/** What belongs in it. */
	hint?: ReactNode;
};

export function TextArea({ label, hint, className = "", ...rest }: Props) {
	const id = useId();
	return (
		<div className="grid min-w-0 content-start gap-1.5">
			<label htmlFor={id} className="text-sm font-medium">
				{label}
			</label>
			<textarea
				{...rest}
				id={id}
				aria-describedby={hint ? `${id}-hint` : undefined}
				className={`field w-full min-w-0 resize-y px-3 py-2 leading-normal ${className}`}
			/>
			{hint && (
				<p id={`${id}-hint`} className="text-[13px] leading-snug text-ink-soft">
					{hint}
				</p>
			)}
		</div>
	);
}
