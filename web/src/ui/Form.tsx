import type { ReactNode } from "react";

interface Props {
	/** Called with what its fields hold, by their names. */
	onSubmit(values: Record<string, string>): void;
	label?: string;
	className?: string;
	children: ReactNode;
}

/** Fields that hold their own text until it is sent. */
export function Form({ onSubmit, label, className = "grid gap-4", children }: Props) {
	return (
		<form
			aria-label={label}
			className={className}
			onSubmit={(event) => {
				event.preventDefault();
				const entries = [...new FormData(event.currentTarget)].flatMap(([name, value]) =>
					typeof value === "string" ? [[name, value]] : [],
				);
				onSubmit(Object.fromEntries(entries));
			}}
		>
			{children}
		</form>
	);
}
