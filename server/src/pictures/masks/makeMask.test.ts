import { expect, it } from "vitest";
import { makeMask } from "./makeMask.ts";
import { growAndFeather } from "./spread.ts";

const noFile = () => {
	throw new Error("no file is read for polygons");
};

it.each([
	{ growPx: 0, featherPx: 0 },
	{ growPx: 7, featherPx: 12 },
	{ growPx: -3, featherPx: 5 },
	{ growPx: -40, featherPx: 5 },
])("working on the marked part alone gives what the whole would: $growPx, $featherPx", async ({ growPx, featherPx }) => {
	const size = { widthPx: 160, heightPx: 120 };
	for (const [left, top, right, bottom] of [
		[60, 50, 80, 75],
		[0, 0, 30, 20],
		[130, 0, 160, 120],
		[0, 0, 160, 120],
	] as const) {
		const polygon = [
			[left, top],
			[right, top],
			[right, bottom],
			[left, bottom],
		] as const;
		const source = { kind: "polygons" as const, polygons: [polygon] };
		for (const invert of [false, true]) {
			const made = await makeMask({ source, invert, ...size, growPx, featherPx }, noFile);
			const isMarked = (x: number, y: number) => (x >= left && x < right && y >= top && y < bottom) !== invert;
			const values = Uint8Array.from({ length: 160 * 120 }, (_, at) => (isMarked(at % 160, Math.floor(at / 160)) ? 1 : 0));
			const whole = growAndFeather({ ...size, values }, growPx, featherPx);
			expect(made.mask.values).toEqual(whole.values);
			const rows = Array.from({ length: 120 }, (_, y) => whole.values.subarray(y * 160, (y + 1) * 160)).map((row) =>
				row.some((value) => value > 0),
			);
			expect(made.box?.top ?? -1).toBe(rows.indexOf(true));
			expect(made.box ? made.box.top + made.box.heightPx : -1).toBe(rows.includes(true) ? rows.lastIndexOf(true) + 1 : -1);
			expect(made.isFull).toBe(!whole.values.includes(0));
		}
	}
});
