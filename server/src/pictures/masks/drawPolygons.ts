import type { Point } from "../../domain/edits/mask.ts";

/** A mask: 1 where the middle of a pixel lies inside any of the polygons (inside itself: by the even-odd rule), else 0. */
export function drawPolygons(polygons: readonly (readonly Point[])[], widthPx: number, heightPx: number): Uint8Array {
	const mask = new Uint8Array(widthPx * heightPx);
	for (const polygon of polygons) {
		const ys = polygon.map(([, y]) => y);
		const top = Math.max(0, Math.floor(Math.min(...ys)));
		const bottom = Math.min(heightPx - 1, Math.ceil(Math.max(...ys)));
		for (let y = top; y <= bottom; y++) fillRow(mask.subarray(y * widthPx, (y + 1) * widthPx), crossings(polygon, y + 0.5));
	}
	return mask;
}

/** Where the polygon's sides cross a horizontal line, from left to right. */
function crossings(polygon: readonly Point[], line: number): number[] {
	const found: number[] = [];
	let from = polygon.at(-1);
	for (const to of polygon) {
		if (from && from[1] <= line !== to[1] <= line) found.push(from[0] + ((line - from[1]) / (to[1] - from[1])) * (to[0] - from[0]));
		from = to;
	}
	return found.sort((a, b) => a - b);
}

function fillRow(row: Uint8Array, bounds: readonly number[]): void {
	for (let at = 0; at + 1 < bounds.length; at += 2) {
		const [start = 0, end = 0] = [bounds[at], bounds[at + 1]].map((x = 0) => Math.min(row.length, Math.max(0, Math.ceil(x - 0.5))));
		row.fill(1, start, end);
	}
}
