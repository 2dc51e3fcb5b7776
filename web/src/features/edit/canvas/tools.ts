import type { Command } from "./commands.ts";
import type { Rect } from "./rect.ts";

/** A place in the picture's pixels; `pressure` is 0 to 1, and 1 for whatever does not feel any. */
export interface ToolPoint {
	x: number;
	y: number;
	pressure: number;
}

/** What a tool is doing, for the screen alone. */
export type Draft =
	| { kind: "stroke"; erase: boolean; dabs: readonly number[] }
	| { kind: "outline"; points: readonly number[]; closed: boolean }
	| null;

/** Idle until `down`, then at work until `up` or `cancel`. Only `up` gives a command, and one at most. */
export interface Tool {
	readonly draft: Draft;
	down(point: ToolPoint): void;
	move(point: ToolPoint): void;
	up(): Command | null;
	cancel(): void;
}

export const toolNames = ["brush", "eraser", "lasso", "rectangle"] as const;
export type ToolName = (typeof toolNames)[number];

export interface ToolSettings {
	erase: boolean;
	/** Diameter at full pressure, in the picture's pixels. */
	sizePx: number;
}

/** A disc thinner than this may cover no pixel's middle. */
const leastRadius = 0.75;
/** Quarters of a pixel are fine enough, and short when stored. */
const rounded = (value: number) => Math.round(value * 4) / 4;

/** Paints along the way; the pen's pressure makes it thinner, down to a fifth. */
export function brush({ erase, sizePx }: ToolSettings): Tool {
	let dabs: number[] | null = null;
	const radiusAt = (pressure: number) => Math.max(leastRadius, (sizePx / 2) * (0.2 + 0.8 * pressure));
	const add = ({ x, y, pressure }: ToolPoint) => dabs?.push(rounded(x), rounded(y), rounded(radiusAt(pressure)));
	return {
		get draft(): Draft {
			return dabs && { kind: "stroke", erase, dabs };
		},
		down(point) {
			dabs = [];
			add(point);
		},
		move(point) {
			if (!dabs) return;
			const [x = 0, y = 0, radius = 0] = dabs.slice(-3);
			const isNear = Math.hypot(point.x - x, point.y - y) < Math.max(0.5, radius / 10);
			if (!isNear) add(point);
		},
		up() {
			const made = dabs;
			dabs = null;
			return made && { kind: "stroke", erase, dabs: made };
		},
		cancel() {
			dabs = null;
		},
	};
}

/** What is drawn around is marked. */
export function lasso({ erase }: ToolSettings): Tool {
	let points: number[] | null = null;
	return {
		get draft(): Draft {
			return points && { kind: "outline", points, closed: false };
		},
		down({ x, y }) {
			points = [rounded(x), rounded(y)];
		},
		move({ x, y }) {
			if (!points) return;
			const [lastX = 0, lastY = 0] = points.slice(-2);
			if (Math.hypot(x - lastX, y - lastY) >= 1) points.push(rounded(x), rounded(y));
		},
		up() {
			const made = points;
			points = null;
			return made && made.length >= 6 ? { kind: "polygon", erase, points: made } : null;
		},
		cancel() {
			points = null;
		},
	};
}

/** From corner to corner, whole pixels. */
export function rectangle({ erase }: ToolSettings): Tool {
	let from: ToolPoint | null = null;
	let to: ToolPoint | null = null;
	const rect = (): Rect | null =>
		from &&
		to && {
			left: Math.round(Math.min(from.x, to.x)),
			top: Math.round(Math.min(from.y, to.y)),
			right: Math.round(Math.max(from.x, to.x)),
			bottom: Math.round(Math.max(from.y, to.y)),
		};
	const stop = () => {
		from = null;
		to = null;
	};
	return {
		get draft(): Draft {
			const shown = rect();
			if (!shown) return null;
			const { left, top, right, bottom } = shown;
			return { kind: "outline", points: [left, top, right, top, right, bottom, left, bottom], closed: true };
		},
		down(point) {
			from = point;
			to = point;
		},
		move(point) {
			if (from) to = point;
		},
		up() {
			const made = rect();
			stop();
			return made && made.left < made.right && made.top < made.bottom ? { kind: "rectangle", erase, rect: made } : null;
		},
		cancel: stop,
	};
}

export function createTool(name: ToolName, settings: ToolSettings): Tool {
	if (name === "lasso") return lasso(settings);
	if (name === "rectangle") return rectangle(settings);
	return brush({ ...settings, erase: settings.erase || name === "eraser" });
}
