import { z } from "zod";

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time such as 22:00");

/** When batches that asked for it become jobs: times on the wall clock of a place, so that they keep to it through changes of clock. */
export const offPeak = z.strictObject({
	/** IANA name, such as Europe/Berlin. */
	timeZone: z.string().refine(isTimeZone, "must be an IANA time zone such as Europe/Berlin"),
	windows: z
		.array(
			z
				.strictObject({
					/** The days on which it begins. */
					days: z
						.array(z.enum(weekdays))
						.min(1)
						.default([...weekdays]),
					from: timeOfDay,
					/** Up to, not including; before `from`: on the day after. */
					to: timeOfDay,
				})
				.refine(({ from, to }) => from !== to, { path: ["to"], message: "must differ from `from`" }),
		)
		.min(1),
});
export type OffPeak = z.infer<typeof offPeak>;

const minuteMs = 60_000;
const dayMinutes = 1_440;
/** Clocks change at whole quarters of an hour, everywhere and always (UTC). */
const quarterMs = 15 * minuteMs;
/** Windows repeat by the week; a change of clock may leave one of them out. */
const searchedDays = 15;

/** Whether the wall clock shows a time within a window. An hour that happens twice is within, or not, both times. */
export function isOffPeak(when: OffPeak, at: Date): boolean {
	return isWithin(when, at.getTime() + offsetMs(when.timeZone, at));
}

/** The first minute of off-peak time at or after `at`, `at` itself when it is one; null: none within two weeks. */
export function nextOffPeak(when: OffPeak, at: Date): Date | null {
	if (isOffPeak(when, at)) return at;
	const last = at.getTime() + searchedDays * dayMinutes * minuteMs;
	let offset = 0;
	let knownUntil = 0;
	for (let ms = Math.ceil((at.getTime() + 1) / minuteMs) * minuteMs; ms < last; ms += minuteMs) {
		if (ms >= knownUntil) {
			offset = offsetMs(when.timeZone, new Date(ms));
			knownUntil = (Math.floor(ms / quarterMs) + 1) * quarterMs;
		}
		if (isWithin(when, ms + offset)) return new Date(ms);
	}
	return null;
}

/** `wallMs`: what the wall clock shows, as if it were UTC. */
function isWithin({ windows }: OffPeak, wallMs: number): boolean {
	const minute = Math.floor(wallMs / minuteMs);
	const day = Math.floor(minute / dayMinutes);
	const now = minute - day * dayMinutes;
	return windows.some(({ days, from, to }) => {
		const [begin, end] = [minutesOf(from), minutesOf(to)];
		if (begin < end) return days.includes(weekdayOf(day)) && now >= begin && now < end;
		return (days.includes(weekdayOf(day)) && now >= begin) || (days.includes(weekdayOf(day - 1)) && now < end);
	});
}

/** Day 0 of Unix time was a Thursday. */
function weekdayOf(day: number): (typeof weekdays)[number] {
	return weekdays[(((day + 3) % 7) + 7) % 7] ?? "mon";
}

function minutesOf(time: string): number {
	const [hours = 0, minutes = 0] = time.split(":").map(Number);
	return hours * 60 + minutes;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the wall clock of a place is ahead of UTC. */
function offsetMs(timeZone: string, at: Date): number {
	const format =
		formats.get(timeZone) ??
		new Intl.DateTimeFormat("en-US", {
			...{ timeZone, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" },
			...{ hour: "numeric", minute: "numeric", second: "numeric" },
		});
	formats.set(timeZone, format);
	const of = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
	const wall = Date.UTC(of.year ?? 0, (of.month ?? 1) - 1, of.day, of.hour, of.minute, of.second);
	return wall - Math.floor(at.getTime() / 1_000) * 1_000;
}

function isTimeZone(name: string): boolean {
	try {
		new Intl.DateTimeFormat("en-US", { timeZone: name });
		return true;
	} catch {
		return false;
	}
}
