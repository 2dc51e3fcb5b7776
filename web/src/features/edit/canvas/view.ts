import type { Rect, Size } from "./rect.ts";

/** Where the picture lies in the stage: a place of it times `scale`, plus `x` or `y`, in CSS pixels. */
export interface View {
	scale: number;
	x: number;
	y: number;
}
export interface Point {
	x: number;
	y: number;
}

const maxScale = 32;
/** Smaller than this share of what fits is of no use. */
const minShare = 0.5;

export const toPicture = ({ scale, x, y }: View, point: Point): Point => ({ x: (point.x - x) / scale, y: (point.y - y) / scale });
export const toStage = ({ scale, x, y }: View, point: Point): Point => ({ x: point.x * scale + x, y: point.y * scale + y });

export const rectToStage = ({ scale, x, y }: View, rect: Rect): Rect => ({
	left: rect.left * scale + x,
	top: rect.top * scale + y,
	right: rect.right * scale + x,
	bottom: rect.bottom * scale + y,
});

/** All of `world` (in the picture's pixels) in the middle of the stage; small pictures are enlarged, up to four times. */
export function fit(world: Rect, stage: Size, paddingPx: number): View {
	const [width, height] = [world.right - world.left, world.bottom - world.top];
	const room = { width: Math.max(40, stage.width - 2 * paddingPx), height: Math.max(40, stage.height - 2 * paddingPx) };
	const scale = Math.min(4, room.width / width, room.height / height);
	return {
		scale,
		x: (stage.width - width * scale) / 2 - world.left * scale,
		y: (stage.height - height * scale) / 2 - world.top * scale,
	};
}

/** `by` times as large, with what lies at `at` (of the stage) staying there. */
export function zoomAt(view: View, at: Point, by: number, fitted: number): View {
	const scale = Math.min(maxScale, Math.max(Math.min(1, fitted) * minShare, view.scale * by));
	const ratio = scale / view.scale;
	return { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

/** Moved, with at least `keepPx` of the picture left in sight. */
export function keepInSight(view: View, world: Rect, stage: Size, keepPx = 48): View {
	const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value, Math.min(least, most)), Math.max(least, most));
	return {
		scale: view.scale,
		x: clamp(view.x, keepPx - world.right * view.scale, stage.width - keepPx - world.left * view.scale),
		y: clamp(view.y, keepPx - world.bottom * view.scale, stage.height - keepPx - world.top * view.scale),
	};
}
