import { type RawPlane, squareAround } from "./canvas.ts";
import type { RawImage } from "./runtime/types.ts";

/** A mask of 1 and 0 brought to another canvas as `containOnWhite` brings the picture; the bars are 0. */
export function containMask(mask: RawPlane, widthPx: number, heightPx: number): RawPlane {
	if (mask.widthPx === widthPx && mask.heightPx === heightPx) return mask;
	const scale = Math.min(widthPx / mask.widthPx, heightPx / mask.heightPx);
	const left = (widthPx - mask.widthPx * scale) / 2;
	const top = (heightPx - mask.heightPx * scale) / 2;
	const values = new Uint8Array(widthPx * heightPx);
	for (let y = 0; y < heightPx; y++) {
		const row = Math.floor((y + 0.5 - top) / scale);
		for (let x = 0; x < widthPx; x++) {
			const column = Math.floor((x + 0.5 - left) / scale);
			if (row < 0 || row >= mask.heightPx || column < 0 || column >= mask.widthPx) continue;
			values[y * widthPx + x] = mask.values[row * mask.widthPx + column] ?? 0;
		}
	}
	return { widthPx, heightPx, values };
}

/** A mask of 1 and 0 brought to another size, whatever its shape. */
export function stretchMask(mask: RawPlane, widthPx: number, heightPx: number): RawPlane {
	if (mask.widthPx === widthPx && mask.heightPx === heightPx) return mask;
	const values = new Uint8Array(widthPx * heightPx);
	for (let y = 0; y < heightPx; y++) {
		const row = Math.floor(((y + 0.5) * mask.heightPx) / heightPx) * mask.widthPx;
		for (let x = 0; x < widthPx; x++) values[y * widthPx + x] = mask.values[row + Math.floor(((x + 0.5) * mask.widthPx) / widthPx)] ?? 0;
	}
	return { widthPx, heightPx, values };
}

/**
 * The mask on the square the network draws: 1 wherever any of it falls.
 * A cell that is only partly repainted is drawn whole, lest what is to go shines through; the rest of it is put back at full size.
 */
export function squareMask(mask: RawPlane, sidePx: number): Float32Array {
	const { left, top, side } = squareAround(mask);
	const cells = new Float32Array(sidePx * sidePx);
	for (let y = 0; y < mask.heightPx; y++) {
		const row = Math.floor(((y + top) * sidePx) / side) * sidePx;
		for (let x = 0; x < mask.widthPx; x++) {
			if (mask.values[y * mask.widthPx + x] === 1) cells[row + Math.floor(((x + left) * sidePx) / side)] = 1;
		}
	}
	return cells;
}

/** Pixels of a mask that stay when its rim, one pixel wide, is taken away. The picture's own edge is no rim. */
function erode({ widthPx, heightPx, values }: RawPlane): RawPlane {
	const inner = new Uint8Array(values.length);
	for (let y = 0; y < heightPx; y++) {
		for (let x = 0; x < widthPx; x++) {
			const at = y * widthPx + x;
			const open =
				(x > 0 && values[at - 1] === 0) ||
				(x < widthPx - 1 && values[at + 1] === 0) ||
				(y > 0 && values[at - widthPx] === 0) ||
				(y < heightPx - 1 && values[at + widthPx] === 0);
			inner[at] = values[at] === 1 && !open ? 1 : 0;
		}
	}
	return { widthPx, heightPx, values: inner };
}

/** How far the two pictures blend, from the mask's rim inwards: 1 px at 256, 2 px at 512. */
function featherPx({ widthPx, heightPx }: RawPlane): number {
	return Math.max(1, Math.round(Math.min(widthPx, heightPx) / 256));
}

/** Share of the drawn picture per pixel: exactly 0 outside the mask, rising inside it. */
function shares(mask: RawPlane): Float32Array {
	const rims = featherPx(mask);
	const total = new Float32Array(mask.values.length);
	let inner = mask;
	for (let rim = 0; rim <= rims; rim++) {
		for (let at = 0; at < total.length; at++) total[at] = (total[at] ?? 0) + (inner.values[at] ?? 0) / (rims + 1);
		if (rim < rims) inner = erode(inner);
	}
	return total;
}

/** `drawn` inside the mask, `original` to the byte outside it. All three have one size. */
export function blendInside(original: RawImage, drawn: RawImage, mask: RawPlane): RawImage {
	const share = shares(mask);
	const rgb = new Uint8Array(original.rgb);
	for (let at = 0; at < share.length; at++) {
		const part = share[at] ?? 0;
		if (part === 0) continue;
		for (let byte = at * 3; byte < at * 3 + 3; byte++) {
			rgb[byte] = Math.round((1 - part) * (original.rgb[byte] ?? 0) + part * (drawn.rgb[byte] ?? 0));
		}
	}
	return { ...original, rgb };
}

/** Adds `share` of what `picture` has and `redrawn` lacks to `drawn`, in place. All three have one size. */
export function addDifference(drawn: RawImage, picture: RawImage, redrawn: RawImage, share: number): void {
	for (let at = 0; at < drawn.rgb.length; at++) {
		const value = (drawn.rgb[at] ?? 0) + share * ((picture.rgb[at] ?? 0) - (redrawn.rgb[at] ?? 0));
		drawn.rgb[at] = Math.min(255, Math.max(0, Math.round(value)));
	}
}
