import type { Batch } from "@glassworks/sdk";
import { Link } from "react-router";
import { count, figure } from "../../format/count.ts";
import { since } from "../../format/moment.ts";
import { money } from "../../format/money.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { hotLink } from "../../ui/hotLink.ts";
import { PageHead } from "../../ui/PageHead.tsx";
import { Pager, usePlace } from "../../ui/Pager.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { StateMark, type Tone } from "../../ui/StateMark.tsx";
import { etaInWords, stateInWords, waitInWords } from "./batchInWords.ts";
import { ItemsBar } from "./ItemsBar.tsx";
import { pageSize, useBatchPage } from "./useBatches.ts";

export function BatchList() {
	const place = usePlace();
	const page = useBatchPage(place.before);
	const batches = page.data?.data;
	if (batches?.length === 0 && place.page === 0) return <NoBatches />;
	const from = place.page * pageSize;
	return (
		<>
			<PageHead title="Batches" lead="Many pictures as one request: one price, one budget, one ZIP.">
				<Link to="new" className={hotLink}>
					New batch
				</Link>
			</PageHead>
			<ErrorNotice error={page.error} onRetry={() => void page.refetch()} />
			{page.isPending && <Skeleton rows={5} className="h-20" />}
			{batches && (
				<ul className="grid overflow-hidden rounded-xl border border-line">
					{batches.map((batch) => (
						<BatchRow key={batch.id} batch={batch} />
					))}
				</ul>
			)}
			{page.data && <Pager place={place} next={page.data.next} label={`${from + 1} to ${from + page.data.data.length}`} />}
		</>
	);
}

export function toneOf({ status, counts }: Batch): Tone {
	if (status === "completed") return counts.failed + counts.partial > 0 ? "alarm" : "cool";
	return { scheduled: "waiting", running: "hot", paused: "waiting", cancelled: "off" }[status] as Tone;
}

function BatchRow({ batch }: { batch: Batch }) {
	const eta = etaInWords(batch);
	const note = batch.status === "running" && eta ? `ready in ${eta}` : waitInWords(batch);
	return (
		<li className="border-line bg-surface not-first:border-t">
			<Link
				to={batch.id}
				className="grid gap-x-6 gap-y-2.5 px-4 py-3.5 -outline-offset-2 hover:bg-raised sm:grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)_auto] sm:items-center"
			>
				<span className="grid min-w-0 gap-0.5">
					<span className="flex min-w-0 items-center gap-2.5">
						<StateMark tone={toneOf(batch)} />
						<span className="line-clamp-2 font-medium wrap-anywhere">{batch.name || `Batch of ${count(batch.items, "item")}`}</span>
					</span>
					<span className="truncate pl-5 text-[13px] text-ink-soft">
						{stateInWords(batch)}
						{note && `, ${note.charAt(0).toLowerCase()}${note.slice(1)}`}
					</span>
				</span>
				<span className="grid gap-1.5 max-sm:pl-5">
					<ItemsBar batch={batch} className="h-1.5" />
					<span className="font-mono text-xs text-ink-soft tabular-nums">
						{figure(batch.pictures.done)} of {count(batch.pictures.asked, "picture")}
					</span>
				</span>
				<span className="flex gap-4 text-[13px] text-ink-soft max-sm:pl-5 sm:w-40 sm:flex-col sm:items-end sm:gap-0.5">
					<span className="font-mono text-ink tabular-nums">
						{money(batch.finished_at ? batch.charged_micro_usd : batch.quote.total_micro_usd)}
					</span>
					<span>{since(batch.created_at)}</span>
				</span>
			</Link>
		</li>
	);
}

function NoBatches() {
	return (
		<div className="mx-auto grid w-full max-w-2xl gap-8 py-6 lg:py-14">
			<PageHead
				title="A hundred pictures from one click"
				lead="Paste prompts, drop a CSV file, or multiply settings with each other. You see the price of all of it first, and one ZIP comes out at the end."
			/>
			<Link to="new" className={`${hotLink} w-fit`}>
				New batch
			</Link>
			<dl className="grid gap-x-8 gap-y-4 border-t border-line pt-6 text-sm sm:grid-cols-2">
				<Fact term="Cheaper together">The discount counts the pictures of all items: from ten on, and more from fifty and a hundred.</Fact>
				<Fact term="When it suits">Start now, at a time, or off-peak. Close the page whenever you like.</Fact>
				<Fact term="Never above the budget">It pauses before the item that would cost more than you allowed, and says so.</Fact>
				<Fact term="One failure spoils nothing">What fails is named and refunded, and can be tried again by itself.</Fact>
			</dl>
		</div>
	);
}

function Fact({ term, children }: { term: string; children: string }) {
	return (
		<div className="grid content-start gap-1">
			<dt className="font-medium">{term}</dt>
			<dd className="text-ink-soft">{children}</dd>
		</div>
	);
}
