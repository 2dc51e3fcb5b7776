import { expect, test } from "vitest";
import { uptimeDays, uptimeOf } from "./uptime.ts";

const now = new Date("2026-11-25T12:00:00Z");
const record = {
	since: new Date("2026-11-23T00:00:00Z"),
	incidents: [
		{ kind: "no_workers" as const, beganAt: new Date("2026-11-25T09:00:00Z"), endedAt: null },
		{ kind: "down" as const, beganAt: new Date("2026-11-23T18:00:00Z"), endedAt: new Date("2026-11-24T06:00:00Z") },
	],
};

test("an outage over midnight counts for both days, and one that goes on until now", () => {
	const days = uptimeDays(record, now);
	expect(days).toHaveLength(90);
	expect(days.slice(-4)).toEqual([
		{ day: "2026-11-22", up: null, working: null },
		{ day: "2026-11-23", up: 0.75, working: 0.75 },
		{ day: "2026-11-24", up: 0.75, working: 0.75 },
		{ day: "2026-11-25", up: 1, working: 0.75 },
	]);
});

test("a span that is longer than the record is measured over the record", () => {
	expect(uptimeOf(record, 90, now)).toEqual({ up: 0.8, working: 0.75 });
	expect(uptimeOf(record, 1, now)).toEqual({ up: 1, working: 0.875 });
});
