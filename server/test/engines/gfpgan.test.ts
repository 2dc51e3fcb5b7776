/** The way of a real checkpoint: the true architecture and file layout, with random weights in place of learnt ones. */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alignedPx, alignment } from "../../src/engines/local/faces/align.ts";
import { detectFaces } from "../../src/engines/local/faces/detect.ts";
import { restoreFaces } from "../../src/engines/local/faces/restore.ts";
import { apply } from "../../src/engines/local/faces/similarity.ts";
import { onnxRun } from "../../src/engines/local/runtime/sessions.ts";
import { convertCheckpoint } from "../../src/models/convertCheckpoint.ts";
import { downloadableModels } from "../../src/models/manifest.ts";
import { shippedModels as modelsDir, writeRandomCheckpoint } from "../support/randomCheckpoint.ts";

const signal = new AbortController().signal;
let folder = "";
let checkpointFile = "";
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "gw-gfpgan-"));
	checkpointFile = join(folder, "random.pth");
	await writeRandomCheckpoint("gfpgan", checkpointFile);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a checkpoint of GFPGAN's shape becomes a network that changes the face in a photograph and nothing else", {
	timeout: 120_000,
}, async () => {
	const [network, weights] = await convertCheckpoint({
		network: "gfpgan",
		checkpointFile,
		modelsDir,
		dataModelsDir: folder,
		signal,
		onProgress() {},
	});
	expect([network?.path, weights?.path, weights?.bytes]).toEqual(["gfpgan/gfpgan.onnx", "gfpgan/gfpgan.weights", 340_154_368]);
	const { data, info } = await sharp(join(import.meta.dirname, "../data/photographs/astronaut.jpg"))
		.raw()
		.toBuffer({ resolveWithObject: true });
	const image = { widthPx: info.width, heightPx: info.height, rgb: new Uint8Array(data) };
	const run = onnxRun(new Map(), signal);
	const faces = await detectFaces(run, image, modelsDir);
	const restored = await restoreFaces(run, image, faces, 0, {
		...{ weightsFile: join(folder, "gfpgan/gfpgan.onnx"), takesFidelity: false, signal },
		onProgress() {},
	});
	expect(faces).toHaveLength(1);
	const toAligned = faces.map((face) => alignment(face, image))[0] ?? { a: 0, b: 0, tx: 0, ty: 0 };
	const [insideSame, insideChanged, outsideChanged] = [0, 0, 0].map(() => [] as number[]);
	image.rgb.forEach((value, index) => {
		const pixel = Math.floor(index / 3);
		const { x, y } = apply(toAligned, { x: (pixel % 512) + 0.5, y: Math.floor(pixel / 512) + 0.5 });
		const isChanged = value !== restored.rgb[index];
		if (Math.hypot(x - 256, y - 300) < 150) (isChanged ? insideChanged : insideSame)?.push(index);
		else if (isChanged && (x <= 0 || y <= 0 || x >= alignedPx || y >= alignedPx)) outsideChanged?.push(index);
	});
	expect(outsideChanged).toEqual([]);
	expect(insideChanged?.length).toBeGreaterThan(9 * (insideSame?.length ?? 0));
});

test("the weights laid out for the network are those of the published file's size", async () => {
	const published = downloadableModels.find((model) => model.name === "gfpgan")?.bytes ?? 0;
	// The published file also holds the style network and the training outputs (8.4 MB), and its keys.
	expect(published - (await stat(checkpointFile)).size).toBeGreaterThan(8_400_000);
	expect(published - (await stat(checkpointFile)).size).toBeLessThan(8_500_000);
});
