import type { ButtonHTMLAttributes, ReactNode } from "react";

type Props = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "aria-label" | "title" | "type"> & { label: string; children: ReactNode };

/** A picture of what it does, and its name for everyone else. 40 px to touch. */
export function IconButton({ label, children, className = "", ...rest }: Props) {
	return (
		<button
			{...rest}
			type="button"
			aria-label={label}
			title={label}
			className={`grid size-10 shrink-0 place-items-center rounded-lg text-ink-soft hover:bg-raised hover:text-ink disabled:opacity-40 aria-pressed:bg-ember-wash aria-pressed:text-ember-ink ${className}`}
		>
			{children}
		</button>
	);
}
