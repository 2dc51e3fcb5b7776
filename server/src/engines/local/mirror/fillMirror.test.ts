import { expect, it } from "vitest";
import { fillMirror } from "./fillMirror.ts";

/** A picture whose red says the column and whose green the row. */
const known = (widthPx: number, heightPx: number) => ({
	...{ widthPx, heightPx },
	rgb: Uint8Array.from({ length: 3 * widthPx * heightPx }, (_, at) => {
		const pixel = Math.floor(at / 3);
		return [10 * (pixel % widthPx), 10 * Math.floor(pixel / widthPx), 77][at % 3] ?? 0;
	}),
});
/** All but a rectangle is new. */
const border = (widthPx: number, heightPx: number, keeps: (x: number, y: number) => boolean) => ({
	...{ widthPx, heightPx },
	values: Uint8Array.from({ length: widthPx * heightPx }, (_, at) => (keeps(at % widthPx, Math.floor(at / widthPx)) ? 0 : 1)),
});
const reds = (rgb: Uint8Array, widthPx: number, y: number) => Array.from({ length: widthPx }, (_, x) => rgb[3 * (y * widthPx + x)] ?? 0);

it("the border mirrors what is beside it, and what was known stays to the byte", async () => {
	const image = known(20, 9);
	const keeps = (x: number) => x >= 6 && x < 14;
	const { rgb } = await fillMirror(image, border(20, 9, keeps));
	for (let y = 0; y < 9; y++) {
		const row = reds(rgb, 20, y);
		expect(row.slice(6, 14)).toEqual([60, 70, 80, 90, 100, 110, 120, 130]);
		// Nearest to the edge it is hardly softened; farther out by a few steps of colour.
		for (let away = 0; away < 6; away++) {
			expect(Math.abs((row[5 - away] ?? 0) - (60 + 10 * away))).toBeLessThan(4 + 4 * away);
			expect(Math.abs((row[14 + away] ?? 0) - (130 - 10 * away))).toBeLessThan(4 + 4 * away);
		}
	}
});

it("a border wider than the picture mirrors the mirror image", async () => {
	const { rgb } = await fillMirror(
		known(40, 4),
		border(40, 4, (x) => x < 4),
	);
	const row = reds(rgb, 40, 1);
	expect(row.slice(0, 4)).toEqual([0, 10, 20, 30]);
	expect(Math.max(...row)).toBeLessThanOrEqual(30);
	// Softer, yet never one flat colour at once.
	expect(new Set(row.slice(4, 12)).size).toBeGreaterThan(2);
});

it("a mask that leaves nothing is refused", async () => {
	await expect(
		fillMirror(
			known(5, 5),
			border(5, 5, () => false),
		),
	).rejects.toMatchObject({ code: "engine_invalid" });
});
