import type { BatchQuote } from "@glassworks/sdk";
import { count, figure } from "../../format/count.ts";
import { money } from "../../format/money.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { stepName } from "../jobs/inWords.ts";
import { type RefusedRow, refusedCount } from "./refusals.ts";

interface Props {
	quote: BatchQuote | undefined;
	error: Error | null;
	isWorking: boolean;
	/** What is wrong with single items. */
	rows: readonly RefusedRow[];
	/** Dollars. */
	budget: number | null;
}

/** What all of it will cost, or what is in its way: before anything is sent. */
export function BatchTicket({ quote, error, isWorking, rows, budget }: Props) {
	return (
		<section aria-label="Price" aria-busy={isWorking} className="grid gap-3 border-t border-dashed border-line-strong pt-4 text-sm">
			{rows.length > 0 ? (
				<Refusals rows={rows} items={refusedCount(error)} />
			) : error ? (
				<ErrorNotice error={error} />
			) : (
				<Price quote={quote} />
			)}
			{!error && quote && budget !== null && budget * 1_000_000 < quote.total_micro_usd && (
				<p className="text-[13px] leading-snug text-alarm-ink">
					Your budget covers {Math.floor((budget * 100_000_000) / quote.total_micro_usd)} % of it: the batch will pause there, and you
					decide.
				</p>
			)}
		</section>
	);
}

function Refusals({ rows, items }: { rows: readonly RefusedRow[]; items: number }) {
	return (
		<Notice title={items === 1 ? "One item is not right yet" : `${figure(Math.max(items, 1))} items are not right yet`}>
			<ul className="grid max-h-80 gap-1.5 overflow-y-auto">
				{rows.map(({ where, field, message }) => (
					<li key={`${where} ${field} ${message}`}>
						<span className="font-medium">{where}</span>
						{field && `, ${field.toLowerCase()}`}: {message}
					</li>
				))}
			</ul>
			{items > rows.length && <p className="mt-2">The others are told once these are mended.</p>}
		</Notice>
	);
}

function Price({ quote }: { quote: BatchQuote | undefined }) {
	if (!quote) return <p className="text-ink-faint">The price appears here, before anything is sent.</p>;
	const left = quote.skipped.filter((step) => step.reason !== "not_wanted" && step.step !== "detect_faces");
	return (
		<>
			<p className="text-2xl font-semibold tracking-tight tabular-nums">
				{count(quote.pictures, "picture")}
				{quote.items !== quote.pictures && <span className="text-base font-normal text-ink-soft"> of {count(quote.items, "item")}</span>}
			</p>
			<dl className="grid gap-1">
				{quote.lines.map((line) => (
					<div
						key={`${line.step} ${line.label} ${line.unit_micro_usd}`}
						className="flex items-baseline justify-between gap-3 text-[13px] text-ink-soft"
					>
						<dt className="min-w-0">
							{line.label} x {figure(line.count)}
						</dt>
						<dd className="font-mono tabular-nums">{money(line.amount_micro_usd)}</dd>
					</div>
				))}
				<div className="mt-1 flex items-baseline justify-between gap-3 border-t border-line pt-2 font-semibold">
					<dt>Total</dt>
					<dd className="font-mono text-lg text-ember-ink tabular-nums">{money(quote.total_micro_usd)}</dd>
				</div>
			</dl>
			{quote.discount_percent > 0 && (
				<p className="text-[13px] text-cool-ink">
					{quote.discount_percent} % off for {count(quote.pictures, "picture")} at once.
				</p>
			)}
			{left.map((step) => (
				<p key={step.step} className="text-[13px] leading-snug text-ink-soft">
					<span className="font-medium text-ink">Without {stepName(step.step).toLowerCase()}: </span>
					{step.detail}
				</p>
			))}
		</>
	);
}
