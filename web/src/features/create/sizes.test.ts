import { expect, test } from "vitest";
import { shapesOf } from "./sizes.ts";

test("shapes keep the model's number of pixels, on a grid of 8", () => {
	expect(shapesOf({ default_side: 1024, min_side: 256, max_side: 2048 }, null)).toEqual([
		{ name: "1:1", width: 1024, height: 1024 },
		{ name: "4:3", width: 1184, height: 888 },
		{ name: "3:4", width: 888, height: 1184 },
		{ name: "16:9", width: 1368, height: 768 },
		{ name: "9:16", width: 768, height: 1368 },
	]);
});

test("no shape is larger than the plan or the model allows, or smaller than the model draws", () => {
	for (const plan of [null, 512, 100])
		for (const shape of shapesOf({ default_side: 1024, min_side: 64, max_side: 1100 }, plan)) {
			expect(Math.max(shape.width, shape.height)).toBeLessThanOrEqual(plan ?? 1100);
			expect(Math.min(shape.width, shape.height)).toBeGreaterThanOrEqual(56);
		}
});
