import { expect, it } from "vitest";
import { boxAround, boxOf, cutImage, cutPlane, pasteInside } from "./window.ts";

const plane = (widthPx: number, heightPx: number, marked: readonly [number, number][]) => {
	const values = new Uint8Array(widthPx * heightPx);
	for (const [x, y] of marked) values[y * widthPx + x] = 1;
	return { widthPx, heightPx, values };
};

it("the box of a mask touches its outermost pixels, and an empty mask has none", () => {
	const marked: [number, number][] = [
		[2, 5],
		[7, 1],
	];
	expect(boxOf(plane(10, 8, marked))).toEqual({ left: 2, top: 1, widthPx: 6, heightPx: 5 });
	expect(boxOf(plane(10, 8, [[9, 7]]))).toEqual({ left: 9, top: 7, widthPx: 1, heightPx: 1 });
	expect(boxOf(plane(10, 8, []))).toBeNull();
});

it("a box around another stays within the picture and holds it", () => {
	const inner = { left: 90, top: 0, widthPx: 10, heightPx: 20 };
	expect(boxAround(inner, { widthPx: 40, heightPx: 30 }, { widthPx: 100, heightPx: 50 })).toEqual({
		left: 60,
		top: 0,
		widthPx: 40,
		heightPx: 30,
	});
	expect(boxAround(inner, { widthPx: 400, heightPx: 30 }, { widthPx: 100, heightPx: 50 })).toMatchObject({ left: 0, widthPx: 100 });
});

it("a part cut out and pasted back changes only what the mask marks", () => {
	const rgb = Uint8Array.from({ length: 4 * 3 * 3 }, (_, at) => at);
	const image = { widthPx: 4, heightPx: 3, rgb };
	const box = { left: 1, top: 1, widthPx: 2, heightPx: 2 };
	const mask = plane(4, 3, [
		[1, 1],
		[3, 2],
	]);
	expect([...cutImage(image, box).rgb]).toEqual([15, 16, 17, 18, 19, 20, 27, 28, 29, 30, 31, 32]);
	expect([...cutPlane(mask, box).values]).toEqual([1, 0, 0, 0]);
	const pasted = pasteInside(image, { widthPx: 2, heightPx: 2, rgb: new Uint8Array(12).fill(200) }, mask, box);
	expect([...pasted.rgb]).toEqual([...rgb].map((value, at) => (at >= 15 && at < 18 ? 200 : value)));
});
