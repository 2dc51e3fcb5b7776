import { expect, test } from "vitest";
import { type EditSettings, missing, operations, toQuoted, toRequest } from "./editRequest.ts";
import { noMargins } from "./outpaint.ts";

const base = { kind: "job" as const, id: "job_1", n: 2 };
const settings = (change: Partial<EditSettings> = {}): EditSettings => ({
	...{ operation: "remove", prompt: " a red apple ", featherPx: 7, margins: noMargins, count: 1 },
	...change,
});
const size = { width: 320, height: 200 };
const box = { left: 100, top: 50, right: 120, bottom: 60 };

test("removing sends no words, drawing sends them, and the mask goes with its soft edge", () => {
	const mask = { image: { asset_id: "asset_1" }, channel: "luminance", feather: 7 };
	expect(toRequest(base, settings(), "asset_1")).toEqual({ operation: "remove", image: { job_id: "job_1", n: 2 }, count: 1, mask });
	expect(toRequest({ kind: "asset", id: "a" }, settings({ operation: "insert" }), "asset_1")).toMatchObject({
		...{ image: { asset_id: "a" }, prompt: "a red apple", mask },
	});
});

test("outpainting sends how far instead of a mask, and words only where there are any", () => {
	const margins = { ...noMargins, left: 64 };
	const asked = toRequest(base, settings({ operation: "outpaint", margins, prompt: "  " }), null);
	expect(asked).toEqual({ operation: "outpaint", image: { job_id: "job_1", n: 2 }, count: 1, extend: margins });
});

test("what is still to be done is said for each mode, and nothing more once it is done", () => {
	for (const operation of operations) expect(missing(settings({ operation, prompt: "" }), null, false)).not.toBeNull();
	expect(missing(settings(), box, false)).toBeNull();
	expect(missing(settings(), box, true)).toContain("leave some of it");
	expect(missing(settings({ operation: "replace", prompt: " " }), box, false)).toBe("Say what is to be there.");
	expect(missing(settings({ operation: "outpaint", margins: { ...noMargins, top: 1 } }), null, false)).toBeNull();
});

test("the price is asked with a box that holds the mask, lies in the picture and leaves some of it", () => {
	const polygon = (given: typeof box | null, of = size) => toQuoted(base, settings(), given, of).mask?.polygons?.[0] ?? [];
	expect(polygon(box)).toEqual([
		[100, 50],
		[120, 50],
		[120, 63],
		[100, 63],
	]);
	expect(polygon(null)).toHaveLength(4);
	const all = { left: 0, top: 0, right: 320, bottom: 200 };
	expect(Math.max(...polygon(all).map(([, y]) => y))).toBe(199);
	for (const { left, top, right, bottom } of [
		{ left: 1, top: 2, right: 319, bottom: 3 },
		{ left: 313, top: 0, right: 314, bottom: 200 },
	]) {
		const corners = polygon({ left, top, right, bottom });
		const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
		expect([Math.min(...xs) <= left, Math.max(...xs) >= right, Math.min(...ys) <= top, Math.max(...ys) >= bottom]).toEqual([
			true,
			true,
			true,
			true,
		]);
	}
});

test("the price does not change with each letter that is typed", () => {
	const asked = (prompt: string) => toQuoted(base, settings({ operation: "replace", prompt }), box, size);
	expect(asked("a")).toEqual(asked("an apple"));
	expect(asked("").prompt).not.toBe("");
	expect(toQuoted(base, settings({ operation: "outpaint", prompt: "" }), null, size)).not.toHaveProperty("prompt");
});
