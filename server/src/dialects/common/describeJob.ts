import type { JobEventBody } from "../../contract/door.ts";
import type { JobBody } from "../../contract/job.ts";

type Waiting = NonNullable<JobBody["waiting"]>;

/** `$0.14`, `$0`, `$0.005`. */
export function money(microUsd: number): string {
	const cents = microUsd / 10_000;
	const digits = Number.isInteger(cents) ? 2 : 6;
	return microUsd === 0 ? "$0" : `$${(microUsd / 1_000_000).toFixed(digits).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}

/** `$0.12 Flux + $0.02 Face restoration = $0.14`. */
export function priceText({ quote }: JobBody): string {
	const lines = quote.lines.filter((line) => line.amount_micro_usd !== 0);
	if (lines.length === 0) return money(quote.total_micro_usd);
	const signed = lines.map(({ amount_micro_usd: amount, label }, at) => {
		const sign = amount < 0 ? "- " : at > 0 ? "+ " : "";
		return `${sign}${money(Math.abs(amount))} ${label}`;
	});
	return `${signed.join(" ")} = ${money(quote.total_micro_usd)}`;
}

/** `Place 5 in line; fair_share_turn; ready in 7 to 9 s`. */
export function waitingText({ place, reason, eta }: Waiting): string {
	const parts = [
		place === null ? "Not in line" : `Place ${place} in line`,
		...(reason ? [`why: ${reason.code}${reason.help.you ? ` (${reason.help.you})` : ""}`] : []),
		...(eta ? [`ready in ${seconds(eta.p50_ms)} to ${seconds(eta.p90_ms)} s`] : []),
	];
	return parts.join("; ");
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** One line for people; null for what is not worth one. */
export function eventText({ type, data }: JobEventBody): string | null {
	const step = typeof data.step === "string" ? data.step : typeof data.step_id === "string" ? data.step_id : "";
	const which = typeof data.n === "number" ? ` of picture ${data.n}` : "";
	switch (type) {
		case "job.created":
			return "Accepted";
		case "job.started":
			return "Started";
		case "step.started":
			return `Started ${step}${which}`;
		case "step.finished":
			return `Finished ${step}${which}`;
		case "step.skipped":
			return `Left out ${step}${which}${typeof data.reason === "string" ? `: ${data.reason}` : ""}`;
		case "step.retrying":
			return `Trying ${step}${which} again`;
		case "progress":
			return typeof data.fraction === "number" ? `${step || "step"}: ${Math.round(data.fraction * 100)} %` : null;
		default:
			return type.startsWith("job.") ? `${capital(type.slice(4))}` : null;
	}
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** A line of a job's log: what happened, in order, and where it stands now. */
export interface LogLine {
	at: string;
	text: string;
	isWarning: boolean;
}

/** What a job's log says: its price, its place while it waits, and what happened. */
export function logOf(job: JobBody, events: readonly JobEventBody[]): LogLine[] {
	const lines = events.flatMap((event): LogLine[] => {
		const text = eventText(event);
		return text === null
			? []
			: [{ at: event.created_at, text, isWarning: event.type === "step.skipped" || event.type === "step.retrying" }];
	});
	const price = { at: job.created_at, text: `Price: ${priceText(job)}`, isWarning: false };
	const place = job.waiting ? [{ at: job.waiting.as_of, text: waitingText(job.waiting), isWarning: false }] : [];
	return [price, ...lines, ...place];
}

/** Place, ETA, price and reason of a job, for answers that have no field for them. Values are ASCII. */
export function glassworksHeaders(job: JobBody): Record<string, string> {
	const { waiting, quote, bill } = job;
	const isOver = bill.final;
	return {
		"x-glassworks-job": job.id,
		"x-glassworks-status": job.status,
		"x-glassworks-price": money(isOver ? bill.total_micro_usd : quote.total_micro_usd),
		"x-glassworks-price-lines": ascii(JSON.stringify(isOver ? bill.lines : quote.lines)),
		...(isOver && bill.refunded.length > 0 ? { "x-glassworks-refunded": ascii(JSON.stringify(bill.refunded)) } : {}),
		...(waiting?.place != null ? { "x-glassworks-place": String(waiting.place) } : {}),
		...(waiting?.eta ? { "x-glassworks-eta": `p50=${waiting.eta.p50_ms}ms, p90=${waiting.eta.p90_ms}ms` } : {}),
		...(waiting?.reason ? { "x-glassworks-reason": waiting.reason.code } : {}),
	};
}

const ascii = (text: string): string =>
	text.replaceAll(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).slice(0, 4_000);
