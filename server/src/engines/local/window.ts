import type { RawPlane } from "./canvas.ts";
import type { RawImage } from "./runtime/types.ts";

/** A part of a picture, in whole pixels. */
export interface PixelBox {
	readonly left: number;
	readonly top: number;
	readonly widthPx: number;
	readonly heightPx: number;
}

/** The smallest box around everything that is not 0; null when all is. */
export function boxOf({ widthPx, heightPx, values }: RawPlane): PixelBox | null {
	let [left, right, top, bottom] = [widthPx, -1, heightPx, -1];
	for (let y = 0; y < heightPx; y++) {
		const row = values.subarray(y * widthPx, (y + 1) * widthPx);
		const first = row.findIndex((value) => value !== 0);
		if (first < 0) continue;
		if (top > y) top = y;
		bottom = y;
		left = Math.min(left, first);
		right = Math.max(
			right,
			row.findLastIndex((value) => value !== 0),
		);
	}
	return bottom < 0 ? null : { left, top, widthPx: right - left + 1, heightPx: bottom - top + 1 };
}

/** A box of this size around the middle of another, moved and cut to lie within the picture. */
export function boxAround(
	box: PixelBox,
	size: { widthPx: number; heightPx: number },
	within: { widthPx: number; heightPx: number },
): PixelBox {
	const [widthPx, heightPx] = [Math.min(size.widthPx, within.widthPx), Math.min(size.heightPx, within.heightPx)];
	const place = (start: number, length: number, side: number, limit: number) =>
		Math.min(limit - side, Math.max(0, start + Math.floor((length - side) / 2)));
	return {
		left: place(box.left, box.widthPx, widthPx, within.widthPx),
		top: place(box.top, box.heightPx, heightPx, within.heightPx),
		...{ widthPx, heightPx },
	};
}

export function cutImage({ rgb, widthPx }: RawImage, box: PixelBox): RawImage {
	const part = new Uint8Array(box.widthPx * box.heightPx * 3);
	for (let y = 0; y < box.heightPx; y++) {
		const from = ((box.top + y) * widthPx + box.left) * 3;
		part.set(rgb.subarray(from, from + box.widthPx * 3), y * box.widthPx * 3);
	}
	return { widthPx: box.widthPx, heightPx: box.heightPx, rgb: part };
}

export function cutPlane({ values, widthPx }: RawPlane, box: PixelBox): RawPlane {
	const part = new Uint8Array(box.widthPx * box.heightPx);
	for (let y = 0; y < box.heightPx; y++) {
		const from = (box.top + y) * widthPx + box.left;
		part.set(values.subarray(from, from + box.widthPx), y * box.widthPx);
	}
	return { widthPx: box.widthPx, heightPx: box.heightPx, values: part };
}

/** A copy of `image` with the pixels of `part`, which lies at `box`, where `mask` (of the image's size) is not 0. */
export function pasteInside(image: RawImage, part: RawImage, mask: RawPlane, box: PixelBox): RawImage {
	const rgb = new Uint8Array(image.rgb);
	for (let y = 0; y < box.heightPx; y++) {
		for (let x = 0; x < box.widthPx; x++) {
			const at = (box.top + y) * image.widthPx + box.left + x;
			if (mask.values[at] === 0) continue;
			const from = (y * box.widthPx + x) * 3;
			for (let channel = 0; channel < 3; channel++) rgb[at * 3 + channel] = part.rgb[from + channel] ?? 0;
		}
	}
	return { ...image, rgb };
}
