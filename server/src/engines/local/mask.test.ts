import { expect, it } from "vitest";
import { blendInside, containMask, squareMask } from "./mask.ts";

const plane = (widthPx: number, heightPx: number, value: (x: number, y: number) => number) => ({
	widthPx,
	heightPx,
	values: Uint8Array.from({ length: widthPx * heightPx }, (_, at) => value(at % widthPx, Math.floor(at / widthPx))),
});
const filled = (sidePx: number, value: number) => ({ widthPx: sidePx, heightPx: sidePx, rgb: new Uint8Array(3 * sidePx ** 2).fill(value) });

it("outside the mask every byte is the original's, also beside its rim", () => {
	const mask = plane(64, 64, (x, y) => (x >= 20 && x < 40 && y >= 10 && y < 30 ? 1 : 0));
	const { rgb } = blendInside(filled(64, 13), filled(64, 240), mask);
	for (let at = 0; at < mask.values.length; at++) {
		if (mask.values[at] === 0) expect(rgb[at * 3]).toBe(13);
		else expect(rgb[at * 3]).toBeGreaterThan(13);
	}
	expect(rgb[(20 * 64 + 30) * 3]).toBe(240);
	expect(rgb[(20 * 64 + 20) * 3]).toBeLessThan(240);
});

it("a brush stroke one pixel thin still paints", () => {
	const { rgb } = blendInside(
		filled(64, 0),
		filled(64, 200),
		plane(64, 64, (x) => (x === 32 ? 1 : 0)),
	);
	expect(rgb[(5 * 64 + 32) * 3]).toBeGreaterThanOrEqual(100);
});

it("a mask over the whole picture leaves nothing of it, up to the edges", () => {
	const { rgb } = blendInside(
		filled(64, 0),
		filled(64, 200),
		plane(64, 64, () => 1),
	);
	expect(rgb.every((value) => value === 200)).toBe(true);
});

it("the network redraws every cell that the mask touches, and no other", () => {
	const cells = squareMask(
		plane(256, 128, (x, y) => (x === 5 && y === 5 ? 1 : 0)),
		64,
	);
	expect(cells.reduce((sum, cell) => sum + cell, 0)).toBe(1);
	// The picture lies 64 px below the top of its 256 px square; each cell is 4 px.
	expect(cells[Math.floor((5 + 64) / 4) * 64 + 1]).toBe(1);
});

it("a mask follows its picture into another shape and never reaches the bars", () => {
	const mask = containMask(
		plane(100, 50, () => 1),
		64,
		64,
	);
	expect(mask.values.reduce((sum, value) => sum + value, 0)).toBe(64 * 32);
	expect(mask.values[10 * 64 + 10]).toBe(0);
	expect(mask.values[32 * 64]).toBe(1);
});
