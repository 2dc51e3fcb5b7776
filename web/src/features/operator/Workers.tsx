import type { Worker } from "@glassworks/sdk";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { moment } from "../../format/moment.ts";
import { Button } from "../../ui/Button.tsx";
import { Chips } from "../../ui/Chips.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { ListStatus } from "../../ui/ListStatus.tsx";
import { RemoveButton } from "../../ui/RemoveButton.tsx";
import { Section } from "../../ui/Section.tsx";

type Order = "pause" | "drain" | "resume" | "revoke";

/** Nobody heard of it for longer than this: it is away. Workers say something every few seconds. */
const awayMs = 60_000;
const isAway = ({ last_seen_at: seen }: Worker) => seen === null || Date.now() - Date.parse(seen) > awayMs;

export function Workers() {
	const queries = useQueryClient();
	const [shown, setShown] = useState<"there" | "all">("there");
	const list = useQuery({ queryKey: ["workers"], queryFn: ({ signal }) => api.workers.list({ signal }), refetchInterval: 5_000 });
	const tell = useMutation<unknown, Error, { id: string; order: Order }>({
		mutationFn: ({ id, order }) => api.workers[order](id),
		onSettled: () =>
			Promise.all([queries.invalidateQueries({ queryKey: ["workers"] }), queries.invalidateQueries({ queryKey: ["queue"] })]),
	});
	const rows = (list.data ?? []).filter((worker) => shown === "all" || (worker.revoked_at === null && !isAway(worker)));
	return (
		<Section
			title="Workers"
			action={
				<Chips<"there" | "all">
					legend="Which workers"
					legendHidden
					value={shown}
					onChange={setShown}
					choices={[
						{ value: "there", label: "Connected" },
						{ value: "all", label: `All ${list.data?.length ?? ""}` },
					]}
				/>
			}
		>
			<ListStatus query={list} />
			<ErrorNotice error={tell.error} />
			{list.data && (
				<DataTable
					caption="Workers"
					rows={rows}
					rowKey={({ id }) => id}
					empty="No worker is connected. Let a machine in below, or start the server with its own worker."
					columns={[
						{ head: "Worker", cell: ({ name }) => name },
						{ head: "State", cell: (worker) => <State worker={worker} /> },
						{ head: "Pools", cell: ({ pools }) => pools.join(", ") },
						{ head: "Model", cell: ({ loaded_model: model }) => model ?? "none" },
						{ head: "Runs", isFigure: true, cell: ({ running, slots }) => `${running} of ${slots}` },
						{ head: "Last seen", isFigure: true, cell: ({ last_seen_at: seen }) => (seen === null ? "never" : moment(seen)) },
						{
							head: "Actions",
							isFigure: true,
							cell: (worker) => (
								<Orders worker={worker} isBusy={tell.isPending} onOrder={(order) => tell.mutate({ id: worker.id, order })} />
							),
						},
					]}
				/>
			)}
		</Section>
	);
}

function State({ worker }: { worker: Worker }) {
	if (worker.revoked_at !== null) return <span className="text-ink-faint">revoked</span>;
	if (isAway(worker)) return <span className="text-alarm-ink">away</span>;
	if (worker.trouble)
		return (
			<span className="grid max-w-72 gap-0.5 whitespace-normal">
				<span className="text-alarm-ink">in trouble</span>
				<span className="text-[13px] leading-snug text-ink-soft">{worker.trouble}</span>
			</span>
		);
	const colour = worker.state === "busy" ? "text-ember-ink" : worker.state === "idle" ? "text-cool-ink" : "text-ink-soft";
	return <span className={colour}>{worker.state}</span>;
}

function Orders({ worker, isBusy, onOrder }: { worker: Worker; isBusy: boolean; onOrder(order: Order): void }) {
	if (worker.revoked_at !== null) return null;
	const takesWork = worker.state === "idle" || worker.state === "busy";
	const orders: [Order, string][] = takesWork
		? [
				["pause", "Pause"],
				["drain", "Drain"],
			]
		: [["resume", "Resume"]];
	return (
		<span className="inline-flex gap-2">
			{orders.map(([order, label]) => (
				<Button key={order} disabled={isBusy} aria-label={`${label} ${worker.name}`} onClick={() => onOrder(order)}>
					{label}
				</Button>
			))}
			{worker.kind === "remote" && <RemoveButton verb="Revoke" name={worker.name} isBusy={isBusy} onRemove={() => onOrder("revoke")} />}
		</span>
	);
}
