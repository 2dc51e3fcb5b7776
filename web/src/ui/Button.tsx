import type { ButtonHTMLAttributes } from "react";

type Props = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "type"> & { submit?: boolean };

/** The quiet kind. The one hot button of a page has the class `molten`. */
export function Button({ submit = false, className = "", ...rest }: Props) {
	return (
		<button
			{...rest}
			type={submit ? "submit" : "button"}
			className={`inline-flex min-h-10 items-center justify-center gap-2 rounded-lg border border-line-strong px-3 text-sm font-medium hover:bg-raised disabled:opacity-50 aria-pressed:border-ember-ink aria-pressed:bg-ember-wash aria-pressed:text-ember-ink ${className}`}
		/>
	);
}
