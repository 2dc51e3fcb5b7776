/** Whole pixels; `right` and `bottom` are the first beyond. */
export interface Rect {
	left: number;
	top: number;
	right: number;
	bottom: number;
}
export interface Size {
	width: number;
	height: number;
}

export const wholeOf = ({ width, height }: Size): Rect => ({ left: 0, top: 0, right: width, bottom: height });
export const isEmpty = ({ left, top, right, bottom }: Rect): boolean => right <= left || bottom <= top;

export function union(a: Rect | null, b: Rect | null): Rect | null {
	if (!a || isEmpty(a)) return b;
	if (!b || isEmpty(b)) return a;
	return {
		left: Math.min(a.left, b.left),
		top: Math.min(a.top, b.top),
		right: Math.max(a.right, b.right),
		bottom: Math.max(a.bottom, b.bottom),
	};
}

export function intersect(a: Rect, b: Rect): Rect {
	return {
		left: Math.max(a.left, b.left),
		top: Math.max(a.top, b.top),
		right: Math.min(a.right, b.right),
		bottom: Math.min(a.bottom, b.bottom),
	};
}

export function widen({ left, top, right, bottom }: Rect, by: number): Rect {
	return { left: left - by, top: top - by, right: right + by, bottom: bottom + by };
}

/** The smallest with whole pixels. */
export function outward({ left, top, right, bottom }: Rect): Rect {
	return { left: Math.floor(left), top: Math.floor(top), right: Math.ceil(right), bottom: Math.ceil(bottom) };
}
