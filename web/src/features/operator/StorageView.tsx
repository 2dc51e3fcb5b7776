import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { ListStatus } from "../../ui/ListStatus.tsx";
import { Section } from "../../ui/Section.tsx";

const shown = 200;

/** Binary units, as disks are measured by those who run them. */
const size = (bytes: number) =>
	bytes < 2 ** 20
		? `${(bytes / 2 ** 10).toFixed(1)} KiB`
		: bytes < 2 ** 30
			? `${(bytes / 2 ** 20).toFixed(1)} MiB`
			: `${(bytes / 2 ** 30).toFixed(2)} GiB`;

/** How much is stored, and removing now what nobody needs. */
export function StorageView() {
	const queries = useQueryClient();
	const usage = useQuery({ queryKey: ["storage"], queryFn: ({ signal }) => api.storage.usage({ signal }) });
	const sweep = useMutation({
		mutationFn: () => api.storage.sweep(),
		onSettled: () => queries.invalidateQueries({ queryKey: ["storage"] }),
	});
	const rows = [...(usage.data?.data ?? [])].sort((a, b) => b.bytes - a.bytes);
	return (
		<Section
			title="Storage"
			note={
				usage.data &&
				`${size(usage.data.bytes)} in all${rows.length > shown ? `; the largest ${shown} of ${rows.length} accounts are shown` : ""}`
			}
		>
			<ListStatus query={usage} />
			{usage.data && (
				<DataTable
					caption="Storage by account"
					rows={rows.slice(0, shown)}
					rowKey={({ tenant_id: tenant }) => tenant}
					empty="Nothing is stored yet."
					columns={[
						{ head: "Account", cell: ({ tenant_id: tenant }) => <span className="font-mono text-[13px]">{tenant}</span> },
						{ head: "Pictures", isFigure: true, cell: ({ pictures }) => pictures },
						{ head: "Size", isFigure: true, cell: ({ bytes }) => size(bytes) },
						{ head: "Not referred to", isFigure: true, cell: ({ unreferenced_pictures: count }) => count },
						{ head: "Their size", isFigure: true, cell: ({ unreferenced_bytes: bytes }) => size(bytes) },
					]}
				/>
			)}
			<p className="text-sm text-ink-soft">
				What has expired and what nothing refers to is removed by itself every half minute. This does it now.
			</p>
			<ErrorNotice error={sweep.error} />
			{sweep.data && (
				<p role="status" className="text-sm text-cool-ink">
					{sweep.data.expired} expired, {sweep.data.removed} removed, {sweep.data.found} found that nobody knew of.
				</p>
			)}
			<Button className="justify-self-start" disabled={sweep.isPending} onClick={() => sweep.mutate()}>
				{sweep.isPending ? "Sweeping" : "Sweep now"}
			</Button>
		</Section>
	);
}
