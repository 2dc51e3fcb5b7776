import { GlassworksError } from "../../domain/errors.ts";
import { fromPlanes } from "./planes.ts";
import type { OnnxRun, RawImage } from "./runtime/types.ts";

/** Every net here enlarges by this. */
export const upscaleFactor = 4;
/** Larger tiles take memory that small machines lack: 128 px in is 512 px out. */
const maxTilePx = 128;
/** Seen by the net on each side of a tile's own part and thrown away, so that tiles agree where they meet. */
const marginPx = 16;

/** A tile's own part on one axis: [start, end). */
interface Span {
	readonly start: number;
	readonly end: number;
}

/** Cuts a side into equal parts (to a pixel) that fit into a tile with its margins. */
function spans(lengthPx: number): Span[] {
	const count = Math.ceil(lengthPx / (maxTilePx - 2 * marginPx));
	const cut = (part: number) => Math.round((part * lengthPx) / count);
	return Array.from({ length: count }, (_, part) => ({ start: cut(part), end: cut(part + 1) }));
}

/** The tile with its margins as planes from 0 to 1. Beyond the picture its edge pixels repeat. */
function readTile({ rgb, widthPx, heightPx }: RawImage, across: Span, down: Span): { planes: Float32Array; width: number; height: number } {
	const width = across.end - across.start + 2 * marginPx;
	const height = down.end - down.start + 2 * marginPx;
	const planes = new Float32Array(3 * width * height);
	for (let y = 0; y < height; y++) {
		const row = Math.min(heightPx - 1, Math.max(0, down.start - marginPx + y)) * widthPx;
		for (let x = 0; x < width; x++) {
			const from = (row + Math.min(widthPx - 1, Math.max(0, across.start - marginPx + x))) * 3;
			for (let channel = 0; channel < 3; channel++) planes[(channel * height + y) * width + x] = (rgb[from + channel] ?? 0) / 255;
		}
	}
	return { planes, width, height };
}

/** Copies the tile's own part into the large picture. */
function writeTile(target: RawImage, tile: RawImage, across: Span, down: Span): void {
	const rowBytes = (across.end - across.start) * upscaleFactor * 3;
	const margin = marginPx * upscaleFactor;
	for (let y = 0; y < (down.end - down.start) * upscaleFactor; y++) {
		const from = ((y + margin) * tile.widthPx + margin) * 3;
		const to = ((down.start * upscaleFactor + y) * target.widthPx + across.start * upscaleFactor) * 3;
		target.rgb.set(tile.rgb.subarray(from, from + rowBytes), to);
	}
}

/**
 * Enlarges a picture 4 times with the super-resolution net in `file`, tile by tile. `onTile` is told the share done, above 0 to 1.
 * @throws {GlassworksError} `model_missing` when the file is not such a net.
 */
export async function upscaleImage(run: OnnxRun, file: string, image: RawImage, onTile: (fraction: number) => void): Promise<RawImage> {
	const widthPx = image.widthPx * upscaleFactor;
	const heightPx = image.heightPx * upscaleFactor;
	const large: RawImage = { widthPx, heightPx, rgb: new Uint8Array(widthPx * heightPx * 3) };
	const [columns, rows] = [spans(image.widthPx), spans(image.heightPx)];
	let done = 0;
	for (const down of rows) {
		for (const across of columns) {
			const { planes, width, height } = readTile(image, across, down);
			const { output } = await run(file, { data: { data: planes, dims: [1, 3, height, width] } });
			if (output?.data.length !== planes.length * upscaleFactor ** 2) {
				throw new GlassworksError("model_missing", "An upscaler's file is not the net it should be: run `glassworks models verify`.");
			}
			writeTile(large, fromPlanes(output.data, width * upscaleFactor, height * upscaleFactor, 0, 1), across, down);
			onTile(++done / (columns.length * rows.length));
		}
	}
	return large;
}
