import type { Rect, Size } from "./canvas/rect.ts";

/** Pixels to add on each side of a picture. */
export interface Margins {
	left: number;
	top: number;
	right: number;
	bottom: number;
}
export type Side = keyof Margins;

export const sides = ["left", "top", "right", "bottom"] as const satisfies readonly Side[];
export const noMargins: Margins = { left: 0, top: 0, right: 0, bottom: 0 };
export const maxMarginPx = 4_096;

export const isExtended = (margins: Margins): boolean => sides.some((side) => margins[side] > 0);

/** The picture and what is added, in the picture's pixels. */
export function extendedRect({ width, height }: Size, { left, top, right, bottom }: Margins): Rect {
	return { left: -left, top: -top, right: width + right, bottom: height + bottom };
}

export function clampMargin(px: number): number {
	return Math.min(maxMarginPx, Math.max(0, Math.round(px)));
}

export const aspects = ["1:1", "4:3", "3:4", "16:9", "9:16"] as const;
export type Aspect = (typeof aspects)[number];

const ratioOf = (aspect: Aspect): number => {
	const [across = 1, down = 1] = aspect.split(":").map(Number);
	return across / down;
};

/** The least that gives the picture this shape, half on each side. */
export function marginsFor(aspect: Aspect, { width, height }: Size): Margins {
	const ratio = ratioOf(aspect);
	const across = Math.min(2 * maxMarginPx, Math.max(0, Math.round(height * ratio) - width));
	const down = Math.min(2 * maxMarginPx, Math.max(0, Math.round(width / ratio) - height));
	return { left: Math.floor(across / 2), right: Math.ceil(across / 2), top: Math.floor(down / 2), bottom: Math.ceil(down / 2) };
}

/** The shape that the extended picture has, to a pixel; null: none of ours. */
export function aspectOf(size: Size, margins: Margins): Aspect | null {
	const width = size.width + margins.left + margins.right;
	const height = size.height + margins.top + margins.bottom;
	return aspects.find((aspect) => Math.abs(height * ratioOf(aspect) - width) <= 1) ?? null;
}
