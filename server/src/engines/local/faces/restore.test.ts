import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import type { Face } from "../../../domain/workflows/stepParams.ts";
import type { OnnxRun, RawImage } from "../runtime/types.ts";
import { alignedPx, alignFace, alignment } from "./align.ts";
import { faceWeight } from "./paste.ts";
import { restoreFaces } from "./restore.ts";
import { apply } from "./similarity.ts";

const landmarks = [
	{ x: 204, y: 104 },
	{ x: 246, y: 104 },
	{ x: 225, y: 128 },
	{ x: 222, y: 149 },
];
const faceAt = (map: (point: { x: number; y: number }) => { x: number; y: number }): Face => ({
	score: 0.9,
	box: { x: 171, y: 73, width: 103, height: 103 },
	landmarks: landmarks.map(map),
});
const face = faceAt((point) => point);
let picture: RawImage;
beforeAll(async () => {
	const { data, info } = await sharp(join(import.meta.dirname, "../../../../test/data/photographs/astronaut.jpg"))
		.raw()
		.toBuffer({ resolveWithObject: true });
	picture = { widthPx: info.width, heightPx: info.height, rgb: new Uint8Array(data) };
});

/** Networks made of one line: what goes in comes out, changed by `change`. */
const network = (change: (value: number) => number): OnnxRun => {
	return async (_file, { face: input }) => {
		if (!(input?.data instanceof Float32Array)) throw new Error("no face was given");
		return { restored: { data: input.data.map(change), dims: input.dims } };
	};
};
const identity = network((value) => value);
const white = network(() => 1);
const restore = (
	run: OnnxRun,
	fidelity: number,
	faces: Face[] = [face],
	image = picture,
	progress: number[] = [],
	signal = new AbortController().signal,
	takesFidelity = false,
) =>
	restoreFaces(run, image, faces, fidelity, {
		...{ weightsFile: "/w.onnx", takesFidelity, signal },
		onProgress: (fraction) => progress.push(fraction),
	});

/** Whether each pixel's centre lies in the face's square. */
function insideSquare(image: RawImage, of: Face): boolean[] {
	const map = alignment(of, image);
	return Array.from({ length: image.widthPx * image.heightPx }, (_, index) => {
		if (map === null) return false;
		const { x, y } = apply(map, { x: (index % image.widthPx) + 0.5, y: Math.floor(index / image.widthPx) + 0.5 });
		return x > 0 && y > 0 && x < alignedPx && y < alignedPx;
	});
}
const changedOutside = (before: RawImage, after: RawImage, inside: boolean[]) =>
	before.rgb.reduce((count, value, index) => count + (value !== after.rgb[index] && inside[Math.floor(index / 3)] === false ? 1 : 0), 0);

test("a network that changes nothing leaves the face close to itself and everything else byte for byte", async () => {
	const after = await restore(identity, 0);
	const inside = insideSquare(picture, face);
	expect(changedOutside(picture, after, inside)).toBe(0);
	const errors = [...picture.rgb]
		.map((value, index) => (value - (after.rgb[index] ?? 0)) ** 2)
		.filter((_, index) => inside[Math.floor(index / 3)]);
	const psnr = 10 * Math.log10(255 ** 2 / (errors.reduce((sum, error) => sum + error, 0) / errors.length));
	expect(errors.length).toBeGreaterThan(30_000);
	expect(psnr).toBeGreaterThan(33);
});

test("the aligned crop has the eyes and the mouth at the places where networks expect them", () => {
	fc.assert(
		fc.property(fc.double({ min: -0.8, max: 0.8, noNaN: true }), fc.double({ min: 0.3, max: 3, noNaN: true }), (angle, scale) => {
			const turned = faceAt(({ x, y }) => ({
				x: 256 + scale * (x * Math.cos(angle) - y * Math.sin(angle)),
				y: scale * (x * Math.sin(angle) + y * Math.cos(angle)),
			}));
			const map = alignment(turned, picture);
			const [left, right, , mouth] = turned.landmarks.map((point) => (map === null ? { x: 0, y: 0 } : apply(map, point)));
			expect(Math.abs((left?.y ?? 0) - (right?.y ?? 0))).toBeLessThan(8);
			expect(Math.abs((left?.x ?? 0) - 193)).toBeLessThan(16);
			expect(Math.abs((right?.x ?? 0) - 319)).toBeLessThan(16);
			expect(Math.abs((mouth?.y ?? 0) - 371)).toBeLessThan(16);
		}),
	);
	const map = alignment(face, picture);
	expect(map === null ? null : alignFace(picture, map).length).toBe(3 * alignedPx * alignedPx);
});

test("fidelity runs from the network's face to the picture as it was, evenly", async () => {
	const at = (image: RawImage) => image.rgb[(125 * 512 + 225) * 3] ?? 0;
	const [full, half, none] = [at(await restore(white, 0)), at(await restore(white, 0.5)), at(await restore(white, 1))];
	expect([full, none]).toEqual([255, at(picture)]);
	expect(Math.abs(half - (255 + at(picture)) / 2)).toBeLessThanOrEqual(1);
	expect((await restore(white, 1)).rgb).toEqual(picture.rgb);
});

test("a network that weighs fidelity itself is told it, and its face is shown whole at every fidelity", async () => {
	const told: unknown[] = [];
	const listening: OnnxRun = (file, feeds) => {
		told.push(feeds.fidelity);
		return white(file, feeds);
	};
	for (const fidelity of [0, 0.7, 1]) {
		const after = await restore(listening, fidelity, [face], picture, [], new AbortController().signal, true);
		expect(after.rgb[(125 * 512 + 225) * 3]).toBe(255);
	}
	expect(told).toEqual([0, 0.7, 1].map((fidelity) => ({ data: Float32Array.of(fidelity), dims: [1] })));
	await restore(listening, 0.7);
	expect(told.at(-1)).toBeUndefined();
});

test("the edge fades: it is nothing at the border, all in the middle, and never falls on the way in", () => {
	expect([faceWeight(0, 256), faceWeight(256, 512), faceWeight(-5, 600), faceWeight(256, 256)]).toEqual([0, 0, 0, 1]);
	for (const line of [20, 60, 256])
		for (let x = 0; x < 255; x++) expect(faceWeight(x + 1, line)).toBeGreaterThanOrEqual(faceWeight(x, line));
	let steepest = 0;
	for (let x = 0; x < 511; x++) steepest = Math.max(steepest, Math.abs(faceWeight(x + 1, 256) - faceWeight(x, 256)));
	expect(steepest).toBeLessThan(0.03);
});

test("a face half out of the picture is restored in what is there, without a seam at the frame", async () => {
	const atCorner = faceAt(({ x, y }) => ({ x: x - 215, y: y - 110 }));
	const after = await restore(white, 0, [atCorner]);
	expect(after.rgb[0]).toBe(255);
	expect(changedOutside(picture, after, insideSquare(picture, atCorner))).toBe(0);
});

test("several faces are restored in turn and progress reaches one", async () => {
	const progress: number[] = [];
	const other = faceAt(({ x, y }) => ({ x: x + 200, y: y + 250 }));
	const after = await restore(white, 0, [face, other], picture, progress);
	expect(progress).toEqual([0.5, 1]);
	expect([after.rgb[(125 * 512 + 225) * 3], after.rgb[(375 * 512 + 425) * 3]]).toEqual([255, 255]);
});

test("landmarks that no face has are passed over: all on one point, no bigger than a pixel, or astronomically far", async () => {
	const absurd = [
		faceAt(() => ({ x: 5, y: 5 })),
		faceAt(({ x, y }) => ({ x: x / 100, y: y / 100 })),
		faceAt(({ x, y }) => ({ x: x * 1e200, y: y * 1e200 })),
		faceAt(({ x, y }) => ({ x: x * 1e6, y: y * 1e6 })),
	];
	expect((await restore(white, 0, absurd)).rgb).toEqual(picture.rgb);
	const faraway = faceAt(({ x, y }) => ({ x: x + 1e9, y: y - 1e9 }));
	expect((await restore(white, 0, [faraway])).rgb).toEqual(picture.rgb);
});

test("a network that fails or answers nonsense is reported and the picture given is never changed", async () => {
	const before = picture.rgb.slice();
	await expect(
		restore(
			network(() => Number.NaN),
			0,
		),
	).rejects.toMatchObject({ code: "model_missing" });
	await expect(restore(async () => ({}), 0)).rejects.toMatchObject({ code: "model_missing" });
	await restore(white, 0);
	expect(picture.rgb).toEqual(before);
});

test("a cancelled restore stops before the next face", async () => {
	const stop = new AbortController();
	let runs = 0;
	const run: OnnxRun = (file, feeds) => {
		runs++;
		stop.abort();
		return identity(file, feeds);
	};
	await expect(restore(run, 0, [face, face], picture, [], stop.signal)).rejects.toMatchObject({ code: "cancelled" });
	expect(runs).toBe(1);
});
