import type { UsageRow } from "@glassworks/sdk";
import { expect, test } from "vitest";
import { fromCaps, noCaps, stateOf, toCaps, toKey } from "./keyDraft.ts";
import { daysBetween, roundTop, seriesOf } from "./usageSeries.ts";

const row = (day: string, model: string | null, pictures: number) => ({ day, model, key_name: null, pictures }) as UsageRow;

test("every day has a place, those on which nothing happened too", () => {
	const days = daysBetween("2026-02-27", "2026-03-02");
	expect(days).toEqual(["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]);
	const rows = [row("2026-03-01", "a", 2), row("2026-02-27", "b", 5), row("2026-03-01", "a", 1), row("2026-03-02", "c", 0)];
	expect(seriesOf(rows, days, "model", "pictures")).toEqual([
		{ name: "b", values: [5, 0, 0, 0], total: 5 },
		{ name: "a", values: [0, 0, 3, 0], total: 3 },
	]);
	expect(seriesOf(rows, days, "key", "pictures")).toEqual([{ name: "In the studio", values: [5, 0, 3, 0], total: 8 }]);
});

test("what is beyond five is added up, and nothing is lost", () => {
	const rows = Array.from({ length: 8 }, (_, at) => row("2026-03-01", `m${at}`, at + 1));
	const series = seriesOf(rows, ["2026-03-01"], "model", "pictures");
	expect(series.map(({ name }) => name)).toEqual(["m7", "m6", "m5", "m4", "m3", "3 others"]);
	expect(series.reduce((sum, { total }) => sum + total, 0)).toBe(36);
});

test("the axis ends at a round number that all bars fit below", () => {
	expect([0, 1, 3, 51, 260, 9_999].map(roundTop)).toEqual([1, 1, 5, 100, 500, 10_000]);
});

test("caps survive the form, and an empty one caps nothing", () => {
	expect(toCaps(noCaps)).toEqual({
		...{ spend_micro_usd_per_month: null, max_pixels: null, max_steps: null, unfinished_pictures: null, models: null },
	});
	const caps = { spend: 12.34, side: 1_024, steps: 30, unfinished: 8, models: ["sdxl"] };
	expect(fromCaps(toCaps(caps) as Parameters<typeof fromCaps>[0])).toEqual(caps);
	expect(toKey("k", ["read"], "", noCaps)).not.toHaveProperty("expires_at");
	expect(toKey("k", ["read"], "2030-01-02", noCaps).expires_at).toBe(new Date("2030-01-02T23:59:59").toISOString());
});

test("a key that was rotated away works until its overlap ends", () => {
	const key = { revoked_at: "2026-01-02T00:00:00Z", expires_at: null } as Parameters<typeof stateOf>[0];
	expect(stateOf(key, Date.parse("2026-01-01T00:00:00Z"))).toBe("works");
	expect(stateOf(key, Date.parse("2026-01-03T00:00:00Z"))).toBe("revoked");
});
