import { expect, test } from "vitest";
import { fit, keepInSight, toPicture, toStage, zoomAt } from "./view.ts";

const stage = { width: 800, height: 600 };

test("a picture is fitted into the middle, a small one enlarged at most four times", () => {
	expect(fit({ left: 0, top: 0, right: 4_096, bottom: 4_096 }, stage, 44)).toEqual({ scale: 512 / 4_096, x: 144, y: 44 });
	expect(fit({ left: 0, top: 0, right: 50, bottom: 50 }, stage, 0)).toEqual({ scale: 4, x: 300, y: 200 });
	// With a border that is to be added, all of it.
	const world = { left: -100, top: 0, right: 100, bottom: 100 };
	expect(toStage(fit(world, stage, 0), { x: -100, y: 50 })).toEqual({ x: 0, y: 300 });
});

test("zooming keeps the place under the pointer where it is", () => {
	const view = { scale: 0.5, x: 30, y: -10 };
	const at = { x: 211, y: 97 };
	const zoomed = zoomAt(view, at, 3, 0.5);
	expect(zoomed.scale).toBe(1.5);
	expect(toPicture(zoomed, at).x).toBeCloseTo(toPicture(view, at).x, 9);
	expect(toPicture(zoomed, at).y).toBeCloseTo(toPicture(view, at).y, 9);
	expect(zoomAt(view, at, 1e9, 0.5).scale).toBe(32);
	expect(zoomAt(view, at, 1e-9, 0.5).scale).toBe(0.25);
});

test("the picture cannot be lost out of sight", () => {
	const world = { left: 0, top: 0, right: 1_000, bottom: 1_000 };
	expect(keepInSight({ scale: 1, x: -5_000, y: 5_000 }, world, stage)).toEqual({ scale: 1, x: 48 - 1_000, y: 600 - 48 });
	expect(keepInSight({ scale: 1, x: -100, y: 20 }, world, stage)).toEqual({ scale: 1, x: -100, y: 20 });
});
