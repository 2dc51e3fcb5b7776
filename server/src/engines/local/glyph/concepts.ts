import { readFile } from "node:fs/promises";
import { z } from "zod";
import { GlassworksError } from "../../../domain/errors.ts";
import type { GlyphFiles } from "./files.ts";
import { normalise } from "./phrase.ts";

const conceptsFile = z.object({
	/** One step of the 8-bit vectors. */
	scale: z.number(),
	dim: z.int().positive(),
	names: z.array(z.string()),
	alias: z.record(z.string(), z.string()),
	/** Main colour of each concept in the styles flat, cartoon and 3d; null where it has no single one. */
	natural: z.array(z.array(z.string().nullable()).nullable()),
	/** Whether each is still the same thing seen in a mirror. */
	mirror: z.array(z.boolean()),
});

/** The things the network was trained to draw. */
export interface Concepts {
	readonly names: readonly string[];
	/** By normalised name or alias. */
	readonly indexByPhrase: ReadonlyMap<string, number>;
	/** Per concept: null when its colour cannot be changed. */
	readonly naturalColors: readonly (readonly (string | null)[] | null)[];
	/** Whether the thing of this name is still the same seen in a mirror; false for what is no such name. */
	mayMirror(name: string): boolean;
	/** The concept whose meaning is nearest to a text's embedding, and their cosine-like likeness, at most about 1. */
	nearest(embedding: Float32Array): { index: number; score: number };
}

/** @throws {GlassworksError} `model_missing` when the files are absent or damaged. */
export async function readConcepts(files: GlyphFiles): Promise<Concepts> {
	const damaged = (cause: unknown) =>
		new GlassworksError("model_missing", "The list of concepts cannot be read: run `glassworks models verify`.", { cause: String(cause) });
	try {
		const parsed = conceptsFile.parse(JSON.parse(await readFile(files.concepts, "utf8")));
		const vectors = await readFile(files.conceptVectors);
		if (vectors.byteLength !== parsed.names.length * parsed.dim) throw new Error("concepts.i8 has the wrong length");
		return index(parsed, new Int8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength));
	} catch (cause) {
		throw damaged(cause instanceof z.ZodError ? "concepts.json has another shape" : cause);
	}
}

function index(file: z.infer<typeof conceptsFile>, vectors: Int8Array): Concepts {
	const indexByPhrase = new Map<string, number>();
	for (const [at, name] of file.names.entries()) indexByPhrase.set(normalise(name), at);
	for (const [alias, name] of Object.entries(file.alias)) {
		const at = indexByPhrase.get(normalise(name));
		if (at !== undefined && !indexByPhrase.has(normalise(alias))) indexByPhrase.set(normalise(alias), at);
	}
	const nearest = (embedding: Float32Array) => {
		let best = { index: 0, score: Number.NEGATIVE_INFINITY };
		for (let at = 0; at < file.names.length; at++) {
			let dot = 0;
			for (let d = 0; d < file.dim; d++) dot += (embedding[d] ?? 0) * (vectors[at * file.dim + d] ?? 0);
			if (dot * file.scale > best.score) best = { index: at, score: dot * file.scale };
		}
		return best;
	};
	const mayMirror = (name: string) => file.mirror[file.names.indexOf(name)] ?? false;
	return { names: file.names, indexByPhrase, naturalColors: file.natural, mayMirror, nearest };
}
