import { uniform } from "../noise.ts";
import type { Relation } from "./words.ts";

/** Scenes are squares of this side. */
export const sceneSidePx = 128;

/** What is to be placed: things as many times as they are wanted. */
export interface LayoutItem {
	readonly count: number;
	readonly size: number;
	/** Height by width of what is drawn. */
	readonly aspect: number;
	/** Whether it hangs in the air where there is a sky. */
	readonly airborne: boolean;
}

export interface LayoutRequest {
	readonly items: readonly LayoutItem[];
	/** How each item but the last lies to the next. */
	readonly relations: readonly Relation[];
	/** Whether there is a ground to stand on. */
	readonly landscape: boolean;
	readonly seed: number;
}

/** Where one instance of an item goes, in pixels of the scene. */
export interface Place {
	readonly item: number;
	readonly left: number;
	readonly top: number;
	readonly widthPx: number;
	readonly heightPx: number;
	/** Whether it stands on the ground, which it darkens. */
	readonly grounded: boolean;
}

/** Items over each other, the top one first. */
interface Row {
	readonly item: number;
	/** How it lies to the row below; null for the lowest. */
	readonly toNext: Relation | null;
}
type Column = readonly Row[];

/** Between columns, and between what hangs and what is below it; in units of an item's longer side. */
const columnGap = 0.14;
const airGap = 0.22;
/** How far what stands on something reaches into it: drawings have round tops. */
const sunk = 0.07;
/** What stands behind something shows above it. */
const peeking = 0.62;
const marginPx = 4;
const largestPx = { landscape: 66, plain: 84 };
/** Lower edge of what stands in a landscape, at most, and how much higher some of it may stand. */
const standingPx = 113;
const unevenPx = 3;
const seedOffset = 2_000_000;

/** Columns from left to right. What only stands beside something takes the side that the seed says. */
function columnsOf({ items, relations, seed }: LayoutRequest): Column[] {
	const columns: Row[][] = [[{ item: 0, toNext: null }]];
	let [at, row] = [0, 0];
	for (const [index, relation] of relations.slice(0, items.length - 1).entries()) {
		const item = index + 1;
		if (relation === "beside" || relation === "left" || relation === "right") {
			const toRight = relation === "left" || (relation === "beside" && uniform(seed, seedOffset + index) < 0.5);
			columns.splice(toRight ? at + 1 : at, 0, [{ item, toNext: null }]);
			at = toRight ? at + 1 : at;
			row = 0;
			continue;
		}
		const column = columns[at] ?? [];
		const mine = column[row];
		if (!mine) continue;
		// "Below" and "before" turned round: the upper, or farther, row says how it lies to the next.
		if (relation === "below" || relation === "before") {
			column.splice(row, 0, { item, toNext: relation === "below" ? "above" : "behind" });
		} else {
			column.splice(row, 1, { ...mine, toNext: relation }, { item, toNext: mine.toNext });
			row++;
		}
	}
	return columns;
}

/** One instance, relative to the row's left lower corner; y upwards. */
interface Slot {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

/** Two stand side by side, more in two lines, one shifted. */
function slotsOf({ count, size, aspect }: LayoutItem): Slot[] {
	const width = size * Math.min(1, 1 / aspect);
	const height = size * Math.min(1, aspect);
	const lines = count > 2;
	const pitch = lines ? Math.max(0.62 * width, 0.5 * size) : width + 0.08 * size;
	return Array.from({ length: count }, (_, at) => ({ x: at * pitch, y: lines && at % 2 === 0 ? 0.85 * height : 0, width, height }));
}

const right = (slots: readonly Slot[]) => Math.max(...slots.map(({ x, width }) => x + width));
const top = (slots: readonly Slot[]) => Math.max(...slots.map(({ y, height }) => y + height));

interface PlacedSlot extends Slot {
	readonly item: number;
	readonly grounded: boolean;
}

/** A column's slots, its lower edge at 0 and its middle at 0; what is farther away comes first. */
function stack(column: Column, items: readonly LayoutItem[]): PlacedSlot[] {
	const placed: PlacedSlot[] = [];
	let floor = 0;
	for (const { item, toNext } of [...column].reverse()) {
		const thing = items[item];
		if (!thing) continue;
		const slots = slotsOf(thing);
		const below = placed.length === 0 ? null : toNext;
		const [height, width] = [top(slots), right(slots)];
		if (below === "behind") floor = Math.max(0, floor - (1 - peeking) * height);
		if (below === "on") floor -= sunk;
		if (below === "above") floor += airGap;
		const mine = slots.map((slot) => ({ ...slot, x: slot.x - width / 2, y: slot.y + floor, item, grounded: below === null }));
		if (below === "behind") placed.unshift(...mine);
		else placed.push(...mine);
		floor += height;
	}
	return placed;
}

/** Where every instance goes, the farthest first. Relations hold for every seed; sides left open, sizes and places vary with it. */
export function layOut(request: LayoutRequest): Place[] {
	const { items, landscape, seed } = request;
	const dice = (index: number, low: number, high: number) => low + (high - low) * uniform(seed, seedOffset + 50 + index);
	const stacks = columnsOf(request).map((column) => ({
		slots: stack(column, items),
		inAir: landscape && column.length === 1 && (items[column[0]?.item ?? 0]?.airborne ?? false),
	}));
	const spans = stacks.map(({ slots, inAir }) => {
		const [from, to] = [Math.min(...slots.map(({ x }) => x)), right(slots)];
		return { from, width: (to - from) * (inAir ? 0.7 : 1), height: top(slots) };
	});
	const width = spans.reduce((sum, span) => sum + span.width, 0) + columnGap * (spans.length - 1);
	const highest = Math.max(...spans.map((span) => span.height));
	const lowest = standingPx - dice(1, 0, 5);
	const room = landscape ? lowest - unevenPx - marginPx : sceneSidePx - 2 * marginPx;
	const largest = (landscape ? largestPx.landscape : largestPx.plain) * Math.max(...items.map(({ size }) => Math.min(size, 1.2)));
	const unit = Math.min((sceneSidePx - 2 * marginPx) / width, room / highest, largest) * dice(0, 0.9, 1);
	const base = landscape ? lowest : (sceneSidePx + highest * unit) / 2;
	const free = sceneSidePx - 2 * marginPx - width * unit;
	let left = marginPx + free * dice(2, 0.35, 0.65);
	return stacks.flatMap(({ slots, inAir }, at) => {
		const span = spans[at] ?? { from: 0, width: 0, height: 0 };
		const scale = inAir ? 0.7 * unit : unit;
		const floor = inAir ? marginPx + span.height * scale + dice(3 + at, 0, 12) : base - (landscape ? dice(3 + at, 0, unevenPx) : 0);
		const places = slots.map(({ item, grounded, ...slot }) => ({
			item,
			left: Math.round(left + (slot.x - span.from) * scale),
			top: Math.round(floor - (slot.y + slot.height) * scale),
			widthPx: Math.max(1, Math.round(slot.width * scale)),
			heightPx: Math.max(1, Math.round(slot.height * scale)),
			grounded: landscape && !inAir && grounded,
		}));
		left += (span.width + columnGap) * unit;
		return places;
	});
}
