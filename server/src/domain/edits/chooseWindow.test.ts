import { expect, it } from "vitest";
import { chooseWindow } from "./chooseWindow.ts";

const sd = { minSidePx: 256, maxSidePx: 768, usualSidePx: 512, multiplePx: 8 };
const photo = { widthPx: 4_000, heightPx: 3_000 };

it("a small mask in a large picture is painted one to one, with as much around it as the model usually sees", () => {
	const mask = { left: 1_000, top: 1_000, widthPx: 60, heightPx: 40 };
	expect(chooseWindow(mask, photo, sd)).toEqual({
		box: { left: 774, top: 764, widthPx: 512, heightPx: 512 },
		paint: { widthPx: 512, heightPx: 512 },
	});
});

it("a window at the picture's corner lies within the picture", () => {
	const { box } = chooseWindow({ left: 3_990, top: 0, widthPx: 10, heightPx: 10 }, photo, sd);
	expect(box).toEqual({ left: 3_488, top: 0, widthPx: 512, heightPx: 512 });
});

it("a mask larger than the model paints is painted smaller, in shape", () => {
	const { box, paint } = chooseWindow({ left: 0, top: 0, widthPx: 4_000, heightPx: 3_000 }, photo, sd);
	expect(box).toEqual({ left: 0, top: 0, ...photo });
	expect(paint).toEqual({ widthPx: 768, heightPx: 576 });
});

it("a picture below the model's least side is painted larger", () => {
	const { paint } = chooseWindow({ left: 5, top: 5, widthPx: 20, heightPx: 20 }, { widthPx: 100, heightPx: 80 }, sd);
	expect(paint).toEqual({ widthPx: 320, heightPx: 256 });
});

it("whatever the mask and the picture, the window holds the mask and the model can paint it", () => {
	const limits = [
		sd,
		{ minSidePx: 64, maxSidePx: 512, usualSidePx: 256, multiplePx: 1 },
		{ minSidePx: 512, maxSidePx: 1_024, usualSidePx: 1_024, multiplePx: 8 },
	];
	for (let at = 0; at < 3_000; at++) {
		const random = (most: number, salt: number) => 1 + (((at * 2_654_435_761 + salt * 40_503) % 4_294_967_296) % most);
		const picture = { widthPx: random(5_000, 1), heightPx: random(5_000, 2) };
		const [widthPx, heightPx] = [random(picture.widthPx, 3), random(picture.heightPx, 4)];
		const mask = {
			left: random(picture.widthPx - widthPx + 1, 5) - 1,
			top: random(picture.heightPx - heightPx + 1, 6) - 1,
			widthPx,
			heightPx,
		};
		for (const limit of limits) {
			const { box, paint } = chooseWindow(mask, picture, limit);
			const told = JSON.stringify({ picture, mask, limit, box, paint });
			expect(box.left >= 0 && box.left <= mask.left && box.left + box.widthPx <= picture.widthPx, told).toBe(true);
			expect(box.top >= 0 && box.top <= mask.top && box.top + box.heightPx <= picture.heightPx, told).toBe(true);
			expect(box.left + box.widthPx >= mask.left + widthPx && box.top + box.heightPx >= mask.top + heightPx, told).toBe(true);
			for (const side of [paint.widthPx, paint.heightPx])
				expect(side >= limit.minSidePx && side <= limit.maxSidePx && side % limit.multiplePx === 0, told).toBe(true);
		}
	}
});
