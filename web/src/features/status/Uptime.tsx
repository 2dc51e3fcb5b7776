import type { Status } from "@glassworks/sdk";
import { Section } from "../../ui/Section.tsx";
import { percent } from "./percent.ts";

type Day = Status["days"][number];

/** A bar a day: how much of it pictures could be made. */
export function Uptime({ status }: { status: Status }) {
	const began = new Date(status.since).toLocaleDateString(undefined, { dateStyle: "long" });
	return (
		<Section title="Uptime" note={`Measured since ${began}`}>
			<dl className="flex flex-wrap gap-x-10 gap-y-3">
				{status.uptime.map(({ days, up, working }) => (
					<div key={days} className="grid gap-0.5">
						<dt className="text-[13px] text-ink-soft">{days === 1 ? "24 hours" : `${days} days`}</dt>
						<dd className="text-2xl font-semibold tracking-tight tabular-nums">{percent(working)}</dd>
						<dd className="text-[13px] text-ink-soft">the server: {percent(up)}</dd>
					</div>
				))}
			</dl>
			<div role="img" aria-label={inWords(status.days)} className="flex h-12 items-stretch gap-px sm:gap-0.5">
				{status.days.map((day) => (
					<span key={day.day} title={`${day.day}: ${percent(day.working)}`} className={`min-w-px flex-1 rounded-sm ${colourOf(day)}`} />
				))}
			</div>
			<p className="flex justify-between text-[13px] text-ink-soft">
				<span>90 days ago</span>
				<span>Today</span>
			</p>
		</Section>
	);
}

function colourOf({ working }: Day): string {
	if (working === null) return "bg-line";
	if (working >= 0.999) return "bg-cool";
	return working >= 0.95 ? "bg-ember" : "bg-alarm-ink";
}

function inWords(days: readonly Day[]): string {
	const measured = days.filter(({ working }) => working !== null);
	const whole = measured.filter(({ working }) => working !== null && working >= 0.999).length;
	return `On ${whole} of ${measured.length} days measured, pictures could be made all day.`;
}
