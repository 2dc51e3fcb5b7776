import { expect, test } from "vitest";
import { sampleSquare } from "./sample.ts";

const plane = (widthPx: number, heightPx: number, colour: (x: number, y: number) => number) => ({
	widthPx,
	heightPx,
	rgb: Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, index) =>
		colour(Math.floor(index / 3) % widthPx, Math.floor(index / 3 / widthPx)),
	),
});
const scaled = (a: number, tx = 0, ty = 0) => ({ a, b: 0, tx, ty });

test("a view of the same size gives the same pixels", () => {
	const picture = plane(8, 8, (x, y) => x * 20 + y);
	expect([...sampleSquare(picture, scaled(1), 8, "black")]).toEqual([...picture.rgb]);
});

test("a flat colour stays that colour at every size, mirrored over the edge", () => {
	for (const scale of [0.1, 0.7, 1.5, 2.5, 40])
		for (const value of sampleSquare(
			plane(9, 7, () => 93),
			scaled(scale, -20, 3),
			16,
			"mirror",
		))
			expect(value).toBeCloseTo(93, 3);
});

test("shrinking is the mean of what it covers, so that a fine checkerboard turns grey", () => {
	for (const factor of [2, 4, 8])
		for (const value of sampleSquare(
			plane(64, 64, (x, y) => ((x + y) % 2) * 200),
			scaled(factor),
			64 / factor,
			"black",
		))
			expect(value).toBeCloseTo(100, 0);
});

test("beyond the edge lies black where black is asked for", () => {
	const view = sampleSquare(
		plane(4, 4, () => 200),
		scaled(1, -4),
		4,
		"black",
	);
	expect(Math.max(...view)).toBe(0);
});

test("mirroring repeats the row at the edge, then goes back", () => {
	const view = sampleSquare(
		plane(4, 4, (x) => x * 10),
		scaled(1, 2),
		4,
		"mirror",
	);
	expect([...view.slice(0, 12)].filter((_, index) => index % 3 === 0)).toEqual([20, 30, 30, 20]);
});
