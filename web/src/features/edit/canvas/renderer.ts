import type { Mask } from "./mask.ts";
import { levelFor, type PictureLevels } from "./pictureLevels.ts";
import { intersect, isEmpty, outward, type Rect, type Size, wholeOf, widen } from "./rect.ts";
import { rectToStage, type View } from "./view.ts";

/** What lies over the picture, read and never changed here. */
export interface OverlaySource {
	mask: Mask;
	/** How much of the edit shows beside the mask; null: no feather. */
	soft: Uint8Array | null;
	/** 1 where the stroke under way has been; null: there is none. */
	draft: Uint8Array | null;
	draftErases: boolean;
}
export interface PictureSource {
	picture: PictureLevels;
	/** Laid over it from `share` of the stage's width on; its corner lies at `left`, `top` of the picture. */
	result: { picture: PictureLevels; left: number; top: number; share: number } | null;
}

/** 0xAABBGGRR, not premultiplied, as little-endian machines lay out ImageData. */
const rgba = (red: number, green: number, blue: number, alpha: number) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
const ember = [255, 150, 40] as const;
const marked = rgba(...ember, 120);
/** Black and white by turns: seen on every picture. */
const edges = [rgba(255, 255, 255, 255), rgba(20, 12, 4, 255)] as const;
const softened = Array.from({ length: 256 }, (_, value) => (value === 0 ? 0 : rgba(...ember, Math.round(value * 0.3))));

export interface Renderer {
	/** CSS pixels, and device pixels for each of them. Both canvases are blank afterwards. */
	resize(size: Size, density: number): void;
	drawPicture(view: View, source: PictureSource): void;
	/** `dirty` in the picture's pixels: nothing else is touched. Null: all of it. */
	drawOverlay(view: View, source: OverlaySource, dirty: Rect | null): void;
	clearOverlay(): void;
}

export function createRenderer(pictureCanvas: HTMLCanvasElement, overlayCanvas: HTMLCanvasElement): Renderer {
	const [picture, overlay] = [pictureCanvas.getContext("2d"), overlayCanvas.getContext("2d")];
	if (!picture || !overlay) throw new Error("This browser cannot draw.");
	let density = 1;
	const inDevice = ({ scale, x, y }: View): View => ({ scale: scale * density, x: x * density, y: y * density });
	const canvas = () => wholeOf(overlayCanvas);

	const drawLevels = (view: View, levels: PictureLevels, left: number, top: number) => {
		const { right, bottom, ...at } = rectToStage(view, { left, top, right: left + levels.width, bottom: top + levels.height });
		const level = levelFor(levels, right - at.left);
		// Enlarged pixels are shown as what they are.
		picture.imageSmoothingEnabled = view.scale < 3 * density;
		if (level) picture.drawImage(level, at.left, at.top, right - at.left, bottom - at.top);
	};

	return {
		resize(size, next) {
			density = next;
			for (const each of [pictureCanvas, overlayCanvas]) {
				each.width = Math.max(1, Math.round(size.width * density));
				each.height = Math.max(1, Math.round(size.height * density));
			}
		},
		drawPicture(cssView, { picture: base, result }) {
			const view = inDevice(cssView);
			const { right, bottom } = canvas();
			picture.clearRect(0, 0, right, bottom);
			const from = result ? Math.round(right * result.share) : right;
			const clipped = (left: number, to: number, draw: () => void) => {
				picture.save();
				picture.beginPath();
				picture.rect(left, 0, to - left, bottom);
				picture.clip();
				draw();
				picture.restore();
			};
			clipped(0, from, () => drawLevels(view, base, 0, 0));
			if (result) clipped(from, right, () => drawLevels(view, result.picture, result.left, result.top));
		},
		drawOverlay(cssView, source, dirty) {
			const view = inDevice(cssView);
			const { width, height } = source.mask;
			const shown = rectToStage(view, { left: 0, top: 0, right: width, bottom: height });
			const area = intersect(outward(dirty ? widen(rectToStage(view, dirty), 2) : shown), canvas());
			if (!dirty) overlay.clearRect(0, 0, canvas().right, canvas().bottom);
			if (!isEmpty(area)) overlay.putImageData(paint(view, source, area), area.left, area.top);
		},
		clearOverlay: () => overlay.clearRect(0, 0, canvas().right, canvas().bottom),
	};
}

/** One look at the mask for each pixel of the screen: what it costs depends on the screen and not on the picture. */
function paint(view: View, source: OverlaySource, { left, top, right, bottom }: Rect): ImageData {
	const image = new ImageData(right - left, bottom - top);
	const pixels = new Uint32Array(image.data.buffer);
	const across = right - left;
	const { width, height } = source.mask;
	const columns = Int32Array.from({ length: across + 1 }, (_, column) => lookUp((left + column - 0.5 - view.x) / view.scale, width));
	let above = new Uint8Array(across + 1);
	let here = new Uint8Array(across + 1);
	for (let y = top - 1; y < bottom; y++) {
		const row = lookUp((y + 0.5 - view.y) / view.scale, height);
		readRow(source, row, columns, here);
		if (y >= top && row >= 0) paintRow({ pixels, at: (y - top) * across, x: left, y }, { here, above, columns, row, source });
		[above, here] = [here, above];
	}
	return image;
}

/** A place as the index of a pixel; -1: outside. */
const lookUp = (place: number, length: number) => (place >= 0 && place < length ? Math.floor(place) : -1);

/** 1 where the mask will be marked once the stroke is over, 0 elsewhere. The first column is the one left of the area. */
function readRow({ mask, draft, draftErases }: OverlaySource, row: number, columns: Int32Array, into: Uint8Array): void {
	const from = row * mask.width;
	for (let column = 0; column < columns.length; column++) {
		const at = columns[column] ?? -1;
		let value = at < 0 || row < 0 ? 0 : (mask.values[from + at] ?? 0);
		if (draft && at >= 0 && row >= 0 && draft[from + at] === 1) value = draftErases ? 0 : 1;
		into[column] = value;
	}
}

interface PaintedRow {
	pixels: Uint32Array;
	/** Index of its first pixel. */
	at: number;
	x: number;
	y: number;
}
interface SeenRow {
	here: Uint8Array;
	above: Uint8Array;
	columns: Int32Array;
	row: number;
	source: OverlaySource;
}

function paintRow({ pixels, at, x, y }: PaintedRow, { here, above, columns, row, source }: SeenRow): void {
	const { soft, mask } = source;
	for (let column = 1; column < here.length; column++) {
		const value = here[column];
		const isInside = (columns[column] ?? -1) >= 0;
		if (!isInside) continue;
		const isEdge = value !== above[column] || value !== here[column - 1];
		if (isEdge) pixels[at + column - 1] = edges[((x + column + y) >> 2) & 1] ?? 0;
		else if (value === 1) pixels[at + column - 1] = marked;
		else if (soft) {
			const index = row * mask.width + (columns[column] ?? 0);
			// What the eraser goes over is marked until it is lifted: it fades nowhere.
			if (mask.values[index] === 0) pixels[at + column - 1] = softened[soft[index] ?? 0] ?? 0;
		}
	}
}
