import { join } from "node:path";

/** Absolute paths of the files of the glyph model. */
export interface GlyphFiles {
	readonly vocabulary: string;
	readonly concepts: string;
	readonly conceptVectors: string;
	/** Prompt tokens to a 384-number embedding. Its word table lies beside it in minilm.embed.bin. */
	readonly embedding: string;
	/** Embedding and style to the feature maps that steer the drawing network. */
	readonly text: string;
	/** Embedding and style to a first 32 px guess of the picture. */
	readonly prior: string;
	/** One sampler step. */
	readonly step: string;
	/** A drawing to how solid each of its pixels is. */
	readonly sceneCut: string;
	/** One step from a composition of drawings to a scene. */
	readonly sceneUnite: string;
	/** 4x super-resolution for drawings. */
	readonly upscale: string;
}

export function glyphFiles(modelsDir: string): GlyphFiles {
	const at = (name: string) => join(modelsDir, "glyph", name);
	return {
		vocabulary: at("vocab.txt"),
		concepts: at("concepts.json"),
		conceptVectors: at("concepts.i8"),
		embedding: at("minilm.onnx"),
		text: at("glyph-text.onnx"),
		prior: at("glyph-prior.onnx"),
		step: at("glyph-step.onnx"),
		sceneCut: at("scene-cut.onnx"),
		sceneUnite: at("scene-unite.onnx"),
		upscale: join(modelsDir, "upscale", "realesr-animevideov3-x4.onnx"),
	};
}
