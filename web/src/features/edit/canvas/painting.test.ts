import { expect, test } from "vitest";
import { Painting } from "./painting.ts";
import { type Rect, wholeOf } from "./rect.ts";
import { feather } from "./spread.ts";
import { createTool } from "./tools.ts";

const at = (x: number, y: number) => ({ x, y, pressure: 1 });
const stroke = { erase: false, sizePx: 6 };
function open(featherPx = 0) {
	const changes: { dirty: Rect; of: string }[] = [];
	return { changes, painting: new Painting({ width: 100, height: 80 }, [], featherPx, (dirty, of) => changes.push({ dirty, of })) };
}

test("the mask stays as it is while a stroke is drawn, and takes exactly what was shown when it ends", () => {
	const { painting, changes } = open();
	painting.begin(createTool("brush", stroke), at(20, 20));
	painting.move([at(40, 30), at(60, 20)]);
	expect(painting.mask.values.includes(1)).toBe(false);
	const shown = painting.overlay.draft?.slice();
	painting.end();
	expect(painting.mask.values).toEqual(shown);
	expect(painting.overlay.draft).toBeNull();
	expect(painting.commands).toHaveLength(1);
	expect(changes.filter(({ of }) => of === "mask")).toHaveLength(1);
});

test("each move asks for a redraw of its own part only", () => {
	const { painting, changes } = open();
	painting.begin(createTool("brush", stroke), at(20, 20));
	changes.length = 0;
	painting.move([at(50, 20)]);
	painting.move([at(80, 20)]);
	expect(changes).toEqual([
		{ dirty: { left: 17, top: 17, right: 53, bottom: 23 }, of: "draft" },
		{ dirty: { left: 47, top: 17, right: 83, bottom: 23 }, of: "draft" },
	]);
});

test("a stroke that is taken back leaves no trace, also none for the next one", () => {
	const { painting } = open();
	painting.begin(createTool("brush", stroke), at(20, 20));
	painting.move([at(60, 60)]);
	painting.cancel();
	expect([painting.mask.values.includes(1), painting.canUndo]).toEqual([false, false]);
	painting.begin(createTool("brush", stroke), at(70, 10));
	painting.end();
	expect(painting.box).toEqual({ left: 67, top: 7, right: 73, bottom: 13 });
});

test("the feather follows the mask through undo, and goes when it is set to nothing", () => {
	const { painting } = open(5);
	const all = () => {
		while (painting.featherSome());
	};
	painting.run({ kind: "rectangle", erase: false, rect: { left: 30, top: 30, right: 40, bottom: 40 } });
	all();
	expect(painting.overlay.soft?.[35 * 100 + 42]).toBeGreaterThan(0);
	expect(painting.overlay.soft?.[35 * 100 + 45]).toBe(0);
	painting.undo();
	all();
	expect(painting.overlay.soft?.some((value) => value > 0)).toBe(false);
	painting.setFeather(0);
	expect(painting.overlay.soft).toBeNull();
});

test("a large mask is feathered strip by strip, and comes out as if it were at once", () => {
	const size = { width: 1_200, height: 900 };
	const painting = new Painting(size, [], 6, () => {});
	painting.run({ kind: "stroke", erase: false, dabs: [100, 100, 40, 1_100, 800, 40] });
	let strips = 0;
	while (painting.featherSome()) strips++;
	expect(strips).toBeGreaterThan(1);
	const fresh = new Uint8Array(size.width * size.height);
	feather(painting.mask, fresh, wholeOf(size), 6);
	expect(painting.overlay.soft).toEqual(fresh);
});
