import path from "node:path";
import { createLocalEngine } from "../../../src/engines/local/engine.ts";
import { createPictureGate } from "../../../src/pictures/gate.ts";
import { plainPicture } from "../../support/testPictures.ts";
import { drawing, type EngineKind, repainting, silentLog } from "./engineSubject.ts";

const modelsDir = path.join(import.meta.dirname, "../../../../models");

export const builtIn: EngineKind = {
	name: "built-in",
	present: true,
	async open() {
		const pictures = createPictureGate();
		const engine = await createLocalEngine({ modelsDir, pictures, log: silentLog });
		const image = await plainPicture(128, 128);
		const on = (kind: "detect_faces" | "upscale" | "encode", model: string) => ({ kind, model, params: {}, inputs: { image } });
		return {
			engine,
			samples: [
				drawing("embedded", 128),
				{ ...drawing("embedded", 128, { strength: 0.5 }), inputs: { image } },
				await repainting("embedded", 128, { operation: "replace" }),
				await repainting("telea", 128, { operation: "remove", prompt: "" }),
				on("detect_faces", "blazeface"),
				on("upscale", "realesr-animevideov3"),
				on("encode", "standard"),
				{ kind: "resize", model: "standard", params: { widthPx: 100, heightPx: 60 }, inputs: { image } },
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
			},
		};
	},
};
