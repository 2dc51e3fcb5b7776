import type { RawImage } from "./runtime/types.ts";

/**
 * A picture as planes red, green, blue: the layout of the networks.
 * Byte 0 becomes `low` and byte 255 `high`.
 */
export function toPlanes({ rgb, widthPx, heightPx }: RawImage, low: number, high: number): Float32Array {
	const pixels = widthPx * heightPx;
	const planes = new Float32Array(3 * pixels);
	const step = (high - low) / 255;
	for (let pixel = 0; pixel < pixels; pixel++) {
		for (let channel = 0; channel < 3; channel++) planes[channel * pixels + pixel] = (rgb[pixel * 3 + channel] ?? 0) * step + low;
	}
	return planes;
}

/** The inverse of `toPlanes`; values out of range are clipped. */
export function fromPlanes(planes: Float32Array, widthPx: number, heightPx: number, low: number, high: number): RawImage {
	const pixels = widthPx * heightPx;
	// A clamped array rounds to the nearest whole number and clips to 0..255.
	const rgb = new Uint8ClampedArray(3 * pixels);
	const scale = 255 / (high - low);
	for (let pixel = 0; pixel < pixels; pixel++) {
		for (let channel = 0; channel < 3; channel++) rgb[pixel * 3 + channel] = ((planes[channel * pixels + pixel] ?? 0) - low) * scale;
	}
	return { widthPx, heightPx, rgb: new Uint8Array(rgb.buffer) };
}
