import sharp, { type Sharp } from "sharp";
import type { Margins, MaskRequest, PixelBox } from "../../domain/edits/mask.ts";
import { drawPolygons } from "./drawPolygons.ts";
import { readMaskFile, readSolid } from "./readMask.ts";
import { growAndFeather, type Plane } from "./spread.ts";

/** A finished mask and where it is not 0. */
export interface MadeMask {
	mask: Plane;
	box: PixelBox | null;
	isFull: boolean;
}

/** The mask that is asked for. `decode` gives the picture the request came with, for the sources that need one. */
export async function makeMask(request: MaskRequest, decode: () => Sharp): Promise<MadeMask> {
	const { widthPx, heightPx, invert, growPx, featherPx } = request;
	const marked = await readSource(request, decode);
	const plane = { widthPx, heightPx, values: invert ? marked.map((value) => 1 - value) : marked };
	const box = boxOf(plane);
	const mask = { widthPx, heightPx, values: new Uint8Array(widthPx * heightPx) };
	if (!box) return { mask, box: null, isFull: false };
	// Only what the marked part reaches is worked on: a small mask of a large picture costs next to nothing.
	const around = widen(box, Math.abs(growPx) + featherPx + 1, plane);
	const grown = growAndFeather(cut(plane, around), growPx, featherPx);
	for (let y = 0; y < around.heightPx; y++)
		mask.values.set(grown.values.subarray(y * around.widthPx, (y + 1) * around.widthPx), (around.top + y) * widthPx + around.left);
	const reached = boxOf({ ...grown, values: grown.values.map((value) => (value === 0 ? 0 : 1)) });
	return {
		mask,
		box: reached && { ...reached, left: around.left + reached.left, top: around.top + reached.top },
		isFull: !mask.values.includes(0),
	};
}

async function readSource({ source, widthPx, heightPx }: MaskRequest, decode: () => Sharp): Promise<Uint8Array> {
	const size = { width: widthPx, height: heightPx };
	switch (source.kind) {
		case "file":
			return readMaskFile(decode(), source.channel, size);
		case "alpha":
			return (await readSolid(decode(), size)).map((value) => 1 - value);
		case "polygons":
			return drawPolygons(source.polygons, widthPx, heightPx);
		case "border":
			return drawBorder(source.margins, widthPx, heightPx);
	}
}

function drawBorder({ left, top, right, bottom }: Margins, widthPx: number, heightPx: number): Uint8Array {
	const mask = new Uint8Array(widthPx * heightPx).fill(1);
	for (let y = top; y < heightPx - bottom; y++) mask.fill(0, y * widthPx + left, (y + 1) * widthPx - right);
	return mask;
}

/** The smallest box around every 1; null: there is none. */
function boxOf({ widthPx, heightPx, values }: Plane): PixelBox | null {
	let [left, right, top, bottom] = [widthPx, -1, heightPx, -1];
	for (let y = 0; y < heightPx; y++) {
		const row = values.subarray(y * widthPx, (y + 1) * widthPx);
		const first = row.indexOf(1);
		if (first < 0) continue;
		top = Math.min(top, y);
		bottom = y;
		left = Math.min(left, first);
		right = Math.max(right, row.lastIndexOf(1));
	}
	return bottom < 0 ? null : { left, top, widthPx: right - left + 1, heightPx: bottom - top + 1 };
}

function widen(box: PixelBox, byPx: number, within: Plane): PixelBox {
	const [left, top] = [Math.max(0, box.left - byPx), Math.max(0, box.top - byPx)];
	const right = Math.min(within.widthPx, box.left + box.widthPx + byPx);
	const bottom = Math.min(within.heightPx, box.top + box.heightPx + byPx);
	return { left, top, widthPx: right - left, heightPx: bottom - top };
}

function cut({ values, widthPx }: Plane, { left, top, ...size }: PixelBox): Plane {
	const part = new Uint8Array(size.widthPx * size.heightPx);
	for (let y = 0; y < size.heightPx; y++) {
		const from = (top + y) * widthPx + left;
		part.set(values.subarray(from, from + size.widthPx), y * size.widthPx);
	}
	return { ...size, values: part };
}

/** Part of a mask, brought to a size: 255 wherever any of it falls that is not 0, else 0. */
export function cutHardMask({ values, widthPx }: Plane, box: PixelBox, to: { widthPx: number; heightPx: number }): Plane {
	const cut = new Uint8Array(to.widthPx * to.heightPx);
	const [across, down] = [box.widthPx / to.widthPx, box.heightPx / to.heightPx];
	for (let y = 0; y < to.heightPx; y++) {
		const [top, bottom] = [Math.floor(y * down), Math.max(Math.floor(y * down) + 1, Math.ceil((y + 1) * down))];
		for (let x = 0; x < to.widthPx; x++) {
			const [left, right] = [Math.floor(x * across), Math.max(Math.floor(x * across) + 1, Math.ceil((x + 1) * across))];
			for (let row = top; row < bottom && row < box.heightPx; row++) {
				const from = (box.top + row) * widthPx + box.left;
				if (values.subarray(from + left, from + Math.min(right, box.widthPx)).some((value) => value !== 0)) cut[y * to.widthPx + x] = 255;
			}
		}
	}
	return { ...to, values: cut };
}

/** As pixels of one channel, to be encoded. */
export function maskPixels({ widthPx, heightPx, values }: Plane): Sharp {
	return sharp(values, { raw: { width: widthPx, height: heightPx, channels: 1 } }).toColourspace("b-w");
}
