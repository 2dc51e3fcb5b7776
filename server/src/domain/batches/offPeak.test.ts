import { expect, test } from "vitest";
import { isOffPeak, nextOffPeak, type OffPeak, offPeak } from "./offPeak.ts";

const times = (timeZone: string, ...windows: object[]): OffPeak => offPeak.parse({ timeZone, windows });
const at = (text: string) => new Date(text);
const next = (when: OffPeak, from: string) => nextOffPeak(when, at(from))?.toISOString();

test("a window that ends before it begins ends on the day after", () => {
	const night = times("UTC", { from: "22:00", to: "06:00" });
	for (const open of ["2026-11-25T22:00:00Z", "2026-11-25T23:59:59Z", "2026-11-26T05:59:59Z"])
		expect(isOffPeak(night, at(open))).toBe(true);
	for (const shut of ["2026-11-25T21:59:59Z", "2026-11-26T06:00:00Z"]) expect(isOffPeak(night, at(shut))).toBe(false);
	expect(next(night, "2026-11-26T06:00:00Z")).toBe("2026-11-26T22:00:00.000Z");
	expect(next(night, "2026-11-26T23:10:11Z")).toBe("2026-11-26T23:10:11.000Z");
});

test("days are those on which a window begins", () => {
	const weekend = times("UTC", { days: ["sat"], from: "20:00", to: "04:00" });
	expect(isOffPeak(weekend, at("2026-11-29T03:00:00Z"))).toBe(true); // Sunday morning
	expect(isOffPeak(weekend, at("2026-11-28T03:00:00Z"))).toBe(false); // Saturday morning
	expect(next(weekend, "2026-11-29T04:00:00Z")).toBe("2026-12-05T20:00:00.000Z");
});

test("clocks go forward: a night window is an hour shorter, and one that begins in the hour that is not there begins after it", () => {
	const night = times("Europe/Berlin", { from: "22:00", to: "06:00" });
	// 2026-03-29, 01:00 UTC: from 02:00 to 03:00.
	expect(next(night, "2026-03-28T20:59:00Z")).toBe("2026-03-28T21:00:00.000Z");
	expect(isOffPeak(night, at("2026-03-29T03:59:59Z"))).toBe(true);
	expect(isOffPeak(night, at("2026-03-29T04:00:00Z"))).toBe(false);
	const gap = times("Europe/Berlin", { from: "02:30", to: "05:00" });
	expect(next(gap, "2026-03-29T00:00:00Z")).toBe("2026-03-29T01:00:00.000Z");
	const within = times("Europe/Berlin", { from: "02:10", to: "02:50" });
	expect(next(within, "2026-03-29T00:00:00Z")).toBe("2026-03-30T00:10:00.000Z");
});

test("clocks go back: the hour that happens twice is within a window both times", () => {
	const night = times("Europe/Berlin", { from: "22:00", to: "06:00" });
	// 2026-10-25, 01:00 UTC: from 03:00 to 02:00.
	expect(isOffPeak(night, at("2026-10-25T04:59:59Z"))).toBe(true);
	expect(isOffPeak(night, at("2026-10-25T05:00:00Z"))).toBe(false);
	const half = times("Europe/Berlin", { from: "02:30", to: "03:00" });
	const open = ["00:29", "00:30", "00:59", "01:00", "01:29", "01:30", "01:59", "02:00"].map((time) =>
		isOffPeak(half, at(`2026-10-25T${time}:00Z`)),
	);
	expect(open).toEqual([false, true, true, false, false, true, true, false]);
});

test("zones that are not whole hours from UTC, and seasons of the south", () => {
	expect(isOffPeak(times("Asia/Kathmandu", { from: "00:00", to: "00:30" }), at("2026-11-25T18:15:00Z"))).toBe(true);
	// Lord Howe goes forward by half an hour, on 2026-10-04 at 02:00.
	const lordHowe = times("Australia/Lord_Howe", { from: "02:30", to: "02:45" });
	expect(next(lordHowe, "2026-10-03T14:00:00Z")).toBe("2026-10-03T15:30:00.000Z");
});

test("what is no time, no zone or no window is refused", () => {
	for (const wrong of [
		{ timeZone: "Mars/Olympus", windows: [{ from: "22:00", to: "06:00" }] },
		{ timeZone: "UTC", windows: [] },
		{ timeZone: "UTC", windows: [{ from: "24:00", to: "06:00" }] },
		{ timeZone: "UTC", windows: [{ from: "22:00", to: "22:00" }] },
	])
		expect(offPeak.safeParse(wrong).success).toBe(false);
});
