import { readFile } from "node:fs/promises";
import { GlassworksError } from "../../../domain/errors.ts";
import type { OnnxRun } from "../runtime/types.ts";
import { type Concepts, readConcepts } from "./concepts.ts";
import type { GlyphFiles } from "./files.ts";
import { parseVocabulary, tokenize, type Vocabulary } from "./tokenize.ts";

/** What the glyph model needs besides its networks. */
export interface GlyphModel {
	readonly files: GlyphFiles;
	readonly vocabulary: Vocabulary;
	readonly concepts: Concepts;
}

/** @throws {GlassworksError} `model_missing` */
export async function readGlyphModel(files: GlyphFiles): Promise<GlyphModel> {
	const words = await readFile(files.vocabulary, "utf8").catch((cause: unknown) => {
		throw new GlassworksError("model_missing", "vocab.txt cannot be read: run `glassworks models verify`.", { cause: String(cause) });
	});
	return { files, vocabulary: parseVocabulary(words), concepts: await readConcepts(files) };
}

/** The meaning of a text as 384 numbers of unit length. */
export async function embedText(run: OnnxRun, model: GlyphModel, text: string): Promise<Float32Array> {
	const ids = tokenize(text, model.vocabulary);
	const dims = [1, ids.length];
	const { emb } = await run(model.files.embedding, {
		ids: { data: BigInt64Array.from(ids, BigInt), dims },
		mask: { data: new BigInt64Array(ids.length).fill(1n), dims },
	});
	if (emb?.data.length === 384) return emb.data;
	throw new GlassworksError("model_missing", "minilm.onnx is not the network it should be: run `glassworks models verify`.");
}
