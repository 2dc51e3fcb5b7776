import type { ReactNode } from "react";

/** The one thing to do on a page: sends its form. */
export function HotButton({
	isBusy = false,
	busy,
	children,
	className = "",
}: {
	isBusy?: boolean;
	busy?: string;
	children: ReactNode;
	className?: string;
}) {
	return (
		<button type="submit" disabled={isBusy} className={`molten h-11 rounded-lg px-5 font-semibold disabled:opacity-70 ${className}`}>
			{isBusy && busy ? busy : children}
		</button>
	);
}
