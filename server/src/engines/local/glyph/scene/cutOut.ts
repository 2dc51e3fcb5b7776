import { GlassworksError } from "../../../../domain/errors.ts";
import type { RawPixels } from "../../canvas.ts";
import type { OnnxRun } from "../../runtime/types.ts";
import { type GlyphPlanes, glyphSidePx } from "../sample.ts";

/** What is less solid than this is not looked at when a drawing is trimmed; in 255ths. */
const leastAlpha = 40;
const pixelCount = glyphSidePx ** 2;

/** The smallest part with all that can be seen in it; the whole where nothing can. */
function trim({ widthPx, heightPx, pixels }: RawPixels): RawPixels {
	let [left, top, right, bottom] = [widthPx, heightPx, -1, -1];
	for (let at = 0; at < widthPx * heightPx; at++) {
		if ((pixels[4 * at + 3] ?? 0) <= leastAlpha) continue;
		const [x, y] = [at % widthPx, Math.floor(at / widthPx)];
		[left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
	}
	if (right < 0) return { widthPx, heightPx, channels: 4, pixels };
	const [width, height] = [right - left + 1, bottom - top + 1];
	const part = new Uint8Array(4 * width * height);
	for (let y = 0; y < height; y++) {
		const from = 4 * ((top + y) * widthPx + left);
		part.set(pixels.subarray(from, from + 4 * width), 4 * y * width);
	}
	return { widthPx: width, heightPx: height, channels: 4, pixels: part };
}

/**
 * A drawing without the white paper around it, also where the thing itself is white. The white that shone through its edges is taken out of their colours.
 * @throws {GlassworksError} `model_missing`
 */
export async function cutOut(run: OnnxRun, file: string, drawn: GlyphPlanes): Promise<RawPixels> {
	const { alpha } = await run(file, { drawn: { data: drawn, dims: [1, 3, glyphSidePx, glyphSidePx] } });
	if (alpha?.data.length !== pixelCount) {
		throw new GlassworksError("model_missing", "scene-cut.onnx is not the network it should be: run `glassworks models verify`.");
	}
	const pixels = new Uint8ClampedArray(4 * pixelCount);
	for (let at = 0; at < pixelCount; at++) {
		const solid = alpha.data[at] ?? 0;
		for (let channel = 0; channel < 3; channel++) {
			const seen = ((drawn[channel * pixelCount + at] ?? 0) + 1) / 2;
			pixels[4 * at + channel] = (255 * (seen - (1 - solid))) / Math.max(solid, 0.05);
		}
		pixels[4 * at + 3] = 255 * solid;
	}
	return trim({ widthPx: glyphSidePx, heightPx: glyphSidePx, channels: 4, pixels: new Uint8Array(pixels.buffer) });
}
