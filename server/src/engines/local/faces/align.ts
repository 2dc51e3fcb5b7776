import type { Face } from "../../../domain/workflows/stepParams.ts";
import type { RawImage } from "../runtime/types.ts";
import { sampleSquare } from "./sample.ts";
import { fitSimilarity, invert, type Point, type Similarity, scaleOf } from "./similarity.ts";

/** Side of the square that face networks read and write. */
export const alignedPx = 512;

/** Where the FFHQ photographs, which face networks learnt from, have the eyes, the nose tip and the middle of the mouth. */
const template: readonly Point[] = [
	{ x: 192.98, y: 239.95 },
	{ x: 318.9, y: 240.19 },
	{ x: 256.63, y: 314.02 },
	{ x: 257.18, y: 371.28 },
];

/** A crop of fewer picture pixels than this holds nothing to restore. */
const minCropPx = 8;
/** A crop that reaches this many picture lengths is a mistake, not a face. */
const maxCropToPicture = 8;

/**
 * From picture pixels to the aligned square. Null when the landmarks cannot be a face in this picture: all on one
 * point, or a crop of next to no pixels or many times the picture.
 */
export function alignment(face: Face, image: RawImage): Similarity | null {
	const toAligned = fitSimilarity(face.landmarks, template);
	if (toAligned === null) return null;
	const cropPx = alignedPx / scaleOf(toAligned);
	const longPx = Math.max(image.widthPx, image.heightPx);
	return cropPx >= minCropPx && cropPx <= maxCropToPicture * longPx ? toAligned : null;
}

/** The face upright and centred, interleaved RGB 0..255. Beyond the picture's edge it continues mirrored. */
export function alignFace(image: RawImage, toAligned: Similarity): Float32Array {
	return sampleSquare(image, invert(toAligned), alignedPx, "mirror");
}
