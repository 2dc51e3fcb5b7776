import sharp from "sharp";
import { GlassworksError } from "../../domain/errors.ts";
import type { Picture } from "../../domain/ports.ts";
import type { StepParams } from "../../domain/workflows/stepParams.ts";
import { decode, decodeGrey, decodePixels, encodePixels, type RawPixels, type RawPlane, resize } from "./canvas.ts";
import type { RawImage } from "./runtime/types.ts";
import type { PixelBox } from "./window.ts";

interface CompositeInputs {
	/** The edit: of the window, or of the whole picture; scaled to it when it has another size. */
	readonly image: Uint8Array;
	readonly original: Uint8Array;
	/** 0 keeps the original, 255 takes the edit, between them both are mixed. */
	readonly mask: Uint8Array;
}

/** Puts an edit into its original. @throws {GlassworksError} engine_invalid */
export async function compositePicture(inputs: CompositeInputs, { window }: StepParams<"composite">): Promise<Picture> {
	const original = await decodePixels(inputs.original);
	const mask = await decodeGrey(inputs.mask);
	if (mask.widthPx !== original.widthPx || mask.heightPx !== original.heightPx) {
		throw new GlassworksError("engine_invalid", "The mask must have the size of the original.");
	}
	const box = window ?? { left: 0, top: 0, widthPx: original.widthPx, heightPx: original.heightPx };
	if (box.left + box.widthPx > original.widthPx || box.top + box.heightPx > original.heightPx) {
		throw new GlassworksError("engine_invalid", "The window must lie inside the original.");
	}
	blendInto(original, await resize(await decode(inputs.image), box.widthPx, box.heightPx), mask, box);
	return encodePixels(original);
}

/**
 * Mixes `edit`, which lies at `box`, into `original` in place. Where the mask is 0 not a byte changes, transparency included.
 * A transparent pixel takes colour only to the extent that it becomes solid (the edit is solid everywhere).
 */
export function blendInto(original: RawPixels, edit: RawImage, mask: RawPlane, box: PixelBox): void {
	const { pixels, channels, widthPx } = original;
	for (let y = 0; y < box.heightPx; y++) {
		for (let x = 0; x < box.widthPx; x++) {
			const at = (box.top + y) * widthPx + box.left + x;
			const share = (mask.values[at] ?? 0) / 255;
			if (share === 0) continue;
			const to = at * channels;
			const from = (y * box.widthPx + x) * 3;
			const solid = channels === 4 ? (pixels[to + 3] ?? 0) / 255 : 1;
			const becomes = share + (1 - share) * solid;
			const part = share / becomes;
			for (let channel = 0; channel < 3; channel++) {
				pixels[to + channel] = Math.round(part * (edit.rgb[from + channel] ?? 0) + (1 - part) * (pixels[to + channel] ?? 0));
			}
			if (channels === 4) pixels[to + 3] = Math.round(becomes * 255);
		}
	}
}

/** Brings a picture to a size, transparency kept. Bars of `contain` are transparent where the picture has transparency, else white. */
export async function resizePicture(image: Uint8Array, { widthPx, heightPx, fit }: StepParams<"resize">): Promise<Picture> {
	const pixels = await decodePixels(image);
	const background = { r: 255, g: 255, b: 255, alpha: pixels.channels === 4 ? 0 : 1 };
	const raw = { width: pixels.widthPx, height: pixels.heightPx, channels: pixels.channels };
	const scaled = sharp(pixels.pixels, { raw }).resize({ width: widthPx, height: heightPx, fit, background, kernel: "lanczos3" });
	const { data } = await scaled.raw().toBuffer({ resolveWithObject: true });
	return encodePixels({ widthPx, heightPx, channels: pixels.channels, pixels: data });
}
