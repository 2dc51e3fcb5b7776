import type { Picture } from "../ports.ts";

/** A part of a picture, in its pixels. */
export interface PixelBox {
	left: number;
	top: number;
	widthPx: number;
	heightPx: number;
}

export interface Margins {
	left: number;
	top: number;
	right: number;
	bottom: number;
}

export type Point = readonly [x: number, y: number];

/** Which channel of a picture says where to repaint. auto: how solid it is, where that differs and the colour does not; else how light. */
export const maskChannels = ["auto", "alpha", "luminance"] as const;
export type MaskChannel = (typeof maskChannels)[number];

/**
 * Where a mask comes from. `file`: light, or solid, parts of a picture of the same shape. `alpha`: the clear parts of the picture itself.
 * `polygons`: what is inside any of them, in pixels. `border`: all but the middle that these margins leave.
 */
export type MaskSource =
	| { kind: "file"; channel: MaskChannel }
	| { kind: "alpha" }
	| { kind: "polygons"; polygons: readonly (readonly Point[])[] }
	| { kind: "border"; margins: Margins };

export interface MaskRequest {
	source: MaskSource;
	/** Repaint what the source keeps, keep what it repaints. */
	invert: boolean;
	/** Of the picture it is for. */
	widthPx: number;
	heightPx: number;
	/** Farther in every direction; below zero: less far. */
	growPx: number;
	/** Beyond that, how far the edit fades into the picture: by a Gaussian of a third of it, and not a pixel farther. */
	featherPx: number;
}

/** One channel, 8 bits: 255 takes the edit, 0 keeps the picture to the bit. */
export interface MaskPicture {
	picture: Picture;
	/** Around everything that is not 0; null: all is. */
	box: PixelBox | null;
	/** Nothing is 0. */
	isFull: boolean;
}

export const maxGrowPx = 200;
export const maxFeatherPx = 200;

/** Points given as parts of the picture's sides (all between 0 and 1) in its pixels; other points as they are. */
export function polygonsInPixels(
	polygons: readonly (readonly Point[])[],
	{ widthPx, heightPx }: { widthPx: number; heightPx: number },
): Point[][] {
	const areParts = polygons.every((polygon) => polygon.every(([x, y]) => x >= 0 && x <= 1 && y >= 0 && y <= 1));
	const [across, down] = areParts ? [widthPx, heightPx] : [1, 1];
	return polygons.map((polygon) => polygon.map(([x, y]) => [x * across, y * down]));
}

interface Size {
	widthPx: number;
	heightPx: number;
}

/** Whether one picture is the other scaled, to within a pixel of the smaller. */
export function hasShapeOf(mask: Size, picture: Size): boolean {
	const [small, large] = mask.widthPx <= picture.widthPx ? [mask, picture] : [picture, mask];
	return Math.abs((small.widthPx * large.heightPx) / large.widthPx - small.heightPx) < 1;
}
