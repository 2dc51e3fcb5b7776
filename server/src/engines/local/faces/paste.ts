import { alignedPx } from "./align.ts";
import { createSampler } from "./sample.ts";
import { apply, invert, type Similarity } from "./similarity.ts";

/** Over this many aligned pixels the restored face fades into the picture. */
const featherPx = 72;

/** How much of the restored face shows at a point of the aligned square: 0 at its edge and beyond, 1 from the feather inwards. */
export function faceWeight(x: number, y: number): number {
	return fade(Math.min(x, alignedPx - x) / featherPx) * fade(Math.min(y, alignedPx - y) / featherPx);
}

/** Smoothstep: no visible line where the fade begins or ends. */
function fade(t: number): number {
	const clamped = Math.max(0, Math.min(1, t));
	return clamped * clamped * (3 - 2 * clamped);
}

/**
 * Lays an aligned square over the picture it came from, in place, `strength` 0..1 of it. Pixels whose centre lies
 * outside the square keep their bytes.
 */
export function pasteFace(
	picture: { widthPx: number; heightPx: number; rgb: Uint8Array },
	aligned: Float32Array,
	toAligned: Similarity,
	strength: number,
): void {
	const sampler = createSampler({ widthPx: alignedPx, heightPx: alignedPx, rgb: aligned }, toAligned, "mirror");
	const area = coveredArea(picture, invert(toAligned));
	const colour = new Float32Array(3);
	for (let y = area.top; y < area.bottom; y++) {
		for (let x = area.left; x < area.right; x++) {
			const centre = apply(toAligned, { x: x + 0.5, y: y + 0.5 });
			const weight = faceWeight(centre.x, centre.y) * strength;
			if (weight === 0) continue;
			sampler.read(x, y, colour, 0);
			const at = (y * picture.widthPx + x) * 3;
			for (let channel = 0; channel < 3; channel++) {
				const before = picture.rgb[at + channel] ?? 0;
				picture.rgb[at + channel] = Math.round(Math.max(0, Math.min(255, before + weight * ((colour[channel] ?? 0) - before))));
			}
		}
	}
}

/** Rows and columns of the picture that the aligned square may touch. */
function coveredArea(picture: { widthPx: number; heightPx: number }, toPicture: Similarity) {
	const corners = [0, alignedPx].flatMap((x) => [0, alignedPx].map((y) => apply(toPicture, { x, y })));
	const clamp = (value: number, max: number) => Math.max(0, Math.min(max, value));
	return {
		left: clamp(Math.floor(Math.min(...corners.map((corner) => corner.x))), picture.widthPx),
		right: clamp(Math.ceil(Math.max(...corners.map((corner) => corner.x))), picture.widthPx),
		top: clamp(Math.floor(Math.min(...corners.map((corner) => corner.y))), picture.heightPx),
		bottom: clamp(Math.ceil(Math.max(...corners.map((corner) => corner.y))), picture.heightPx),
	};
}
