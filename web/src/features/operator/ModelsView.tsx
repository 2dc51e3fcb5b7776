import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { duration, took } from "../../format/duration.ts";
import { money } from "../../format/money.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { ListStatus } from "../../ui/ListStatus.tsx";
import { Section } from "../../ui/Section.tsx";

/** Models of the operator's file, whether a worker has them, and what was measured. */
export function ModelsView() {
	const models = useQuery({ queryKey: ["models"], queryFn: ({ signal }) => api.models.list({ signal }), refetchInterval: 30_000 });
	return (
		<Section title="Models" note="Names and prices are in glassworks.config.ts; `glassworks models pull` fetches the built-in ones">
			<ListStatus query={models} />
			{models.data && (
				<DataTable
					caption="Models"
					rows={models.data}
					rowKey={({ name }) => name}
					empty="No model is configured."
					columns={[
						{ head: "Model", cell: ({ title, default: isDefault }) => `${title}${isDefault ? " (default)" : ""}` },
						{ head: "Name", cell: ({ name }) => <span className="font-mono text-[13px]">{name}</span> },
						{
							head: "Now",
							cell: ({ available }) =>
								available ? (
									<span className="text-cool-ink">there</span>
								) : (
									<span className="whitespace-nowrap text-ink-soft">no worker has it</span>
								),
						},
						{ head: "Price", isFigure: true, cell: ({ price_micro_usd: price }) => money(price) },
						{ head: "Runs of 24 h", isFigure: true, cell: ({ measured }) => measured.steps },
						{ head: "Takes", isFigure: true, cell: ({ measured }) => (measured.run_ms === null ? "–" : took(measured.run_ms)) },
						{
							head: "Wait, 95 %",
							isFigure: true,
							cell: ({ measured }) => (measured.wait_p95_ms === null ? "–" : duration(measured.wait_p95_ms)),
						},
						{
							head: "Failed",
							isFigure: true,
							cell: ({ measured }) => (measured.failure_rate === null ? "–" : `${Math.round(measured.failure_rate * 1_000) / 10} %`),
						},
					]}
				/>
			)}
		</Section>
	);
}
