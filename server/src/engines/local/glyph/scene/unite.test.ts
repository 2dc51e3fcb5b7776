import { expect, it } from "vitest";
import type { OnnxRun } from "../../runtime/types.ts";
import { cutOut } from "./cutOut.ts";
import { sceneSidePx } from "./layout.ts";
import { unite } from "./unite.ts";

const pixels = sceneSidePx ** 2;
/** Grey everywhere, hidden by something in the middle. */
const composition = { rgb: new Uint8Array(3 * pixels).fill(128), covered: new Float32Array(pixels) };
composition.covered[64 * sceneSidePx + 64] = 1;
const answering =
	(name: string, value: (at: number) => number, length: number): OnnxRun =>
	async () => ({ [name]: { data: Float32Array.from({ length }, (_, at) => value(at)), dims: [] } });

it("the network changes what things cover, a little around them, and nothing else", async () => {
	const united = await unite(
		answering("x0", () => 5, 3 * pixels),
		"",
		composition,
		1,
	);
	const before = 128 / 127.5 - 1;
	expect(united[64 * sceneSidePx + 64]).toBeGreaterThan(0.6);
	expect(united[66 * sceneSidePx + 62]).toBe(united[64 * sceneSidePx + 64]);
	expect(united[67 * sceneSidePx + 64]).toBeCloseTo(before, 5);
	expect(united.filter((value) => value > before + 0.01)).toHaveLength(3 * 25);
});

it("files that are other networks, or damaged ones, are named", async () => {
	const damaged = { code: "model_missing", message: expect.stringContaining("scene-unite.onnx") };
	await expect(
		unite(
			answering("x0", () => Number.NaN, 3 * pixels),
			"",
			composition,
			1,
		),
	).rejects.toMatchObject(damaged);
	await expect(
		unite(
			answering("x0", () => 0, 3),
			"",
			composition,
			1,
		),
	).rejects.toMatchObject(damaged);
	const cut = { code: "model_missing", message: expect.stringContaining("scene-cut.onnx") };
	await expect(
		cutOut(
			answering("alpha", () => 0, 3),
			"",
			new Float32Array(3 * 64 ** 2),
		),
	).rejects.toMatchObject(cut);
});

it("a drawing is cut out where the network says it is solid, with the white taken out of its edges", async () => {
	// A square of 10 px, half solid, of what was black: on white it shows as grey.
	const solid = (at: number) => (at % 64 >= 20 && at % 64 < 30 && at >= 64 * 30 && at < 64 * 40 ? 0.5 : 0);
	const drawn = Float32Array.from({ length: 3 * 64 ** 2 }, (_, at) => (solid(at % 64 ** 2) > 0 ? 0 : 1));
	const sprite = await cutOut(answering("alpha", solid, 64 ** 2), "", drawn);
	expect([sprite.widthPx, sprite.heightPx]).toEqual([10, 10]);
	expect([...sprite.pixels.subarray(0, 4)]).toEqual([0, 0, 0, 128]);
});
