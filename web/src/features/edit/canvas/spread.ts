import { boxOf, type Mask } from "./mask.ts";
import { intersect, isEmpty, type Rect, wholeOf, widen } from "./rect.ts";

/** Beyond the farthest that can be asked for. */
const far = 255;
export const maxSpreadPx = 200;

/** Rows to the nearest pixel of `value` in the same column, at most `reach`, for the pixels of `area`; 255: none. */
function columnDistances({ values, width }: Mask, area: Rect, value: number, reach: number): Uint8Array {
	const across = area.right - area.left;
	const down = area.bottom - area.top;
	const distances = new Uint8Array(across * down).fill(far);
	const pass = (row: number, before: number) => {
		const from = (area.top + row) * width + area.left;
		for (let x = 0; x < across; x++) {
			const at = row * across + x;
			if (values[from + x] === value) distances[at] = 0;
			else {
				const reached = (distances[before * across + x] ?? far) + 1;
				if (reached <= reach && reached < (distances[at] ?? far)) distances[at] = reached;
			}
		}
	};
	for (let row = 0; row < down; row++) pass(row, Math.max(0, row - 1));
	for (let row = down - 2; row >= 0; row--) pass(row, row + 1);
	return distances;
}

/** Half the width of a disc of this radius, by rows from its middle. */
const halfWidths = (radius: number): number[] =>
	Array.from({ length: radius + 1 }, (_, row) => Math.floor(Math.sqrt(radius * radius - row * row)));

/**
 * Marks all within `by` pixels of what is marked, from middle to middle of pixels, as the server would; below zero takes away as much,
 * though not from the picture's own edge.
 */
export function grow(mask: Mask, by: number): void {
	const reach = Math.min(maxSpreadPx, Math.abs(by));
	if (reach === 0) return;
	const value = by > 0 ? 1 : 0;
	const box = boxOf(mask);
	if (!box) return;
	const area = intersect(widen(box, reach), wholeOf(mask));
	const across = area.right - area.left;
	const distances = columnDistances(mask, area, value, reach);
	const halves = halfWidths(reach);
	const turns = new Int32Array(across + 1);
	for (let y = area.top; y < area.bottom; y++) {
		const from = (y - area.top) * across;
		growRow(distances.subarray(from, from + across), halves, turns, mask.values.subarray(y * mask.width + area.left), value);
	}
}

/** `turns` counts how many discs begin and end at each pixel: their union is wherever more have begun than ended. */
function growRow(distances: Uint8Array, halves: readonly number[], turns: Int32Array, row: Uint8Array, value: number): void {
	const across = distances.length;
	turns.fill(0);
	for (let x = 0; x < across; x++) {
		const half = halves[distances[x] ?? far];
		if (half === undefined) continue;
		const [from, to] = [Math.max(0, x - half), Math.min(across, x + half + 1)];
		turns[from] = (turns[from] ?? 0) + 1;
		turns[to] = (turns[to] ?? 0) - 1;
	}
	let open = 0;
	for (let x = 0; x < across; x++) {
		open += turns[x] ?? 0;
		if (open > 0) row[x] = value;
	}
}

/** How much of an edit shows at this distance (px) from the mask: a Gaussian of a third of `featherPx`, as the server mixes. */
export function featherAt(distance: number, featherPx: number): number {
	if (distance <= 0) return 255;
	return distance > featherPx ? 0 : Math.round(255 * Math.exp(-(distance ** 2) / (2 * (featherPx / 3) ** 2)));
}

/** Writes into `soft`, for the pixels of `changed` and what they reach, how much of an edit will show there. */
export function feather(mask: Mask, soft: Uint8Array, changed: Rect, featherPx: number): Rect {
	const written = intersect(widen(changed, featherPx), wholeOf(mask));
	if (isEmpty(written)) return written;
	const area = intersect(widen(written, featherPx), wholeOf(mask));
	const distances = columnDistances(mask, area, 1, featherPx);
	const across = area.right - area.left;
	const table = Uint8Array.from({ length: featherPx * featherPx + 1 }, (_, squared) => featherAt(Math.sqrt(squared), featherPx));
	for (let y = written.top; y < written.bottom; y++) {
		const row = distances.subarray((y - area.top) * across, (y - area.top + 1) * across);
		soft.fill(0, y * mask.width + written.left, y * mask.width + written.right);
		if (row.every((distance) => distance === far)) continue;
		for (let x = written.left; x < written.right; x++) {
			const squared = nearest(row, x - area.left, featherPx);
			soft[y * mask.width + x] = table[squared] ?? 0;
		}
	}
	return written;
}

/** The least squared distance at `x`, from the columns around it. */
function nearest(row: Uint8Array, x: number, reach: number): number {
	const own = row[x] ?? far;
	let least = own === far ? Infinity : own * own;
	for (let aside = 1; aside <= reach && aside * aside < least; aside++) {
		const [left = far, right = far] = [row[x - aside], row[x + aside]];
		const near = Math.min(left, right);
		if (near !== far) least = Math.min(least, aside * aside + near * near);
	}
	return least;
}
