import type { ReactNode } from "react";
import { Warning } from "./icons.tsx";

/** Something went wrong, and what to do about it. */
export function Notice({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
	return (
		<div role="alert" className="grid gap-2 rounded-lg bg-alarm-wash p-3 text-sm text-alarm-ink">
			<p className="flex items-start gap-2 font-medium">
				<Warning />
				<span className="pt-px">{title}</span>
			</p>
			{children && <div className="pl-7 leading-snug">{children}</div>}
			{action && <div className="pl-7">{action}</div>}
		</div>
	);
}
