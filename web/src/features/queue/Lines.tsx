import type { Model, Queue, Status } from "@glassworks/sdk";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { duration, took } from "../../format/duration.ts";
import { money } from "../../format/money.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { Section } from "../../ui/Section.tsx";
import { useStatus } from "../status/useStatus.ts";
import { DepthBar } from "./DepthBar.tsx";
import { byModel, byPlan, type Line } from "./lines.ts";

/** Who and what waits, by plan and by model, with what was measured. */
export function Lines({ queue }: { queue: Queue | undefined }) {
	const status = useStatus();
	const models = useQuery({ queryKey: ["models"], queryFn: ({ signal }) => api.models.list({ signal }), refetchInterval: 30_000 });
	if (!queue) return null;
	return (
		<div className="grid min-w-0 gap-10 xl:grid-cols-2">
			<PlanLines lines={byPlan(queue)} waits={status.data?.waits ?? []} />
			<ModelLines lines={byModel(queue)} models={models.data ?? []} />
		</div>
	);
}

const longest = (lines: readonly Line[]) => Math.max(1, ...lines.map(({ ready, running }) => ready + running));

function PlanLines({ lines, waits }: { lines: Line[]; waits: Status["waits"] }) {
	const scale = longest(lines);
	const waitOf = ({ name }: Line) => waits.find(({ plan }) => plan === name);
	return (
		<Section title="By plan" note="Steps in line and being made">
			<DataTable
				caption="The line by plan"
				rows={lines}
				rowKey={({ name }) => name}
				empty="Nobody waits."
				columns={[
					{ head: "Plan", cell: (line) => waitOf(line)?.title ?? line.name },
					{ head: "Line", cell: (line) => <DepthBar line={line} scale={scale} /> },
					{ head: "Waits", isFigure: true, cell: ({ ready }) => ready },
					{ head: "Made", isFigure: true, cell: ({ running }) => running },
					{ head: "Wait, median of 24 h", isFigure: true, cell: (line) => wait(waitOf(line)?.p50_ms) },
				]}
			/>
		</Section>
	);
}

const wait = (ms: number | null | undefined) => (ms === null || ms === undefined ? "–" : duration(ms));

function ModelLines({ lines, models }: { lines: Line[]; models: Model[] }) {
	const scale = longest(lines);
	const modelOf = ({ name }: Line) => models.find((model) => model.name === name);
	const speed = (line: Line) => modelOf(line)?.measured.run_ms;
	return (
		<Section title="By model" note="Where it is loaded, a picture starts sooner">
			<DataTable
				caption="The line by model"
				rows={lines}
				rowKey={({ name }) => name}
				empty="Nothing waits."
				columns={[
					{ head: "Model", cell: (line) => modelOf(line)?.title ?? line.name },
					{ head: "Line", cell: (line) => <DepthBar line={line} scale={scale} /> },
					{ head: "Waits", isFigure: true, cell: ({ ready }) => ready },
					{ head: "Made", isFigure: true, cell: ({ running }) => running },
					{ head: "Loaded", isFigure: true, cell: ({ loadedOn, capable }) => (capable === 0 ? "no worker" : `${loadedOn} of ${capable}`) },
					{ head: "Takes", isFigure: true, cell: (line) => (speed(line) == null ? "–" : took(speed(line) ?? 0)) },
					{ head: "Price", isFigure: true, cell: (line) => money(modelOf(line)?.price_micro_usd ?? 0) },
				]}
			/>
		</Section>
	);
}
