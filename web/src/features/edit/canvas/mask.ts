import type { Rect, Size } from "./rect.ts";

/** Rows from the top; 1 is marked, 0 is not. The server cuts masks at half, so there is nothing in between. */
export interface Mask extends Size {
	values: Uint8Array;
}

export const emptyMask = ({ width, height }: Size): Mask => ({ width, height, values: new Uint8Array(width * height) });

/** Around everything that is marked; null: nothing is. */
export function boxOf({ width, height, values }: Mask): Rect | null {
	const box = { left: width, top: height, right: 0, bottom: 0 };
	for (let y = 0; y < height; y++) {
		const row = values.subarray(y * width, (y + 1) * width);
		const first = row.indexOf(1);
		if (first < 0) continue;
		box.top = Math.min(box.top, y);
		box.bottom = y + 1;
		box.left = Math.min(box.left, first);
		box.right = Math.max(box.right, row.lastIndexOf(1) + 1);
	}
	return box.bottom === 0 ? null : box;
}

/** Lengths of what is not marked and what is, by turns, row after row. */
export function toRuns({ values }: Mask): number[] {
	const runs: number[] = [];
	let at = 0;
	for (let value = 0; at < values.length; value = 1 - value) {
		const found = values.indexOf(1 - value, at);
		const end = found < 0 ? values.length : found;
		runs.push(end - at);
		at = end;
	}
	return runs;
}

/** The inverse of `toRuns`, within `clip`. */
export function writeRuns(mask: Mask, runs: readonly number[], clip: Rect): void {
	let at = 0;
	for (const [index, length] of runs.entries()) {
		const end = Math.min(mask.values.length, at + length);
		for (let y = Math.floor(at / mask.width); y * mask.width < end; y++) {
			if (y < clip.top || y >= clip.bottom) continue;
			const from = Math.max(at, y * mask.width + clip.left);
			const to = Math.min(end, y * mask.width + clip.right);
			if (from < to) mask.values.fill(index % 2, from, to);
		}
		at = end;
	}
}
