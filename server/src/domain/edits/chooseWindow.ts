import type { PixelBox } from "./mask.ts";

interface Size {
	widthPx: number;
	heightPx: number;
}

/** What a model can paint. */
export interface PaintLimits {
	minSidePx: number;
	maxSidePx: number;
	/** A window is at least this large where the picture allows: the model sees as much around a small mask. */
	usualSidePx: number;
	/** Sides are multiples of this. */
	multiplePx: number;
}

/** The part of a picture that a model is shown, and the size at which it paints it. */
export interface EditWindow {
	box: PixelBox;
	paint: Size;
}

/** Seen around the mask on each side: a quarter of its longer side, and at least this. */
const leastContextPx = 32;
const contextShare = 1 / 4;

/**
 * The window an edit is painted in: the mask's box with surroundings. Pixels are painted one to one as far as the model can; a larger
 * window is painted smaller, a picture below the model's least side larger.
 */
export function chooseWindow(mask: PixelBox, picture: Size, limits: PaintLimits): EditWindow {
	const context = Math.max(leastContextPx, Math.ceil(Math.max(mask.widthPx, mask.heightPx) * contextShare));
	const { multiplePx: multiple, usualSidePx } = limits;
	const wanted = (side: number) => Math.ceil(Math.max(side + 2 * context, usualSidePx) / multiple) * multiple;
	const widthPx = Math.min(wanted(mask.widthPx), picture.widthPx);
	const heightPx = Math.min(wanted(mask.heightPx), picture.heightPx);
	const box = {
		left: place(mask.left, mask.widthPx, widthPx, picture.widthPx),
		top: place(mask.top, mask.heightPx, heightPx, picture.heightPx),
		...{ widthPx, heightPx },
	};
	return { box, paint: paintSize(box, limits) };
}

/** Around the middle of the mask, moved to lie within the picture. */
function place(start: number, length: number, side: number, limit: number): number {
	return Math.min(limit - side, Math.max(0, start + Math.floor((length - side) / 2)));
}

function paintSize({ widthPx, heightPx }: Size, { minSidePx, maxSidePx, multiplePx: multiple }: PaintLimits): Size {
	const enlarge = Math.max(1, minSidePx / Math.min(widthPx, heightPx));
	const scale = Math.min(enlarge, maxSidePx / Math.max(widthPx, heightPx));
	const [least, most] = [Math.ceil(minSidePx / multiple) * multiple, Math.floor(maxSidePx / multiple) * multiple];
	// A strip longer than the model's sides allow is painted a little out of shape rather than not at all.
	const side = (length: number) => Math.min(most, Math.max(least, Math.round((length * scale) / multiple) * multiple));
	return { widthPx: side(widthPx), heightPx: side(heightPx) };
}
