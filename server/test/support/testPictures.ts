import sharp, { type Sharp } from "sharp";
import type { Picture } from "../../src/domain/ports.ts";

/** Shapes of SVG on nothing. */
export function drawShapes(widthPx: number, heightPx: number, shapes: string): Sharp {
	return sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}">${shapes}</svg>`));
}

/** Shapes on black: white ones make a mask. */
export function drawOnBlack(widthPx: number, heightPx: number, shapes: string): Sharp {
	return drawShapes(widthPx, heightPx, `<rect width="100%" height="100%"/>${shapes}`).removeAlpha();
}

/** As PNG, as an engine takes it. */
export async function toPicture(source: Sharp): Promise<Picture> {
	const { data, info } = await source.png().toBuffer({ resolveWithObject: true });
	return { bytes: new Uint8Array(data), mediaType: "image/png", widthPx: info.width, heightPx: info.height };
}

/** One colour, opaque. */
export function plainPicture(widthPx: number, heightPx: number, background = "#7a8ea0"): Promise<Picture> {
	return toPicture(sharp({ create: { width: widthPx, height: heightPx, channels: 3, background } }));
}
