import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { z } from "zod";
import type { Engine } from "../../src/domain/ports.ts";

const root = join(import.meta.dirname, "../../..");

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
/** The real pictures that the network was trained on, as 8 x 8 RGB thumbnails; `cid` names each one's concept. */
const { n: count, cid } = z.object({ n: z.int(), cid: z.array(z.int()) }).parse(readJson(join(root, "server/test/data/glyph/ref.json")));
const { names } = z.object({ names: z.array(z.string()) }).parse(readJson(join(root, "models/glyph/concepts.json")));
const bytes = readFileSync(join(root, "server/test/data/glyph/ref8.u8"));
const sidePx = 8;
const length = sidePx * sidePx * 3;

/** Without its mean and of unit length, so that the product of two is their likeness. */
function unit(values: ArrayLike<number>): Float32Array {
	const vector = Float32Array.from(values);
	const mean = vector.reduce((sum, value) => sum + value, 0) / length;
	const centred = vector.map((value) => value - mean);
	const norm = Math.hypot(...centred) + 1e-6;
	return centred.map((value) => value / norm);
}

const references = Array.from({ length: count }, (_, at) => unit(bytes.subarray(at * length, (at + 1) * length)));

/** Seeds mirror what may be mirrored. */
const mirrored = (thumbnail: Float32Array): Float32Array =>
	thumbnail.map((_, at) => {
		const [pixel, channel] = [Math.floor(at / 3), at % 3];
		const column = pixel % sidePx;
		return thumbnail[(pixel - column + (sidePx - 1 - column)) * 3 + channel] ?? 0;
	});

const product = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

/** Concepts whose real pictures are most like this one, either way round, best first. */
export function nearestConcepts(thumbnail: Float32Array): string[] {
	const other = mirrored(thumbnail);
	const likeness = references.map((reference, at) => ({
		concept: names[cid[at] ?? -1] ?? "",
		score: Math.max(product(reference, thumbnail), product(reference, other)),
	}));
	likeness.sort((a, b) => b.score - a.score);
	return [...new Set(likeness.slice(0, 20).map(({ concept }) => concept))];
}

/** What the shipped model makes of a prompt: a thumbnail, and what it understood. */
export async function drawThumbnail(
	engine: Engine,
	prompt: string,
	style: string,
	seed: number,
): Promise<{ thumbnail: Float32Array; understoodAs: unknown }> {
	const params = { prompt, style, seed, steps: 8, widthPx: 64, heightPx: 64 };
	const context = { signal: new AbortController().signal, onProgress: () => {}, onPreview: () => {} };
	const { pictures: made, data } = await engine.run({ kind: "generate", model: "embedded", params, inputs: {} }, context);
	const small = sharp(made.image?.bytes).resize(sidePx, sidePx, { kernel: "linear" }).removeAlpha();
	return { thumbnail: unit(await small.raw().toBuffer()), understoodAs: data.understood_as };
}
