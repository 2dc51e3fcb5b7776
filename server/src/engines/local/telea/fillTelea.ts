import { GlassworksError } from "../../../domain/errors.ts";
import type { RawPlane } from "../canvas.ts";
import type { RawImage } from "../runtime/types.ts";
import { boxAround, boxOf, cutImage, cutPlane, pasteInside } from "../window.ts";
import { forgetOpenCv, loadOpenCv, type Mat, type OpenCv } from "./opencv.ts";

/** How far around each pixel colours are taken from. */
const radiusPx = 5;
/** Beyond the mask only this much is ever looked at; the rest of a large picture never enters OpenCV. */
const marginPx = 2 * radiusPx;

/**
 * Continues the surroundings into the mask (1 = fill) by Telea's fast marching method (2004), as OpenCV has it: right for spots, wires,
 * dates and things on plain grounds; large textured areas come out smooth. Outside the mask the result equals `image` to the byte.
 * @throws {GlassworksError} engine_invalid when nothing is left to continue from; out_of_memory
 */
export async function fillTelea(image: RawImage, mask: RawPlane): Promise<RawImage> {
	const box = boxOf(mask);
	if (!box) return image;
	if (!mask.values.includes(0))
		throw new GlassworksError("engine_invalid", "The mask covers the whole picture: nothing is left to continue from.");
	const size = { widthPx: box.widthPx + 2 * marginPx, heightPx: box.heightPx + 2 * marginPx };
	const around = boxAround(box, size, image);
	const { cv } = await loadOpenCv();
	const part = cutImage(image, around);
	const holes = cutPlane(mask, around);
	return pasteInside(image, inpaint(cv, part, holes), mask, around);
}

function inpaint(cv: OpenCv, { widthPx, heightPx, rgb }: RawImage, holes: RawPlane): RawImage {
	const mats: Mat[] = [];
	const keep = (mat: Mat) => {
		mats.push(mat);
		return mat;
	};
	try {
		const source = keep(new cv.Mat(heightPx, widthPx, cv.CV_8UC3));
		const mask = keep(new cv.Mat(heightPx, widthPx, cv.CV_8UC1));
		const target = keep(new cv.Mat());
		source.data.set(rgb);
		mask.data.set(holes.values);
		cv.inpaint(source, mask, target, radiusPx, cv.INPAINT_TELEA);
		return { widthPx, heightPx, rgb: new Uint8Array(target.data) };
	} catch {
		// OpenCV throws addresses into its memory instead of errors; with checked inputs, only memory can be the reason.
		forgetOpenCv();
		throw new GlassworksError("out_of_memory", "There was not enough memory to fill an area of this size.");
	} finally {
		for (const mat of mats) mat.delete();
	}
}
