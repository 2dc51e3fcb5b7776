import fc from "fast-check";
import { expect, test } from "vitest";
import { type Dab, drawPolygon, drawRectangle, drawSegment } from "./draw.ts";
import { emptyMask, type Mask } from "./mask.ts";
import { wholeOf } from "./rect.ts";

const size = { width: 40, height: 30 };
const rows = ({ width, height, values }: Mask) =>
	Array.from({ length: height }, (_, y) => [...values.subarray(y * width, (y + 1) * width)].map((value) => (value ? "#" : ".")).join(""));
/** Every pixel by its middle, save those so near an edge that rounding decides. */
function expectEach(mask: Mask, isIn: (x: number, y: number) => number): void {
	const wrong: string[] = [];
	for (let y = 0; y < mask.height; y++)
		for (let x = 0; x < mask.width; x++) {
			const depth = isIn(x + 0.5, y + 0.5);
			if (Math.abs(depth) > 1e-6 && mask.values[y * mask.width + x] !== (depth > 0 ? 1 : 0)) wrong.push(`${x},${y}`);
		}
	expect(wrong).toEqual([]);
}
const place = fc.record({
	x: fc.integer({ min: -40, max: 200 }),
	y: fc.integer({ min: -40, max: 160 }),
	radius: fc.integer({ min: 3, max: 50 }),
});
const dab = place.map(({ x, y, radius }): Dab => ({ x: x / 4, y: y / 4, radius: radius / 4 }));

test("a brush covers exactly the pixels whose middles lie in the hull of its two discs", () => {
	fc.assert(
		fc.property(dab, dab, (from, to) => {
			const mask = emptyMask(size);
			drawSegment(mask, from, to, wholeOf(size), 1);
			// Depth below the edge of the widest disc on the way: concave along the way, so a ternary search finds it.
			const depthAt = (x: number, y: number, t: number) =>
				from.radius + t * (to.radius - from.radius) - Math.hypot(x - from.x - t * (to.x - from.x), y - from.y - t * (to.y - from.y));
			expectEach(mask, (x, y) => {
				let [low, high] = [0, 1];
				for (let step = 0; step < 80; step++) {
					const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
					if (depthAt(x, y, a) < depthAt(x, y, b)) low = a;
					else high = b;
				}
				return Math.max(depthAt(x, y, low), depthAt(x, y, 0), depthAt(x, y, 1));
			});
		}),
		{ numRuns: 60 },
	);
});

test("the smallest brush always leaves a mark", () => {
	for (let quarter = 0; quarter < 16; quarter++) {
		const mask = emptyMask(size);
		const at = { x: 10 + (quarter % 4) / 4, y: 10 + Math.floor(quarter / 4) / 4, radius: 0.75 };
		drawSegment(mask, at, at, wholeOf(size), 1);
		expect(mask.values.includes(1)).toBe(true);
	}
});

test("a lasso marks what it goes around, also where it crosses itself and beyond the picture", () => {
	const corner = fc.tuple(fc.integer({ min: -20, max: 60 }), fc.integer({ min: -20, max: 50 }));
	fc.assert(
		fc.property(fc.array(corner, { minLength: 3, maxLength: 12 }), (corners) => {
			const mask = emptyMask(size);
			drawPolygon(mask, corners.flat(), wholeOf(size), 1);
			expectEach(mask, (x, y) => {
				let winding = 0;
				for (const [at, [toX, toY]] of corners.entries()) {
					const [fromX, fromY] = corners.at(at - 1) ?? [0, 0];
					const crossed = fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX);
					if (fromY <= y === toY <= y) continue;
					if (Math.abs(crossed - x) < 1e-6) return 0;
					if (crossed < x) winding += fromY <= y ? 1 : -1;
				}
				return winding !== 0 ? 1 : -1;
			});
		}),
		{ numRuns: 100 },
	);
});

test("nothing is drawn outside the part that is redrawn", () => {
	const mask = emptyMask({ width: 6, height: 4 });
	const clip = { left: 1, top: 1, right: 3, bottom: 3 };
	drawRectangle(mask, { left: -5, top: -5, right: 50, bottom: 50 }, clip, 1);
	expect(rows(mask)).toEqual(["......", ".##...", ".##...", "......"]);
	drawSegment(mask, { x: 3, y: 2, radius: 9 }, { x: 3, y: 2, radius: 9 }, { left: 2, top: 1, right: 3, bottom: 2 }, 0);
	expect(rows(mask)).toEqual(["......", ".#....", ".##...", "......"]);
});
