import type { Point } from "../../domain/edits/mask.ts";

/** A mask: 1 where the middle of a pixel lies inside any of the polygons (inside itself: by the even-odd rule), else 0. */
export function drawPolygons(polygons: readonly (readonly Point[])[], widthPx: number, heightPx: number): Uint8Array {
	const mask = new Uint8Array(widthPx * heightPx);
	const turns = new Uint8Array(widthPx + 1);
	for (const polygon of polygons) {
		const sides = sidesOf(polygon);
		const top = Math.max(0, Math.floor(Math.min(...sides.ys)));
		const bottom = Math.min(heightPx - 1, Math.ceil(Math.max(...sides.ys)));
		for (let y = top; y <= bottom; y++) {
			const row = mask.subarray(y * widthPx, (y + 1) * widthPx);
			const found = crossings(sides, y + 0.5, widthPx);
			if (found.length * crossingsWorth < widthPx) fillBetween(row, found);
			else walk(row, found, turns);
		}
	}
	return mask;
}

/** Sorting a crossing costs about as much as walking over this many pixels: a scribble crosses each row a thousand times. */
const crossingsWorth = 64;

/** Corners in order, the last one first as well; `found` has room for a crossing of each side. */
interface Sides {
	xs: Float64Array;
	ys: Float64Array;
	found: Int32Array;
}

function sidesOf(polygon: readonly Point[]): Sides {
	const corners = [...polygon.slice(-1), ...polygon];
	return {
		xs: Float64Array.from(corners, ([x]) => x),
		ys: Float64Array.from(corners, ([, y]) => y),
		found: new Int32Array(polygon.length),
	};
}

/** The first pixels beyond each place where the polygon's sides cross a horizontal line, in no order. */
function crossings({ xs, ys, found }: Sides, line: number, widthPx: number): Int32Array {
	let count = 0;
	let [fromX = 0] = xs;
	let [fromY = 0] = ys;
	for (let at = 1; at < xs.length; at++) {
		const [x, y] = [xs[at] ?? 0, ys[at] ?? 0];
		if (fromY <= line !== y <= line) {
			const crossed = fromX + ((line - fromY) / (y - fromY)) * (x - fromX);
			found[count++] = Math.min(widthPx, Math.max(0, Math.ceil(crossed - 0.5)));
		}
		fromX = x;
		fromY = y;
	}
	return found.subarray(0, count);
}

function fillBetween(row: Uint8Array, found: Int32Array): void {
	const bounds = found.sort();
	for (let at = 0; at + 1 < bounds.length; at += 2) row.fill(1, bounds[at], bounds[at + 1]);
}

/** The same for many crossings. `turns` is all 0, before and after. */
function walk(row: Uint8Array, found: Int32Array, turns: Uint8Array): void {
	for (let at = 0; at < found.length; at++) turns[found[at] ?? 0] = 1 - (turns[found[at] ?? 0] ?? 0);
	let inside = 0;
	for (let x = 0; x < row.length; x++) {
		inside ^= turns[x] ?? 0;
		if (inside === 1) row[x] = 1;
	}
	turns.fill(0);
}
