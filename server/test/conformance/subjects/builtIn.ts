import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Picture, StepRequest } from "../../../src/domain/ports.ts";
import { createLocalEngine } from "../../../src/engines/local/engine.ts";
import { convertCheckpoint } from "../../../src/models/convertCheckpoint.ts";
import { createPictureGate } from "../../../src/pictures/gate.ts";
import { shippedModels as modelsDir, writeRandomCheckpoint } from "../../support/randomCheckpoint.ts";
import { plainPicture } from "../../support/testPictures.ts";
import { drawing, type EngineKind, middleMask, repainting, silentLog } from "./engineSubject.ts";

export const builtIn: EngineKind = {
	name: "built-in",
	present: true,
	async open() {
		const pictures = createPictureGate();
		const dataModelsDir = await pullRandomRestorer();
		const engine = await createLocalEngine({ modelsDir, dataModelsDir, pictures, log: silentLog });
		const [image, mask] = await Promise.all([plainPicture(128, 128), middleMask(128)]);
		const on = (kind: "detect_faces" | "upscale" | "encode", model: string) => ({ kind, model, params: {}, inputs: { image } });
		return {
			engine,
			samples: [
				drawing("embedded", 128),
				{ ...drawing("embedded", 128, { strength: 0.5 }), inputs: { image } },
				await repainting("embedded", 128, { operation: "replace" }),
				await repainting("embedded", 128, { operation: "insert" }),
				await repainting("telea", 128, { operation: "remove", prompt: "" }),
				await repainting("telea", 128, { operation: "fill", prompt: "" }),
				await repainting("mirror", 128, { operation: "outpaint", prompt: "" }),
				on("detect_faces", "blazeface"),
				await restoring(),
				on("upscale", "realesr-animevideov3"),
				on("encode", "standard"),
				{ kind: "resize", model: "standard", params: { widthPx: 100, heightPx: 60 }, inputs: { image } },
				{ kind: "composite", model: "standard", params: {}, inputs: { image, original: image, mask } },
			],
			lacking: drawing("nobody-has-this", 128),
			wrong: { request: drawing("embedded", 128, { steps: 0 }), field: "steps" },
			long: { request: drawing("embedded", 512, { steps: 50 }) },
			failing: [],
			unreachable: null,
			draws: true,
			async close() {
				await engine.close();
				await pictures.close();
				await rm(dataModelsDir, { recursive: true, force: true });
			},
		};
	},
};

/** GFPGAN's true architecture with random weights: it restores nothing, and runs as the published one does. */
async function pullRandomRestorer(): Promise<string> {
	const dataModelsDir = await mkdtemp(path.join(tmpdir(), "gw-conformance-"));
	const checkpointFile = path.join(dataModelsDir, "random.pth");
	await writeRandomCheckpoint("gfpgan", checkpointFile);
	const signal = new AbortController().signal;
	await convertCheckpoint({ network: "gfpgan", checkpointFile, modelsDir, dataModelsDir, signal, onProgress() {} });
	await rm(checkpointFile);
	return dataModelsDir;
}

/** The face in a photograph, where the detector finds it. */
async function restoring(): Promise<StepRequest> {
	const bytes = new Uint8Array(await readFile(path.join(import.meta.dirname, "../../data/photographs/astronaut.jpg")));
	const image: Picture = { bytes, mediaType: "image/jpeg", widthPx: 512, heightPx: 512 };
	const box = { x: 170, y: 60, width: 110, height: 130 };
	const landmarks = [
		{ x: 208, y: 107 },
		{ x: 244, y: 107 },
		{ x: 226, y: 127 },
		{ x: 226, y: 148 },
	];
	return { kind: "restore_faces", model: "gfpgan", params: { faces: [{ score: 1, box, landmarks }] }, inputs: { image } };
}
