import type { Batch, BatchItem, ItemStatus } from "@glassworks/sdk";
import { useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { figure } from "../../format/count.ts";
import { moment } from "../../format/moment.ts";
import { money } from "../../format/money.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { PageHead } from "../../ui/PageHead.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { StateMark } from "../../ui/StateMark.tsx";
import { keepForCreate } from "../create/useDraft.ts";
import { PictureDialog } from "../picture/PictureDialog.tsx";
import { BatchActions } from "./BatchActions.tsx";
import { BatchGrid } from "./BatchGrid.tsx";
import { BatchItems } from "./BatchItems.tsx";
import { toneOf } from "./BatchList.tsx";
import { etaInWords, stateInWords, waitInWords } from "./batchInWords.ts";
import { gridAxes } from "./gridOf.ts";
import { ItemsBar } from "./ItemsBar.tsx";
import { useBatch } from "./useBatches.ts";
import { useBatchNews } from "./useBatchNews.ts";

/** One batch: how far it is, what it costs, and each of its items. */
export function BatchView() {
	const { id = "" } = useParams();
	const { data: batch, error, refetch } = useBatch(id);
	useBatchNews(batch);
	const [search, setSearch] = useSearchParams();
	const [status, setStatus] = useState<ItemStatus | null>(null);
	const navigate = useNavigate();
	const axes = batch ? gridAxes(batch) : null;
	const view = axes && search.get("view") !== "list" ? "grid" : "list";
	const set = (changes: Record<string, string | null>, replace = true) =>
		setSearch(
			(before) => {
				for (const [name, value] of Object.entries(changes)) value === null ? before.delete(name) : before.set(name, value);
				return before;
			},
			{ replace },
		);
	const [order, setOrder] = useState<readonly string[]>([]);
	const open = (picture: string, among: readonly BatchItem[]) => {
		setOrder(among.flatMap(({ job_id: jobId, images }) => images.map(({ n }) => `${jobId}.${n}`)));
		set({ picture }, false);
	};
	return (
		<>
			<Link to="/batches" className="w-fit text-sm text-ink-soft underline underline-offset-4 hover:text-ink">
				All batches
			</Link>
			{!batch && <h1 className="sr-only">Batch</h1>}
			<ErrorNotice error={error} onRetry={() => void refetch()} />
			{!batch && !error && <Skeleton rows={4} className="h-20" />}
			{batch && (
				<>
					<PageHead title={batch.name || "Batch"} lead={<Standing batch={batch} />}>
						<BatchActions batch={batch} />
					</PageHead>
					<Progress batch={batch} />
					{axes && <ViewChoice view={view} onChange={(next) => set({ view: next === "list" ? "list" : null })} />}
					{axes && view === "grid" ? (
						<BatchGrid batch={batch} axes={axes} onOpen={open} />
					) : (
						<BatchItems key={status} batch={batch} status={status} onStatus={setStatus} onOpen={open} />
					)}
				</>
			)}
			<PictureDialog
				address={search.get("picture")}
				order={order}
				onMove={(picture) => set({ picture })}
				onClose={() => set({ picture: null })}
				onUse={(changes) => {
					keepForCreate(changes);
					void navigate("/");
				}}
			/>
		</>
	);
}

function Standing({ batch }: { batch: Batch }) {
	const eta = etaInWords(batch);
	return (
		<span className="inline-flex items-center gap-2.5">
			<StateMark tone={toneOf(batch)} />
			<span role="status">
				{stateInWords(batch)}
				{batch.status === "running" && eta && `, ready in ${eta}`}
			</span>
		</span>
	);
}

function Progress({ batch }: { batch: Batch }) {
	const { counts, pictures } = batch;
	const why = waitInWords(batch);
	const open = batch.set_aside_micro_usd + batch.in_jobs_micro_usd;
	return (
		<section aria-label="Progress" className="grid gap-4">
			<ItemsBar batch={batch} className="h-3" />
			{why && <p className="max-w-prose text-[15px]">{why}</p>}
			<dl className="grid grid-cols-2 gap-x-8 gap-y-4 sm:grid-cols-3 lg:flex lg:flex-wrap lg:gap-x-12">
				<Stat term="Pictures" value={figure(pictures.done)} note={`of ${figure(pictures.asked)}`} />
				<Stat term="Failed items" value={figure(counts.failed + counts.partial)} note={`of ${figure(batch.items)}`} />
				{batch.quote.total_micro_usd === 0 ? (
					<Stat term="Price" value="free" />
				) : (
					<Stat term="Charged" value={spent(batch.charged_micro_usd)} note={`of ${money(batch.quote.total_micro_usd)} quoted`} />
				)}
				{open > 0 && <Stat term="Set aside" value={money(open)} note="for the rest" />}
				{batch.budget_micro_usd !== null && <Stat term="Budget" value={money(batch.budget_micro_usd)} />}
				{batch.quote.discount_percent > 0 && <Stat term="Discount" value={`${batch.quote.discount_percent} %`} />}
				<Stat term={batch.finished_at ? "Finished" : "Created"} value={moment(batch.finished_at ?? batch.created_at)} />
			</dl>
		</section>
	);
}

/** Nothing spent yet is not "free". */
const spent = (microUsd: number): string => (microUsd === 0 ? "$0.00" : money(microUsd));

function Stat({ term, value, note }: { term: string; value: string; note?: string }) {
	return (
		<div className="grid content-start gap-0.5">
			<dt className="text-[13px] text-ink-soft">{term}</dt>
			<dd className="text-xl font-semibold tracking-tight tabular-nums">
				{value}
				{note && <span className="text-sm font-normal tracking-normal text-ink-soft"> {note}</span>}
			</dd>
		</div>
	);
}

function ViewChoice({ view, onChange }: { view: "grid" | "list"; onChange(view: "grid" | "list"): void }) {
	return (
		<div className="flex gap-1.5">
			{(["grid", "list"] as const).map((choice) => (
				<button
					key={choice}
					type="button"
					aria-pressed={view === choice}
					onClick={() => onChange(choice)}
					className="min-h-10 rounded-lg border border-line px-3.5 text-sm text-ink-soft hover:border-line-strong hover:text-ink aria-pressed:border-ember-ink aria-pressed:bg-ember-wash aria-pressed:text-ember-ink"
				>
					{choice === "grid" ? "Grid" : "List"}
				</button>
			))}
		</div>
	);
}
