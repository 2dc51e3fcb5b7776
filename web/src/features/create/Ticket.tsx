import { type ForetoldQuote, GlassworksApiError } from "@glassworks/sdk";
import { adviceFor } from "../../format/advice.ts";
import { money } from "../../format/money.ts";
import { Notice } from "../../ui/Notice.tsx";
import { stepName, waitingInWords } from "../jobs/inWords.ts";
import { queueInWords } from "../queue/queueInWords.ts";
import { useQueue } from "../queue/useQueue.ts";

/** What it will cost, what is left out and how long the line is: before anything is clicked. */
export function Ticket({ quote, count, error }: { quote: ForetoldQuote | undefined; count: number; error: Error | null }) {
	const queue = useQueue();
	const line = queue.data && queueInWords(queue.data);
	return (
		<section aria-label="Price and queue" className="grid gap-1.5 border-t border-dashed border-line-strong pt-3 text-[13px]">
			{error instanceof GlassworksApiError ? <Refusal error={error} /> : <Price quote={quote} count={count} />}
			{quote?.waiting && !error && <Outlook waiting={quote.waiting} />}
			{quote?.cached && !error && <p className="text-cool-ink">Made before: the same picture is given again at once.</p>}
			<p className={line?.isBlocked ? "text-alarm-ink" : "text-ink-soft"}>
				<span className="font-medium text-ink">Queue: </span>
				{queue.isError ? "The server does not answer." : (line?.long ?? "Looking")}
			</p>
		</section>
	);
}

/** Where exactly these settings would stand, and when they would be done, if Generate were pressed now. */
function Outlook({ waiting }: { waiting: NonNullable<ForetoldQuote["waiting"]> }) {
	const { place, eta, etaMethod, why, help, ahead } = waitingInWords(waiting);
	const asOf = new Date(waiting.as_of).toLocaleTimeString();
	return (
		<dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 border-b border-line pb-1.5" title={`As of ${asOf}`}>
			<dt className="text-ink-faint">Your place</dt>
			<dd className="text-right font-medium">
				{place ?? "None yet"}
				{ahead && <span className="font-normal text-ink-soft"> (ahead: {ahead})</span>}
			</dd>
			{eta && (
				<>
					<dt className="text-ink-faint">Ready in</dt>
					<dd className="text-right font-medium text-ember-ink tabular-nums" title={etaMethod ?? undefined}>
						{eta}
					</dd>
				</>
			)}
			{why && <dd className="col-span-2 leading-snug text-ink-soft">{why}</dd>}
			{why && help && waiting.place === null && <dd className="col-span-2 leading-snug text-ink-soft">{help}</dd>}
		</dl>
	);
}

function Refusal({ error }: { error: GlassworksApiError }) {
	const { title, advice } = adviceFor(error);
	return <Notice title={title}>{advice}</Notice>;
}

function Price({ quote, count }: { quote: ForetoldQuote | undefined; count: number }) {
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
			{quote.would_wait.map(({ step, detail }) => (
				<p key={step} className="leading-snug text-ember-ink">
					<span className="font-medium">{stepName(step)} would wait: </span>
					{detail}
				</p>
			))}
			{left.map((step) => (
				<p key={step.step} className="leading-snug text-ink-soft">
					<span className="font-medium text-ink">Without {stepName(step.step).toLowerCase()}: </span>
					{step.detail}
				</p>
			))}
		</>
	);
}
