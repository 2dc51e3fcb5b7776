/** CodeFormer's true architecture with random weights in place of learnt ones: from the checkpoint to the restored photograph. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { JsonObject } from "../../src/domain/json.ts";
import type { Engine, Picture, StepContext } from "../../src/domain/ports.ts";
import { face } from "../../src/domain/workflows/stepParams.ts";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { alignedPx, alignment } from "../../src/engines/local/faces/align.ts";
import { apply } from "../../src/engines/local/faces/similarity.ts";
import { onnxRun } from "../../src/engines/local/runtime/sessions.ts";
import type { RawImage } from "../../src/engines/local/runtime/types.ts";
import { convertCheckpoint } from "../../src/models/convertCheckpoint.ts";
import { createPictureGate } from "../../src/pictures/gate.ts";
import { shippedModels as modelsDir, writeRandomCheckpoint } from "../support/randomCheckpoint.ts";

const signal = new AbortController().signal;
const context: StepContext = { signal, onProgress() {}, onPreview() {} };
const data = join(import.meta.dirname, "../data");
const hasMemory = freemem() > 4 * 1024 ** 3;

describe.skipIf(!hasMemory)("CodeFormer with random weights (needs 4 GiB of free memory)", { timeout: 300_000 }, () => {
	let folder = "";
	let engine: Engine | undefined;
	const pictures = createPictureGate();
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "gw-codeformer-"));
		const checkpointFile = join(folder, "random.pth");
		await writeRandomCheckpoint("codeformer", checkpointFile);
		await convertCheckpoint({ ...{ network: "codeformer", checkpointFile, modelsDir, dataModelsDir: folder }, signal, onProgress() {} });
		await rm(checkpointFile);
		engine = await createLocalEngine({ modelsDir, dataModelsDir: folder, pictures });
	}, 300_000);
	afterAll(async () => {
		await engine?.close();
		await pictures.close();
		await rm(folder, { recursive: true, force: true });
	});

	const run = async (kind: "detect_faces" | "restore_faces", model: string, params: JsonObject, image: Picture) => {
		if (engine === undefined) throw new Error("no engine was made");
		return engine.run({ kind, model, params, inputs: { image } }, context);
	};

	test("the converted network draws what the authors' own implementation drew with the same weights", async () => {
		const record = z.record(z.string(), z.array(z.number())).parse(JSON.parse(await readFile(join(data, "codeformer/drawn.json"), "utf8")));
		const feeds = { face: { data: waves(), dims: [1, 3, 512, 512] }, fidelity: { data: Float32Array.of(0.5), dims: [1] } };
		const { restored } = await onnxRun(new Map(), signal)(join(folder, "codeformer/codeformer.onnx"), feeds);
		const expected = record["0.5"] ?? [];
		expect([expected.length, restored?.dims]).toEqual([3 * 16 * 16, [1, 3, 512, 512]]);
		const worst = expected.reduce((most, value, at) => {
			const [channel, row, column] = [Math.floor(at / 256), Math.floor(at / 16) % 16, at % 16];
			return Math.max(most, Math.abs(value - (restored?.data[(channel * 512 + row * 32 + 16) * 512 + column * 32 + 16] ?? Number.NaN)));
		}, 0);
		expect(worst).toBeLessThan(1e-3);
	});

	test("fidelity changes the face in a photograph, and nothing but the face changes", async () => {
		expect((await engine?.capabilities())?.map(({ capability }) => capability)).toContain("restore_faces:codeformer");
		const bytes = new Uint8Array(await readFile(join(data, "photographs/astronaut.jpg")));
		const image: Picture = { bytes, mediaType: "image/jpeg", widthPx: 512, heightPx: 512 };
		const { faces } = z.object({ faces: z.array(face) }).parse((await run("detect_faces", "blazeface", {}, image)).data);
		expect(faces).toHaveLength(1);
		const restore = async (fidelity: number) => rgb((await run("restore_faces", "codeformer", { faces, fidelity }, image)).pictures.image);
		const before = await rgb(image);
		const [free, faithful] = [await restore(0), await restore(1)];
		const places = placesOf(before, alignment(faces[0] ?? { score: 0, box: { x: 0, y: 0, width: 0, height: 0 }, landmarks: [] }, before));
		for (const restored of [free, faithful]) {
			expect(share(before, restored, places.inside)).toBeGreaterThan(0.9);
			expect(share(before, restored, places.outside)).toBe(0);
		}
		expect(share(free, faithful, places.inside)).toBeGreaterThan(0.9);
	});
});

/** The face that the record was drawn from: waves of another length in each channel. */
function waves(): Float32Array {
	const planePx = 512 * 512;
	return Float32Array.from({ length: 3 * planePx }, (_, at) => {
		const [channel, y, x] = [Math.floor(at / planePx), Math.floor((at % planePx) / 512), at % 512];
		return Math.sin(0.02 * (channel + 1) * x + 0.03 * y) * 0.8;
	});
}

async function rgb(picture: Picture | undefined): Promise<RawImage> {
	const { data: pixels, info } = await sharp(picture?.bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
	return { widthPx: info.width, heightPx: info.height, rgb: new Uint8Array(pixels) };
}

/** Places in the bytes of the picture: well inside the face, and outside the square that is restored. */
function placesOf({ rgb: bytes, widthPx }: RawImage, toAligned: ReturnType<typeof alignment>) {
	const [inside, outside]: [number[], number[]] = [[], []];
	for (const at of bytes.keys()) {
		const pixel = Math.floor(at / 3);
		const map = toAligned ?? { a: 0, b: 0, tx: 0, ty: 0 };
		const { x, y } = apply(map, { x: (pixel % widthPx) + 0.5, y: Math.floor(pixel / widthPx) + 0.5 });
		if (Math.hypot(x - 256, y - 300) < 150) inside.push(at);
		else if (x <= 0 || y <= 0 || x >= alignedPx || y >= alignedPx) outside.push(at);
	}
	return { inside, outside };
}

/** How much of those places differs, 0 to 1. */
function share(one: RawImage, other: RawImage, places: number[]): number {
	return places.filter((at) => one.rgb[at] !== other.rgb[at]).length / places.length;
}
