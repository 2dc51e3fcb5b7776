import type { Status } from "@glassworks/sdk";
import { duration } from "../../format/duration.ts";
import { Section } from "../../ui/Section.tsx";

const kinds: Record<Status["incidents"][number]["kind"], string> = {
	down: "The server did not answer",
	no_workers: "No worker took work",
};

export function Incidents({ status }: { status: Status }) {
	return (
		<Section title="Incidents" note="Of the last 90 days, longer than three minutes">
			{status.incidents.length === 0 ? (
				<p className="border-y border-line py-4 text-sm text-ink-soft">None.</p>
			) : (
				<ul className="border-b border-line">
					{status.incidents.map(({ kind, began_at: began, ended_at: ended }) => (
						<li
							key={`${kind} ${began}`}
							className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-0.5 border-t border-line py-3 text-sm"
						>
							<span className={`font-medium ${ended === null ? "text-alarm-ink" : ""}`}>{kinds[kind]}</span>
							<span className="text-ink-soft tabular-nums">
								{new Date(began).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })},{" "}
								{ended === null ? "and still" : duration(Date.parse(ended) - Date.parse(began))}
							</span>
						</li>
					))}
				</ul>
			)}
		</Section>
	);
}
