import { expect, it } from "vitest";
import { scalePlane } from "./scalePlane.ts";

const plane = (widthPx: number, heightPx: number, value: (x: number, y: number) => number) => ({
	widthPx,
	heightPx,
	values: Uint8Array.from({ length: widthPx * heightPx }, (_, at) => value(at % widthPx, Math.floor(at / widthPx))),
});

const edges = { upright: (x: number) => x >= 4, level: (_x: number, y: number) => y < 3 };

it.each([2, 3, 10].flatMap((factor) => Object.entries(edges).map(([name, isMarked]) => ({ factor, name, isMarked }))))(
	"an $name edge stays where it is when a mask is enlarged $factor times or shrunk as often",
	({ factor, isMarked }) => {
		const small = plane(9, 7, (x, y) => (isMarked(x, y) ? 255 : 0));
		const large = scalePlane(small, 9 * factor, 7 * factor);
		for (let at = 0; at < large.length; at++) {
			const [x, y] = [Math.floor((at % (9 * factor)) / factor), Math.floor(Math.floor(at / (9 * factor)) / factor)];
			expect((large[at] ?? 0) > 127, `${x},${y}`).toBe(isMarked(x, y));
		}
		const exact = plane(9 * factor, 7 * factor, (x, y) => (isMarked(Math.floor(x / factor), Math.floor(y / factor)) ? 255 : 0));
		expect(scalePlane(exact, 9, 7)).toEqual(small.values);
	},
);

it("a plain mask stays plain at any size", () => {
	for (const [width, height] of [
		[1, 1],
		[5, 31],
		[64, 3],
	] as const)
		expect(
			scalePlane(
				plane(13, 11, () => 200),
				width,
				height,
			).every((value) => value === 200),
		).toBe(true);
});
