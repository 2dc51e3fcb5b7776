import { z } from "zod";

export const ratePeriods = ["second", "minute", "hour", "day", "month"] as const;

/** How often something may be done. Windows follow one another: the first request after a window opens the next. */
export const rate = z.strictObject({
	requests: z.int("must be a whole number of requests").min(1, "must be at least 1; null means no limit").max(1_000_000),
	per: z.enum(ratePeriods, "must be second, minute, hour, day or month"),
});
export type Rate = z.infer<typeof rate>;

const periodMs = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, month: 30 * 86_400_000 } as const;

export function periodOf({ per }: Rate): number {
	return periodMs[per];
}

/** Long windows are counted in the database, by the calendar (UTC): no restart forgets them, and no second server counts anew. */
export function isCalendarRate({ per }: Rate): boolean {
	return per === "day" || per === "month";
}

export function describeRate({ requests, per }: Rate): string {
	return `${requests} per ${per}`;
}

/** Whether a plan of rate `other` lets more through in the same time; null: no limit. */
export function isFaster(other: Rate | null, than: Rate): boolean {
	return other === null || other.requests / periodOf(other) > than.requests / periodOf(than);
}
