import { type Incident, recordDays, type ServiceRecord } from "./serviceWatch.ts";

const dayMs = 86_400_000;

/** Shares of a span of time, 0 to 1; null: nothing is known of it. */
export interface Uptime {
	/** A server answered. */
	up: number | null;
	/** And some worker took work. */
	working: number | null;
}

export interface UptimeDay extends Uptime {
	/** Of UTC, as 2026-11-25. */
	day: string;
}

/** The last 90 days, today last. */
export function uptimeDays(record: ServiceRecord, now: Date): UptimeDay[] {
	const today = Math.floor(now.getTime() / dayMs) * dayMs;
	return Array.from({ length: recordDays }, (_, index) => {
		const from = today - (recordDays - 1 - index) * dayMs;
		return { day: new Date(from).toISOString().slice(0, 10), ...uptimeBetween(record, from, Math.min(from + dayMs, now.getTime())) };
	});
}

/** The last so many days; fewer where the record is younger. */
export const uptimeOf = (record: ServiceRecord, days: number, now: Date): Uptime =>
	uptimeBetween(record, now.getTime() - days * dayMs, now.getTime());

function uptimeBetween({ since, incidents }: ServiceRecord, fromMs: number, toMs: number): Uptime {
	const from = Math.max(fromMs, since.getTime());
	if (toMs <= from) return { up: null, working: null };
	const lost = (kinds: readonly Incident["kind"][]) =>
		incidents
			.filter(({ kind }) => kinds.includes(kind))
			.reduce(
				(sum, { beganAt, endedAt }) => sum + Math.max(0, Math.min(endedAt?.getTime() ?? toMs, toMs) - Math.max(beganAt.getTime(), from)),
				0,
			);
	const share = (kinds: readonly Incident["kind"][]) => Math.max(0, 1 - lost(kinds) / (toMs - from));
	return { up: share(["down"]), working: share(["down", "no_workers"]) };
}
