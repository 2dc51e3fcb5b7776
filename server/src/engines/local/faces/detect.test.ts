import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { expect, test } from "vitest";
import type { Face } from "../../../domain/workflows/stepParams.ts";
import { onnxRun } from "../runtime/sessions.ts";
import type { RawImage } from "../runtime/types.ts";
import { detectFaces } from "./detect.ts";

const repository = join(import.meta.dirname, "../../../../..");
const photograph = (name: string) => join(repository, "server/test/data/photographs", name);
const sessions = new Map();
const find = (image: RawImage) => detectFaces(onnxRun(sessions, new AbortController().signal), image, join(repository, "models"));

async function raw(picture: Sharp): Promise<RawImage> {
	const { data, info } = await picture.removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
	return { widthPx: info.width, heightPx: info.height, rgb: new Uint8Array(data) };
}
/** The astronaut at 512 px: eyes, nose and mouth as a person sees them. */
const truth = [
	{ x: 204, y: 104 },
	{ x: 246, y: 104 },
	{ x: 225, y: 128 },
	{ x: 222, y: 149 },
];
function expectLandmarks(face: Face | undefined, scale: number, shift = { x: 0, y: 0 }): void {
	for (const [index, spot] of truth.entries()) {
		const found = face?.landmarks[index] ?? { x: Number.NaN, y: Number.NaN };
		expect(Math.hypot(found.x - (spot.x * scale + shift.x), found.y - (spot.y * scale + shift.y))).toBeLessThan(8 * scale);
	}
}

test.each([2048, 512, 200, 128])("a portrait %i px wide gives one face with eyes, nose and mouth in place", async (widthPx) => {
	const faces = await find(await raw(sharp(photograph("astronaut.jpg")).resize(widthPx)));
	expect(faces).toHaveLength(1);
	expectLandmarks(faces[0], widthPx / 512);
});

test("a face of 60 px somewhere in a large picture is found", async () => {
	const person = await sharp(photograph("astronaut.jpg")).resize(300).toBuffer();
	const scene = sharp(photograph("coffee.jpg"))
		.resize(1600, 1100, { fit: "fill" })
		.composite([{ input: person, left: 600, top: 240 }]);
	const faces = await find(await raw(sharp(await scene.png().toBuffer())));
	expect(faces).toHaveLength(1);
	expectLandmarks(faces[0], 300 / 512, { x: 600, y: 240 });
});

test("every face of a group is found once, the clearest first", async () => {
	const people = await Promise.all([400, 200].map((widthPx) => sharp(photograph("astronaut.jpg")).resize(widthPx).toBuffer()));
	const places = people.map((input, index) => ({ input, left: index * 560, top: 40 }));
	const group = sharp({ create: { width: 1000, height: 480, channels: 3, background: "#456" } }).composite(places);
	const faces = await find(await raw(sharp(await group.png().toBuffer())));
	expect(faces.map((face) => Math.round(face.box.x / 560))).toHaveLength(2);
	expect(faces.map((face) => face.score)).toEqual(faces.map((face) => face.score).toSorted((left, right) => right - left));
});

test.each([-30, 30])("a head turned by %i degrees is found and its eyes say by how much", async (degrees) => {
	const turned = await sharp(photograph("astronaut.jpg")).rotate(degrees, { background: "#888" }).png().toBuffer();
	const [face, ...others] = await find(await raw(sharp(turned)));
	expect(others).toEqual([]);
	const [left, right] = face?.landmarks ?? [];
	const angle = Math.atan2((right?.y ?? 0) - (left?.y ?? 0), (right?.x ?? 0) - (left?.x ?? 0));
	expect(Math.abs((angle * 180) / Math.PI - degrees)).toBeLessThan(8);
});

test.each(["cat.jpg", "coffee.jpg", "rocket.jpg"])("%s holds no face at any size", async (name) => {
	for (const widthPx of [200, 450, 1400]) expect(await find(await raw(sharp(photograph(name)).resize(widthPx)))).toEqual([]);
});

test("a cat seen close, whom one detector alone takes for a person, is no face", async () => {
	const close = await sharp(photograph("cat.jpg")).extract({ left: 2, top: 0, width: 368, height: 300 }).png().toBuffer();
	for (const widthPx of [300, 368, 500]) expect(await find(await raw(sharp(close).resize(widthPx)))).toEqual([]);
});

test("a picture of one pixel, and one of a single row, hold no face and do no harm", async () => {
	for (const [widthPx, heightPx] of [
		[1, 1],
		[3000, 1],
	] as const)
		expect(await find({ widthPx, heightPx, rgb: new Uint8Array(widthPx * heightPx * 3) })).toEqual([]);
});

test("without the detector's files the error says that a model is missing", async () => {
	const run = onnxRun(new Map(), new AbortController().signal);
	const image = { widthPx: 8, heightPx: 8, rgb: new Uint8Array(192) };
	await expect(detectFaces(run, image, join(repository, "no-such-folder"))).rejects.toMatchObject({ code: "model_missing" });
});
