import sharp from "sharp";
import { GlassworksError } from "../../../domain/errors.ts";
import type { RawPlane } from "../canvas.ts";
import type { RawImage } from "../runtime/types.ts";
import { boxOf, type PixelBox } from "../window.ts";

/** Farthest from the picture, this part of its shorter side is blurred together (as sigma). */
const softness = 1 / 24;

/**
 * Continues a picture over its edges (mask 1 = new) by its mirror image, softer the farther out: right for skies, walls, water and grounds;
 * things come twice. What is known must be a rectangle; there the result equals `image` to the byte.
 * @throws {GlassworksError} engine_invalid when nothing is known
 */
export async function fillMirror(image: RawImage, mask: RawPlane): Promise<RawImage> {
	const known = boxOf({ ...mask, values: mask.values.map((value) => 1 - value) });
	if (!known) throw new GlassworksError("engine_invalid", "The mask covers the whole picture: nothing is left to mirror.");
	const mirrored = mirror(image, mask, known);
	const { widthPx, heightPx } = image;
	const sigma = Math.max(0.5, Math.min(known.widthPx, known.heightPx) * softness);
	const pipeline = sharp(mirrored, { raw: { width: widthPx, height: heightPx, channels: 3 } }).blur(sigma);
	const soft = await pipeline.raw().toBuffer();
	const reach = Math.max(known.left, known.top, widthPx - known.left - known.widthPx, heightPx - known.top - known.heightPx, 1);
	for (let y = 0; y < heightPx; y++)
		for (let x = 0; x < widthPx; x++) {
			const at = y * widthPx + x;
			if (mask.values[at] !== 1) continue;
			const share = Math.min(1, distance(x, y, known) / reach);
			for (let channel = 3 * at; channel < 3 * at + 3; channel++)
				mirrored[channel] = Math.round((mirrored[channel] ?? 0) * (1 - share) + (soft[channel] ?? 0) * share);
		}
	return { widthPx, heightPx, rgb: mirrored };
}

function mirror({ widthPx, heightPx, rgb }: RawImage, mask: RawPlane, { left, top, ...size }: PixelBox): Uint8Array {
	const mirrored = Uint8Array.from(rgb);
	const columns = Int32Array.from({ length: widthPx }, (_, x) => left + reflect(x - left, size.widthPx));
	for (let y = 0; y < heightPx; y++) {
		const row = (top + reflect(y - top, size.heightPx)) * widthPx;
		for (let x = 0; x < widthPx; x++) {
			if (mask.values[y * widthPx + x] !== 1) continue;
			const from = 3 * (row + (columns[x] ?? 0));
			mirrored.set(rgb.subarray(from, from + 3), 3 * (y * widthPx + x));
		}
	}
	return mirrored;
}

/** A place beyond either end comes back inside, as often as it takes; the last pixel is its own neighbour. */
function reflect(place: number, length: number): number {
	const period = 2 * length;
	const inPeriod = ((place % period) + period) % period;
	return inPeriod < length ? inPeriod : period - 1 - inPeriod;
}

function distance(x: number, y: number, { left, top, widthPx, heightPx }: PixelBox): number {
	const across = Math.max(left - x, x - (left + widthPx - 1), 0);
	const down = Math.max(top - y, y - (top + heightPx - 1), 0);
	return Math.hypot(across, down);
}
