import { expect, it } from "vitest";
import { growAndFeather, type Plane } from "./spread.ts";

const empty = (widthPx: number, heightPx: number): Plane => ({ widthPx, heightPx, values: new Uint8Array(widthPx * heightPx) });
const dotted = (widthPx: number, heightPx: number, dots: readonly [number, number][]): Plane => {
	const plane = empty(widthPx, heightPx);
	for (const [x, y] of dots) plane.values[y * widthPx + x] = 1;
	return plane;
};
const dots: [number, number][] = [
	[3, 4],
	[30, 20],
	[31, 20],
	[0, 39],
];
const distance = (x: number, y: number) => Math.min(...dots.map(([a, b]) => Math.hypot(x - a, y - b)));

it("grows in circles and fades by a Gaussian that ends where it should, as measured pixel by pixel", () => {
	const [grow, feather] = [4, 9];
	const { values } = growAndFeather(dotted(48, 40, dots), grow, feather);
	for (let y = 0; y < 40; y++) {
		for (let x = 0; x < 48; x++) {
			const beyond = distance(x, y) - grow;
			const fading = Math.round(255 * Math.exp(-(beyond ** 2) / (2 * (feather / 3) ** 2)));
			expect(values[y * 48 + x], `${x},${y}`).toBe(beyond <= 0 ? 255 : beyond <= feather ? fading : 0);
			if (beyond <= feather) expect(values[y * 48 + x]).toBeGreaterThan(0);
		}
	}
});

it("without growth and feather it is the mask itself", () => {
	const { values } = growAndFeather(dotted(48, 40, dots), 0, 0);
	expect(values.filter((value) => value === 255)).toHaveLength(dots.length);
	expect(values.filter((value) => value !== 255 && value !== 0)).toHaveLength(0);
});

it("shrinks from its rim inwards, but not from the picture's edge, and may vanish", () => {
	const plane = empty(20, 20);
	for (let y = 0; y < 12; y++) plane.values.fill(1, y * 20, y * 20 + 12);
	const { values } = growAndFeather(plane, -3, 0);
	for (let at = 0; at < values.length; at++) expect(values[at]).toBe(at % 20 < 9 && at < 9 * 20 ? 255 : 0);
	expect(growAndFeather(plane, -20, 5).values.every((value) => value === 0)).toBe(true);
});

it("reaches as far as both limits together", () => {
	const { values } = growAndFeather(dotted(900, 1, [[0, 0]]), 200, 200);
	expect(values[200]).toBe(255);
	expect(values[400]).toBeGreaterThan(0);
	expect(values[401]).toBe(0);
});

it("an empty mask stays empty and a full one full", () => {
	expect(growAndFeather(empty(9, 9), 5, 5).values.every((value) => value === 0)).toBe(true);
	const full = { ...empty(9, 9), values: new Uint8Array(81).fill(1) };
	expect(growAndFeather(full, -5, 5).values.every((value) => value === 255)).toBe(true);
});
