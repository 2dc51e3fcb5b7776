import { type Dab, drawPolygon, drawRectangle, drawSegment, polygonBounds, segmentBounds } from "./draw.ts";
import { type Mask, writeRuns } from "./mask.ts";
import { intersect, isEmpty, type Rect, type Size, union, wholeOf } from "./rect.ts";
import { grow } from "./spread.ts";

/** One thing done to a mask. Plain data in the picture's pixels: it is kept, replayed and stored. */
export type Command =
	/** `x, y, radius` by threes. */
	| { kind: "stroke"; erase: boolean; dabs: readonly number[] }
	/** `x, y` by twos. */
	| { kind: "polygon"; erase: boolean; points: readonly number[] }
	| { kind: "rectangle"; erase: boolean; rect: Rect }
	| { kind: "invert" }
	| { kind: "clear" }
	/** Pixels; below zero shrinks. */
	| { kind: "grow"; by: number }
	/** See `toRuns`. */
	| { kind: "import"; runs: readonly number[] };

const dabAt = (dabs: readonly number[], at: number): Dab => ({ x: dabs[at] ?? 0, y: dabs[at + 1] ?? 0, radius: dabs[at + 2] ?? 0 });

/** The straight parts of a stroke; one that is a single dab has one. */
export function segmentsOf(dabs: readonly number[]): [from: Dab, to: Dab][] {
	const segments: [Dab, Dab][] = dabs.length === 3 ? [[dabAt(dabs, 0), dabAt(dabs, 0)]] : [];
	for (let at = 3; at < dabs.length; at += 3) segments.push([dabAt(dabs, at - 3), dabAt(dabs, at)]);
	return segments;
}

/** Where a command may change something. */
export function boundsOf(command: Command, size: Size): Rect {
	const whole = wholeOf(size);
	switch (command.kind) {
		case "stroke": {
			const all = segmentsOf(command.dabs).reduce<Rect | null>((so, [from, to]) => union(so, segmentBounds(from, to)), null);
			return intersect(all ?? { left: 0, top: 0, right: 0, bottom: 0 }, whole);
		}
		case "polygon":
			return intersect(polygonBounds(command.points), whole);
		case "rectangle":
			return intersect(command.rect, whole);
		default:
			return whole;
	}
}

/** Does it to `mask`, inside `clip` only; `grow` knows no clip, since it looks around. */
export function apply(mask: Mask, command: Command, clip: Rect): void {
	if (isEmpty(clip)) return;
	switch (command.kind) {
		case "stroke":
			for (const [from, to] of segmentsOf(command.dabs)) drawSegment(mask, from, to, clip, command.erase ? 0 : 1);
			break;
		case "polygon":
			drawPolygon(mask, command.points, clip, command.erase ? 0 : 1);
			break;
		case "rectangle":
			drawRectangle(mask, command.rect, clip, command.erase ? 0 : 1);
			break;
		case "clear":
			drawRectangle(mask, wholeOf(mask), clip, 0);
			break;
		case "invert":
			invert(mask, clip);
			break;
		case "import":
			drawRectangle(mask, wholeOf(mask), clip, 0);
			writeRuns(mask, command.runs, clip);
			break;
		case "grow":
			grow(mask, command.by);
	}
}

function invert({ values, width }: Mask, { left, top, right, bottom }: Rect): void {
	for (let y = top; y < bottom; y++) for (let at = y * width + left; at < y * width + right; at++) values[at] = 1 - (values[at] ?? 0);
}
