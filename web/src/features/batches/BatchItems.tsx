import type { Batch, BatchItem, ItemStatus } from "@glassworks/sdk";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { figure } from "../../format/count.ts";
import { money } from "../../format/money.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Pager, type Place, usePlace } from "../../ui/Pager.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Thumbnail } from "../picture/Thumbnail.tsx";
import { itemStates } from "./batchInWords.ts";
import { differences } from "./differences.ts";
import { pageSize } from "./useBatches.ts";

interface Props {
	batch: Batch;
	/** Only these; null: all. */
	status: ItemStatus | null;
	onStatus(status: ItemStatus | null): void;
	/** A picture as `<job id>.<n>`, and the items it stands among. */
	onOpen(picture: string, among: readonly BatchItem[]): void;
}

export function BatchItems({ batch, status, onStatus, onOpen }: Props) {
	const place = usePlace();
	const page = useQuery({
		// Looked at once more when all is finished.
		queryKey: ["batches", "items", batch.id, status, place.before, batch.finished_at],
		queryFn: ({ signal }) => api.batches.items(batch.id, { limit: pageSize, before: place.before, status: status ?? undefined, signal }),
		placeholderData: keepPreviousData,
	});
	const total = status === null ? batch.items : batch.counts[status];
	return (
		<section aria-label="Items" className="grid min-w-0 gap-3">
			<Filter batch={batch} status={status} onStatus={onStatus} />
			<ErrorNotice error={page.error} onRetry={() => void page.refetch()} />
			{page.isPending && <Skeleton rows={8} className="h-16" />}
			{page.data?.data.length === 0 && <p className="py-8 text-ink-soft">No item is in that state.</p>}
			{page.data && page.data.data.length > 0 && <ItemTable items={page.data.data} onOpen={onOpen} />}
			{page.data && <Pager place={place} next={page.data.next} label={rangeOf(place, page.data.data.length, total)} />}
		</section>
	);
}

const rangeOf = ({ page }: Place, shown: number, total: number): string =>
	`${figure(page * pageSize + 1)} to ${figure(page * pageSize + shown)} of ${figure(total)}`;

const filters: readonly ItemStatus[] = ["waiting", "scheduled", "queued", "running", "succeeded", "partial", "failed", "cancelled"];

function Filter({ batch, status, onStatus }: Pick<Props, "batch" | "status" | "onStatus">) {
	const shown = filters.filter((each) => batch.counts[each] > 0 || each === status);
	const choices = [
		{ value: null, label: "All", items: batch.items },
		...shown.map((each) => ({ value: each, label: itemStates[each], items: batch.counts[each] })),
	];
	return (
		<fieldset className="min-w-0">
			<legend className="sr-only">Items shown</legend>
			<div className="flex gap-1.5 overflow-x-auto p-0.5">
				{choices.map(({ value, label, items }) => (
					<button
						key={label}
						type="button"
						aria-pressed={value === status}
						onClick={() => onStatus(value)}
						className="flex min-h-10 shrink-0 items-center gap-2 rounded-lg border border-line px-3 text-sm text-ink-soft hover:border-line-strong hover:text-ink aria-pressed:border-ember-ink aria-pressed:bg-ember-wash aria-pressed:text-ember-ink"
					>
						{label}
						<span className="font-mono text-xs tabular-nums">{figure(items)}</span>
					</button>
				))}
			</div>
		</fieldset>
	);
}

function ItemTable({ items, onOpen }: { items: readonly BatchItem[]; onOpen: Props["onOpen"] }) {
	const told = differences(items);
	return (
		<div className="overflow-hidden rounded-xl border border-line bg-surface">
			<table className="w-full table-fixed border-collapse text-left text-sm">
				<thead className="text-[13px] text-ink-soft">
					<tr>
						<th scope="col" className="w-14 py-2.5 pl-4 font-medium">
							No.
						</th>
						<th scope="col" className="w-24 px-2 py-2.5 font-medium sm:w-44">
							Pictures
						</th>
						<th scope="col" className="px-2 py-2.5 font-medium">
							Asked for
						</th>
						<th scope="col" className="hidden w-40 px-2 py-2.5 font-medium sm:table-cell">
							State
						</th>
						<th scope="col" className="hidden w-24 py-2.5 pr-4 text-right font-medium sm:table-cell">
							Cost
						</th>
					</tr>
				</thead>
				<tbody>
					{items.map((item, at) => (
						<ItemRow key={item.index} item={item} told={told[at] ?? ""} onOpen={(picture) => onOpen(picture, items)} />
					))}
				</tbody>
			</table>
		</div>
	);
}

function ItemRow({ item, told, onOpen }: { item: BatchItem; told: string; onOpen(picture: string): void }) {
	const prompt = promptOf(item);
	const tone = item.error
		? "text-alarm-ink"
		: item.status === "running"
			? "text-ember-ink"
			: item.status === "succeeded"
				? "text-cool-ink"
				: "text-ink-soft";
	return (
		<tr className="border-t border-line">
			<td className="py-2 pl-4 align-top font-mono text-xs leading-6 text-ink-soft tabular-nums">{item.index + 1}</td>
			<td className="px-2 py-2 align-top">
				<Thumbs item={item} prompt={prompt} onOpen={onOpen} />
			</td>
			<td className="min-w-0 px-2 py-2 align-top">
				<p className="line-clamp-2">{prompt}</p>
				{told && <p className="truncate font-mono text-xs leading-5 text-ink-soft">{told}</p>}
				<p className={`text-[13px] sm:hidden ${tone}`}>{itemStates[item.status]}</p>
				{item.error && <p className="text-[13px] leading-snug text-alarm-ink">{item.error.message}</p>}
			</td>
			<td className={`hidden px-2 py-2 align-top sm:table-cell ${tone}`}>
				{itemStates[item.status]}
				{item.attempt > 1 && <span className="block text-xs text-ink-soft">attempt {item.attempt}</span>}
			</td>
			<td className="hidden py-2 pr-4 text-right align-top font-mono text-[13px] tabular-nums sm:table-cell">
				{money(item.status === "succeeded" ? item.charged_micro_usd : item.price_micro_usd)}
			</td>
		</tr>
	);
}

/** As many as a row has room for; the rest are in the ZIP and in the gallery. */
const thumbs = 3;

function Thumbs({ item, prompt, onOpen }: { item: BatchItem; prompt: string; onOpen(picture: string): void }) {
	const jobId = item.job_id;
	const more = item.pictures - thumbs;
	if (item.images.length === 0 || jobId === null)
		return (
			<div aria-hidden="true" className={`size-12 rounded-lg border border-line ${item.status === "running" ? "gather" : "annealing"}`} />
		);
	return (
		<div className="flex items-center gap-1">
			{item.images.slice(0, thumbs).map((image, at) => (
				<button
					key={image.n}
					type="button"
					onClick={() => onOpen(`${jobId}.${image.n}`)}
					className={`size-12 shrink-0 overflow-hidden rounded-lg border border-line bg-sunken hover:border-line-strong ${at > 0 ? "max-sm:hidden" : ""}`}
				>
					<Thumbnail picture={image} alt={image.n === 0 ? prompt : `${prompt}, no. ${image.n + 1}`} className="size-full object-cover" />
				</button>
			))}
			{more > 0 && <span className="font-mono text-xs text-ink-soft max-sm:hidden">+{more}</span>}
		</div>
	);
}

function promptOf({ request }: BatchItem): string {
	const inputs = request.inputs;
	const prompt = request.prompt ?? (typeof inputs === "object" && inputs !== null && !Array.isArray(inputs) ? inputs.prompt : null);
	return typeof prompt === "string" ? prompt : String(request.workflow ?? "Run");
}
