import { useId } from "react";
import { useStatus } from "../status/useStatus.ts";

/** One of the operator's plans. */
export function PlanSelect({ label, name, value }: { label: string; name: string; value?: string }) {
	const id = useId();
	const plans = useStatus().data?.waits ?? [];
	return (
		<div className="grid gap-1.5">
			<label htmlFor={id} className="text-sm font-medium">
				{label}
			</label>
			{/* Its choices come later than it does: then it is another, with the right one chosen. */}
			<select key={plans.length} id={id} name={name} defaultValue={value} className="field h-11 min-w-40 px-2 text-sm">
				{plans.map(({ plan, title }) => (
					<option key={plan} value={plan}>
						{title}
					</option>
				))}
			</select>
		</div>
	);
}
