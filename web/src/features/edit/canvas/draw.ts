import type { Mask } from "./mask.ts";
import { intersect, outward, type Rect, wholeOf, widen } from "./rect.ts";

/** A place in a picture's pixels, and how wide the brush is there. */
export interface Dab {
	x: number;
	y: number;
	radius: number;
}

/** Sets the pixels of a row whose middles lie from `from` to `to`. */
function fillRow({ values, width }: Mask, y: number, from: number, to: number, clip: Rect, value: number): void {
	const left = Math.max(clip.left, Math.ceil(from - 0.5));
	const right = Math.min(clip.right, Math.floor(to - 0.5) + 1);
	if (left < right) values.fill(value, y * width + left, y * width + right);
}

export function drawRectangle(mask: Mask, rect: Rect, clip: Rect, value: number): void {
	const { top, bottom, left, right } = intersect(rect, clip);
	for (let y = top; y < bottom; y++) if (left < right) mask.values.fill(value, y * mask.width + left, y * mask.width + right);
}

export function segmentBounds(from: Dab, to: Dab): Rect {
	const radius = Math.max(from.radius, to.radius);
	const line = { left: Math.min(from.x, to.x), top: Math.min(from.y, to.y), right: Math.max(from.x, to.x), bottom: Math.max(from.y, to.y) };
	return outward(widen(line, radius));
}

/** The hull of two discs: what a round brush covers on its straight way from one to the other. */
export function drawSegment(mask: Mask, from: Dab, to: Dab, clip: Rect, value: number): void {
	const area = intersect(segmentBounds(from, to), intersect(clip, wholeOf(mask)));
	const sides = tangents(from, to);
	for (let y = area.top; y < area.bottom; y++) {
		const middle = y + 0.5;
		let least = Number.POSITIVE_INFINITY;
		let most = Number.NEGATIVE_INFINITY;
		for (const { x, y: centre, radius } of [from, to]) {
			const squared = radius * radius - (middle - centre) ** 2;
			if (squared < 0) continue;
			const half = Math.sqrt(squared);
			least = Math.min(least, x - half);
			most = Math.max(most, x + half);
		}
		for (const [x1, y1, x2, y2] of sides) {
			if (middle < Math.min(y1, y2) || middle > Math.max(y1, y2)) continue;
			const x = y1 === y2 ? x1 : x1 + ((middle - y1) / (y2 - y1)) * (x2 - x1);
			least = Math.min(least, x, y1 === y2 ? x2 : x);
			most = Math.max(most, x, y1 === y2 ? x2 : x);
		}
		if (least <= most) fillRow(mask, y, least, most, area, value);
	}
}

/** The two lines that touch both discs from outside; none where one disc holds the other. */
function tangents(from: Dab, to: Dab): [x1: number, y1: number, x2: number, y2: number][] {
	const distance = Math.hypot(to.x - from.x, to.y - from.y);
	if (distance <= Math.abs(from.radius - to.radius)) return [];
	const direction = Math.atan2(to.y - from.y, to.x - from.x);
	const turn = Math.acos((from.radius - to.radius) / distance);
	return [direction + turn, direction - turn].map((angle) => {
		const [across, down] = [Math.cos(angle), Math.sin(angle)];
		return [from.x + from.radius * across, from.y + from.radius * down, to.x + to.radius * across, to.y + to.radius * down];
	});
}

/** A closed shape, `x, y, x, y, ...`; what it goes around more than once stays inside. */
export function drawPolygon(mask: Mask, points: readonly number[], clip: Rect, value: number): void {
	const area = intersect(polygonBounds(points), intersect(clip, wholeOf(mask)));
	for (let y = area.top; y < area.bottom; y++) {
		let winding = 0;
		let start = 0;
		for (const { x, turn } of crossings(points, y + 0.5)) {
			if (winding === 0) start = x;
			winding += turn;
			if (winding === 0) fillRow(mask, y, start, x, area, value);
		}
	}
}

export function polygonBounds(points: readonly number[]): Rect {
	const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
	for (let at = 0; at < points.length; at += 2) {
		const [x = 0, y = 0] = [points[at], points[at + 1]];
		bounds.left = Math.min(bounds.left, x);
		bounds.top = Math.min(bounds.top, y);
		bounds.right = Math.max(bounds.right, x);
		bounds.bottom = Math.max(bounds.bottom, y);
	}
	return outward(bounds);
}

function crossings(points: readonly number[], line: number): { x: number; turn: 1 | -1 }[] {
	const found: { x: number; turn: 1 | -1 }[] = [];
	let [fromX = 0, fromY = 0] = points.slice(-2);
	for (let at = 0; at < points.length; at += 2) {
		const [x = 0, y = 0] = [points[at], points[at + 1]];
		if (fromY <= line !== y <= line) found.push({ x: fromX + ((line - fromY) / (y - fromY)) * (x - fromX), turn: fromY <= line ? 1 : -1 });
		fromX = x;
		fromY = y;
	}
	return found.sort((a, b) => a.x - b.x);
}
