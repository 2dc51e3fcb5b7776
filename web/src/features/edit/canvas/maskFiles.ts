import type { Mask } from "./mask.ts";
import { toRuns } from "./mask.ts";
import type { Size } from "./rect.ts";

/** White where it is marked, black elsewhere. */
export async function exportMask({ width, height, values }: Mask): Promise<Blob> {
	const canvas = new OffscreenCanvas(width, height);
	const context = canvas.getContext("2d");
	if (!context) throw new Error("This browser cannot draw.");
	const image = context.createImageData(width, height);
	const pixels = new Uint32Array(image.data.buffer);
	for (let at = 0; at < pixels.length; at++) pixels[at] = values[at] === 1 ? 0xffffffff : 0xff000000;
	context.putImageData(image, 0, 0);
	return canvas.convertToBlob({ type: "image/png" });
}

export interface ReadMask {
	runs: number[];
	/** Of the file, upright. */
	from: Size;
}

/** A mask file in the size of a picture, turned upright. @throws when it is no picture */
export async function readMaskFile(file: Blob, size: Size): Promise<ReadMask> {
	const bitmap = await createImageBitmap(file);
	const from = { width: bitmap.width, height: bitmap.height };
	const canvas = new OffscreenCanvas(size.width, size.height);
	const context = canvas.getContext("2d", { willReadFrequently: true });
	if (!context) throw new Error("This browser cannot draw.");
	// Nearest only where it fits already: then a mask that was exported here comes back to the bit.
	context.imageSmoothingEnabled = from.width !== size.width || from.height !== size.height;
	context.drawImage(bitmap, 0, 0, size.width, size.height);
	bitmap.close();
	const { data } = context.getImageData(0, 0, size.width, size.height);
	return { runs: toRuns({ ...size, values: markedIn(data) }), from };
}

/** As the server reads a mask: how solid it is, where that differs and the colour does not; else how light. */
export function markedIn(data: Uint8ClampedArray): Uint8Array {
	const byAlpha = isDrawnInOneColour(data);
	const values = new Uint8Array(data.length / 4);
	for (let at = 0; at < values.length; at++) {
		const [red = 0, green = 0, blue = 0, alpha = 0] = [data[4 * at], data[4 * at + 1], data[4 * at + 2], data[4 * at + 3]];
		const light = ((0.2126 * red + 0.7152 * green + 0.0722 * blue) * alpha) / 255;
		values[at] = (byAlpha ? alpha : light) > 127 ? 1 : 0;
	}
	return values;
}

/** Colours within this of each other are one. */
const sameColour = 24;

function isDrawnInOneColour(data: Uint8ClampedArray): boolean {
	const least = [255, 255, 255];
	const most = [0, 0, 0];
	let clear = 0;
	let solid = 0;
	for (let at = 0; at < data.length; at += 4) {
		if ((data[at + 3] ?? 0) <= 127) {
			clear++;
			continue;
		}
		solid++;
		for (let channel = 0; channel < 3; channel++) {
			const value = data[at + channel] ?? 0;
			if (value < (least[channel] ?? 0)) least[channel] = value;
			if (value > (most[channel] ?? 0)) most[channel] = value;
		}
	}
	return clear > 0 && solid > 0 && most.every((value, channel) => value - (least[channel] ?? 0) <= sameColour);
}
