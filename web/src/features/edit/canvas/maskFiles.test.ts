import { expect, test } from "vitest";
import { markedIn } from "./maskFiles.ts";

const marked = (...pixels: [number, number, number, number][]) => [...markedIn(Uint8ClampedArray.from(pixels.flat()))];

test("a mask file is read by its light: white is repainted, from half on", () => {
	expect(marked([255, 255, 255, 255], [0, 0, 0, 255], [127, 127, 127, 255], [128, 128, 128, 255])).toEqual([1, 0, 0, 1]);
});

test("a drawing in one colour on nothing is read by what is drawn, even in black", () => {
	expect(marked([0, 0, 0, 255], [0, 0, 0, 0], [9, 9, 9, 200], [255, 255, 255, 20])).toEqual([1, 0, 1, 0]);
});

test("a picture with a hole is read by its light: its colours differ", () => {
	expect(marked([255, 255, 255, 255], [0, 0, 0, 255], [255, 255, 255, 0])).toEqual([1, 0, 0]);
});
