import type { Status } from "@glassworks/sdk";
import { duration } from "../../format/duration.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { Section } from "../../ui/Section.tsx";

const wait = (ms: number | null) => (ms === null ? "–" : duration(ms));

export function Waits({ status }: { status: Status }) {
	const isMeasured = status.waits.some(({ p50_ms: ms }) => ms !== null);
	return (
		<Section title="Queue time by plan" note="From accepted to begun, over the last 24 hours">
			<DataTable
				caption="Queue time by plan"
				rows={status.waits}
				rowKey={({ plan }) => plan}
				empty="There are no plans."
				columns={[
					{ head: "Plan", cell: ({ title }) => title },
					{ head: "Half waited at most", isFigure: true, cell: ({ p50_ms: ms }) => wait(ms) },
					{ head: "9 of 10 at most", isFigure: true, cell: ({ p90_ms: ms }) => wait(ms) },
					{ head: "Promised at most", isFigure: true, cell: ({ promised_ms: ms }) => wait(ms) },
				]}
			/>
			{!isMeasured && <p className="text-[13px] text-ink-soft">Too few pictures were asked for in the last 24 hours to tell.</p>}
		</Section>
	);
}

export function Coverage({ etas }: Pick<Status, "etas">) {
	return (
		<DataTable
			caption="How true the ETAs came, by pool of workers"
			rows={etas}
			rowKey={({ pool }) => pool}
			empty="There are no pools."
			columns={[
				{ head: "Pool", cell: ({ pool }) => pool },
				{ head: "Ended in time", isFigure: true, cell: ({ coverage }) => (coverage ? `${Math.round(coverage.share * 100)} %` : "–") },
				{ head: "ETAs looked at", isFigure: true, cell: ({ coverage }) => coverage?.outcomes ?? "none yet" },
			]}
		/>
	);
}
