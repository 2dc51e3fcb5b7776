import { type Similarity, scaleOf } from "./similarity.ts";

/** Interleaved RGB of any number type. Pixel (0, 0) covers 0..1, so its centre is at (0.5, 0.5). */
export interface RgbPlane {
	readonly widthPx: number;
	readonly heightPx: number;
	readonly rgb: ArrayLike<number>;
}

/** What lies beyond the edge: black, or the picture mirrored at it (no false edge for a network to see). */
export type Border = "black" | "mirror";

const maxTapsPerSide = 16;

/** Reads colours of `plane` at points given in another, possibly much finer or coarser, pixel grid. */
export interface Sampler {
	/** Writes the colour of pixel (x, y) of the other grid to `out` at `at`. */
	read(x: number, y: number, out: Float32Array, at: number): void;
}

/**
 * Cubic where the other grid is finer; where it is coarser, the mean of as many evenly spread readings as source pixels
 * fit into one pixel (at most 16 x 16), so that nothing flickers or gets lost. May overshoot 0..255 a little at edges.
 */
export function createSampler(plane: RgbPlane, toPlane: Similarity, border: Border): Sampler {
	const taps = Math.max(1, Math.min(maxTapsPerSide, Math.ceil(scaleOf(toPlane) - 1e-6)));
	const { a, b, tx, ty } = toPlane;
	// Enlarging needs the smoother, sharper cubic; of three readings a pixel and more, each may as well be the nearest pixel.
	const add = taps === 1 ? addCubic : taps === 2 ? addBilinear : addNearest;
	return {
		read(x, y, out, at) {
			out.fill(0, at, at + 3);
			for (let row = 0; row < taps; row++) {
				for (let column = 0; column < taps; column++) {
					const [u, v] = [x + (column + 0.5) / taps, y + (row + 0.5) / taps];
					add(plane, a * u - b * v + tx - 0.5, b * u + a * v + ty - 0.5, border, out, at);
				}
			}
			for (let channel = at; channel < at + 3; channel++) out[channel] = (out[channel] ?? 0) / (taps * taps);
		},
	};
}

/** A square of `sizePx` pixels, interleaved RGB 0..255, whose pixel grid `toPlane` maps into the plane. */
export function sampleSquare(plane: RgbPlane, toPlane: Similarity, sizePx: number, border: Border): Float32Array {
	const out = new Float32Array(sizePx * sizePx * 3);
	const sampler = createSampler(plane, toPlane, border);
	for (let y = 0; y < sizePx; y++) for (let x = 0; x < sizePx; x++) sampler.read(x, y, out, (y * sizePx + x) * 3);
	return out;
}

function addBilinear(plane: RgbPlane, x: number, y: number, border: Border, out: Float32Array, at: number): void {
	const [left, top] = [Math.floor(x), Math.floor(y)];
	const [right, bottom] = [x - left, y - top];
	addPixel(plane, left, top, (1 - right) * (1 - bottom), border, out, at);
	addPixel(plane, left + 1, top, right * (1 - bottom), border, out, at);
	addPixel(plane, left, top + 1, (1 - right) * bottom, border, out, at);
	addPixel(plane, left + 1, top + 1, right * bottom, border, out, at);
}

/** Catmull-Rom: passes through the pixels' own colours. */
function addCubic(plane: RgbPlane, x: number, y: number, border: Border, out: Float32Array, at: number): void {
	const [left, top] = [Math.floor(x), Math.floor(y)];
	for (let row = -1; row <= 2; row++) {
		const vertical = catmullRom(Math.abs(y - top - row));
		for (let column = -1; column <= 2; column++) {
			addPixel(plane, left + column, top + row, vertical * catmullRom(Math.abs(x - left - column)), border, out, at);
		}
	}
}

function catmullRom(distance: number): number {
	if (distance < 1) return (1.5 * distance - 2.5) * distance * distance + 1;
	return distance < 2 ? ((-0.5 * distance + 2.5) * distance - 4) * distance + 2 : 0;
}

function addNearest(plane: RgbPlane, x: number, y: number, border: Border, out: Float32Array, at: number): void {
	addPixel(plane, Math.round(x), Math.round(y), 1, border, out, at);
}

function addPixel(plane: RgbPlane, x: number, y: number, weight: number, border: Border, out: Float32Array, at: number): void {
	if (weight === 0) return;
	const isInside = x >= 0 && y >= 0 && x < plane.widthPx && y < plane.heightPx;
	if (!isInside && border === "black") return;
	const column = isInside ? x : mirrored(x, plane.widthPx);
	const row = isInside ? y : mirrored(y, plane.heightPx);
	const from = (row * plane.widthPx + column) * 3;
	for (let channel = 0; channel < 3; channel++) out[at + channel] = (out[at + channel] ?? 0) + weight * (plane.rgb[from + channel] ?? 0);
}

/** Back into 0..length-1 by reflection: -1 -> 0, -2 -> 1, length -> length - 1. */
function mirrored(index: number, length: number): number {
	const period = 2 * length;
	const wrapped = ((index % period) + period) % period;
	return wrapped < length ? wrapped : period - 1 - wrapped;
}
