import type { Pool } from "@glassworks/sdk";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { ListStatus } from "../../ui/ListStatus.tsx";
import { Section } from "../../ui/Section.tsx";
import { useQueue } from "../queue/useQueue.ts";
import { NewWorker } from "./NewWorker.tsx";
import { Workers } from "./Workers.tsx";

/** Pools and the workers in them: what takes work, and what is held back. */
export function MachinesView() {
	const pools = useQuery({ queryKey: ["pools"], queryFn: ({ signal }) => api.pools.list({ signal }), refetchInterval: 10_000 });
	return (
		<div className="grid min-w-0 gap-10">
			<Section title="Pools" note="A paused pool hands nothing out; what runs goes on">
				<ListStatus query={pools} />
				{pools.data && <Pools pools={pools.data} />}
			</Section>
			<Workers />
			<NewWorker pools={pools.data?.map(({ id }) => id) ?? []} />
		</div>
	);
}

function Pools({ pools }: { pools: Pool[] }) {
	const queries = useQueryClient();
	const queue = useQueue();
	const turn = useMutation({
		mutationFn: ({ id, paused }: Pool) => (paused ? api.pools.resume(id) : api.pools.pause(id)),
		onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ["pools"] }), queries.invalidateQueries({ queryKey: ["queue"] })]),
	});
	const line = ({ id }: Pool) => queue.data?.pools.find(({ pool }) => pool === id);
	return (
		<>
			<ErrorNotice error={turn.error} />
			<DataTable
				caption="Pools"
				rows={pools}
				rowKey={({ id }) => id}
				empty="There are no pools."
				columns={[
					{ head: "Pool", cell: ({ id }) => id },
					{
						head: "State",
						cell: ({ paused }) => (paused ? <span className="text-alarm-ink">paused</span> : <span className="text-cool-ink">open</span>),
					},
					{ head: "For", cell: ({ dedicated }) => (dedicated ? `${dedicated.tenant}, in place of ${dedicated.base}` : "everybody") },
					{ head: "In line", isFigure: true, cell: (pool) => line(pool)?.ready ?? "–" },
					{ head: "Running", isFigure: true, cell: (pool) => line(pool)?.running ?? "–" },
					{ head: "Workers", isFigure: true, cell: (pool) => line(pool)?.workers ?? "–" },
					{ head: "Wanted", isFigure: true, cell: (pool) => <Wanted wanted={line(pool)?.wanted_workers} /> },
					{
						head: "Actions",
						isFigure: true,
						cell: (pool) => (
							<Button
								disabled={turn.isPending}
								aria-label={`${pool.paused ? "Resume" : "Pause"} ${pool.id}`}
								onClick={() => turn.mutate(pool)}
							>
								{pool.paused ? "Resume" : "Pause"}
							</Button>
						),
					},
				]}
			/>
		</>
	);
}

function Wanted({ wanted }: { wanted: { workers: number; reasoning: string[] } | undefined }) {
	return wanted ? <span title={wanted.reasoning.join("; ")}>{wanted.workers}</span> : "–";
}
