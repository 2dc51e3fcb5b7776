import { describe, expect, it } from "vitest";
import type { RawPixels } from "../../canvas.ts";
import { paintBackground } from "./background.ts";
import { compose } from "./compose.ts";
import { type Place, sceneSidePx } from "./layout.ts";
import type { Ground, Sky } from "./words.ts";

const pixel = (rgb: Uint8Array, x: number, y: number) => [...rgb.subarray(3 * (y * sceneSidePx + x), 3 * (y * sceneSidePx + x) + 3)];
const red = (widthPx: number, heightPx: number): RawPixels => {
	const pixels = new Uint8Array(4 * widthPx * heightPx);
	for (let at = 0; at < widthPx * heightPx; at++) pixels.set([200, 0, 0, 255], 4 * at);
	return { widthPx, heightPx, channels: 4, pixels };
};
const place: Place = { item: 0, left: 40, top: 30, widthPx: 40, heightPx: 40, grounded: false };

describe("what is behind a scene", () => {
	it("is white when the prompt says nothing, and a colour or a gradient of it when it names one", () => {
		expect(new Set(paintBackground(null, 1))).toEqual(new Set([255]));
		const plain = paintBackground({ kind: "plain", color: "blue" }, 1);
		expect(pixel(plain, 0, 0)).toEqual(pixel(plain, 127, 127));
		const [top, bottom] = [0, 127].map((y) => pixel(paintBackground({ kind: "gradient", color: "blue" }, 1), 64, y));
		expect(bottom).toEqual(pixel(plain, 0, 0));
		expect(top?.[0]).toBeGreaterThan((bottom?.[0] ?? 0) + 50);
	});

	it("is a sky over a ground, other ones for other words and other clouds for other seeds", () => {
		const paint = (sky: Sky, ground: Ground, seed = 5) => paintBackground({ kind: "landscape", sky, ground }, seed);
		const skies = (["day", "sunny", "cloudy", "sunset", "night"] as const).map((sky) => paint(sky, "grass"));
		const grounds = (["sand", "snow", "water"] as const).map((ground) => paint("night", ground));
		expect(new Set([...skies, ...grounds].map((rgb) => Buffer.from(rgb).toString("base64"))).size).toBe(8);
		const grass = pixel(paint("day", "grass"), 64, 120);
		expect(grass[1]).toBeGreaterThan(Math.max(grass[0] ?? 0, grass[2] ?? 0));
		const night = pixel(paint("night", "sand"), 64, 50);
		expect(Math.max(...night)).toBeLessThan(160);
		expect(paint("sunny", "grass", 6)).not.toEqual(paint("sunny", "grass"));
		expect(paint("sunny", "grass", 6)).toEqual(paint("sunny", "grass", 6));
	});
});

describe("things are put on it", () => {
	it("as large as they fit, undistorted, on the lower edge of their place; the rest stays", async () => {
		const { rgb, covered } = await compose(paintBackground(null, 1), [red(20, 10)], [place]);
		expect(pixel(rgb, 60, 60)).toEqual([200, 0, 0]);
		expect(pixel(rgb, 60, 40)).toEqual([255, 255, 255]);
		expect(pixel(rgb, 60, 75)).toEqual([255, 255, 255]);
		expect(covered.reduce((sum, value) => sum + value, 0)).toBeCloseTo(40 * 20, -1);
	});

	it("with a shadow under what stands on the ground, and the nearer over the farther", async () => {
		const green = paintBackground({ kind: "plain", color: "green" }, 1);
		const { rgb } = await compose(
			green,
			[red(10, 10), { ...red(10, 10), pixels: red(10, 10).pixels.map((value, at) => (at % 4 === 1 ? 220 : value)) }],
			[
				{ ...place, grounded: true },
				{ ...place, left: 60 },
			],
		);
		expect(pixel(rgb, 60, 71)[1]).toBeLessThan((pixel(green, 60, 71)[1] ?? 0) - 20);
		expect(pixel(rgb, 70, 50)).toEqual([200, 220, 0]);
		expect(pixel(rgb, 45, 50)).toEqual([200, 0, 0]);
	});

	it("also where they reach beyond the picture", async () => {
		const { rgb } = await compose(paintBackground(null, 1), [red(10, 10)], [{ ...place, left: -20, top: 110 }]);
		expect(pixel(rgb, 5, 120)).toEqual([200, 0, 0]);
	});
});
