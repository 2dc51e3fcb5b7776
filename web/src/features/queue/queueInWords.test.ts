import { expect, test } from "vitest";
import { queueInWords } from "./queueInWords.ts";

const pool = (over: object = {}) => ({
	pool: "gpu",
	paused: false,
	ready: 0,
	running: 0,
	unrunnable: 0,
	base: "gpu",
	dedicated: false,
	capped: 0,
	models: [],
	plans: [],
	missing: [],
	fleet: [],
	workers: 1,
	done_per_minute: { last_5_minutes: 0, last_60_minutes: 0 },
	oldest_wait_ms: null,
	shed_last_hour: 0,
	wanted_workers: { workers: 1, reasoning: [] },
	warnings: [],
	...over,
});
const words = (...pools: ReturnType<typeof pool>[]) => queueInWords({ as_of: "2026-01-01T00:00:00.000Z", pools });

test("an idle server says that a picture starts at once", () => {
	expect(words(pool())).toMatchObject({ long: "Nobody is waiting: yours starts at once.", isBlocked: false });
});

test("a server without workers says so instead of looking idle", () => {
	expect(words(pool({ workers: 0 }))).toMatchObject({ short: "No worker", isBlocked: true });
	expect(words()).toMatchObject({ isBlocked: true });
});

test("a paused pool is named", () => {
	expect(words(pool({ paused: true, ready: 4 })).long).toContain("paused gpu");
});

test("depth is told over all pools", () => {
	expect(words(pool({ ready: 1 }), pool({ pool: "enhance", running: 2 })).long).toBe("1 step waits, 2 run now.");
});
