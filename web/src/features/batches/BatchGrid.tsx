import type { Batch, BatchItem } from "@glassworks/sdk";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Thumbnail } from "../picture/Thumbnail.tsx";
import { itemStates } from "./batchInWords.ts";
import { fieldLabel } from "./fields.ts";
import { type Grid, gridOf } from "./gridOf.ts";

interface Props {
	batch: Batch;
	axes: readonly string[];
	/** A picture as `<job id>.<n>`, and the items it stands among. */
	onOpen(picture: string, among: readonly BatchItem[]): void;
}

/** The matrix as what it is: one field down, one across, so that differences are seen at once. */
export function BatchGrid({ batch, axes, onOpen }: Props) {
	const items = useQuery({
		// Looked at once more when all is finished.
		queryKey: ["batches", "grid", batch.id, batch.finished_at],
		queryFn: async ({ signal }) => {
			const all: BatchItem[] = [];
			for await (const item of api.batches.iterateItems(batch.id, { signal })) all.push(item);
			return all;
		},
		placeholderData: keepPreviousData,
		staleTime: 60_000,
	});
	if (!items.data)
		return items.error ? <ErrorNotice error={items.error} onRetry={() => void items.refetch()} /> : <Skeleton rows={3} className="h-36" />;
	const { columns, sections } = gridOf(items.data, axes);
	return (
		<>
			{sections.map(({ title, rows }) => (
				<div key={title} className="grid min-w-0 gap-2">
					{title && <h2 className="font-mono text-sm">{title}</h2>}
					{/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and without a mouse too. */}
					<section tabIndex={0} aria-label={title || "Pictures by their settings"} className="overflow-x-auto">
						<GridTable axes={axes} columns={columns} rows={rows} onOpen={(picture) => onOpen(picture, items.data)} />
					</section>
				</div>
			))}
		</>
	);
}

interface TableProps {
	axes: readonly string[];
	columns: Grid["columns"];
	rows: Grid["sections"][number]["rows"];
	onOpen(picture: string): void;
}

function GridTable({ axes, columns, rows, onOpen }: TableProps) {
	return (
		<table className="border-separate border-spacing-1.5">
			<thead>
				<tr>
					<td className="p-1 text-[13px] text-ink-faint">
						{fieldLabel(axes[0] ?? "")} / {fieldLabel(axes.at(-1) ?? "").toLowerCase()}
					</td>
					{columns.map((column) => (
						<th key={column} scope="col" className="max-w-40 truncate p-1 text-left font-mono text-[13px] font-medium text-ink-soft">
							{column}
						</th>
					))}
				</tr>
			</thead>
			<tbody>
				{rows.map(({ name, cells }) => (
					<tr key={name}>
						<th scope="row" className="w-36 min-w-28 p-1 text-left align-top text-[13px] font-medium text-ink-soft">
							<span className="line-clamp-4">{name}</span>
						</th>
						{cells.map((item) => (
							<td key={item.index} className="p-0">
								<Cell item={item} name={`${name}, ${columns[cells.indexOf(item)] ?? ""}`} onOpen={onOpen} />
							</td>
						))}
					</tr>
				))}
			</tbody>
		</table>
	);
}

function Cell({ item, name, onOpen }: { item: BatchItem; name: string; onOpen(picture: string): void }) {
	const image = item.images[0];
	const jobId = item.job_id;
	const look = "grid size-28 place-items-center overflow-hidden rounded-lg border border-line sm:size-36";
	if (!image || jobId === null)
		return (
			<div
				className={`${look} p-2 text-center text-xs ${item.status === "running" ? "gather" : "annealing"} ${item.error ? "text-alarm-ink" : "text-ink-soft"}`}
			>
				{itemStates[item.status]}
			</div>
		);
	return (
		<button type="button" onClick={() => onOpen(`${jobId}.${image.n}`)} className={`${look} bg-sunken hover:border-line-strong`}>
			<Thumbnail picture={image} alt={name} className="size-full object-cover" />
		</button>
	);
}
