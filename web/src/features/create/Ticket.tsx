import { GlassworksApiError, type Quote } from "@glassworks/sdk";
import { adviceFor } from "../../format/advice.ts";
import { money } from "../../format/money.ts";
import { Notice } from "../../ui/Notice.tsx";
import { stepName } from "../jobs/inWords.ts";
import { queueInWords } from "../queue/queueInWords.ts";
import { useQueue } from "../queue/useQueue.ts";

/** What it will cost, what is left out and how long the line is: before anything is clicked. */
export function Ticket({ quote, count, error }: { quote: Quote | undefined; count: number; error: Error | null }) {
	const queue = useQueue();
	const line = queue.data && queueInWords(queue.data);
	return (
		<section aria-label="Price and queue" className="grid gap-1.5 border-t border-dashed border-line-strong pt-3 text-[13px]">
			{error instanceof GlassworksApiError ? <Refusal error={error} /> : <Price quote={quote} count={count} />}
			<p className={line?.isBlocked ? "text-alarm-ink" : "text-ink-soft"}>
				<span className="font-medium text-ink">Queue: </span>
				{queue.isError ? "The server does not answer." : (line?.long ?? "Looking")}
			</p>
		</section>
	);
}

function Refusal({ error }: { error: GlassworksApiError }) {
	const { title, advice } = adviceFor(error);
	return <Notice title={title}>{advice}</Notice>;
}

function Price({ quote, count }: { quote: Quote | undefined; count: number }) {
	if (!quote) return <p className="text-ink-faint">Working out the price</p>;
	const left = quote.skipped.filter((step) => step.reason !== "not_wanted" && step.step !== "detect_faces");
	return (
		<>
			<dl className="grid gap-1">
				{quote.lines.map((line) => (
					<div key={`${line.step} ${line.label}`} className="flex items-baseline gap-2 text-ink-soft">
						<dt className="flex min-w-0 flex-1 items-baseline gap-2 after:min-w-4 after:flex-1 after:-translate-y-1 after:border-b after:border-dotted after:border-line-strong">
							<span className="truncate">
								{line.label}
								{line.count > 1 && ` x ${line.count}`}
							</span>
						</dt>
						<dd className="font-mono tabular-nums">{money(line.amount_micro_usd)}</dd>
					</div>
				))}
				<div className="flex items-baseline justify-between gap-2 text-sm font-semibold">
					<dt>{count === 1 ? "Total" : `Total for ${count} pictures`}</dt>
					<dd className="font-mono text-base text-ember-ink tabular-nums">{money(quote.total_micro_usd)}</dd>
				</div>
			</dl>
			{left.map((step) => (
				<p key={step.step} className="leading-snug text-ink-soft">
					<span className="font-medium text-ink">Without {stepName(step.step).toLowerCase()}: </span>
					{step.detail}
				</p>
			))}
		</>
	);
}
