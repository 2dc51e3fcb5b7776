import { GlassworksError } from "../../../domain/errors.ts";
import type { OnnxInput, OnnxRun } from "../runtime/types.ts";
import type { GlyphFiles } from "./files.ts";
import { gaussianNoise } from "./noise.ts";
import { type DrawnStyle, drawnStyles } from "./styles.ts";
import { varyGuess } from "./vary.ts";

/** The network draws squares of this side. */
export const glyphSidePx = 64;
const pixelCount = glyphSidePx * glyphSidePx;
const valueCount = 3 * pixelCount;
const embeddingLength = 384;
/** Of the prior's first guess. */
const guessSidePx = 32;

export const defaultGuidance = 2;
/** Guidance shapes the first part of the way from noise (0) to picture (1); later it only oversaturates. */
const guidedUntil = 0.4;

/** 64 px planes red, green, blue with values from -1 to 1. */
export type GlyphPlanes = Float32Array;

export interface SampleRequest {
	/** Embedding of what to draw. */
	readonly embedding: Float32Array;
	/** Embedding of what to move away from, or null. */
	readonly negativeEmbedding: Float32Array | null;
	readonly style: DrawnStyle;
	readonly seed: number;
	/** Whether a seed may mirror the drawing. */
	readonly mayMirror: boolean;
	readonly steps: number;
	/** 1 is none. */
	readonly guidance: number;
	/** Picture to start from, or null for noise alone. */
	readonly initial: GlyphPlanes | null;
	/** 0 keeps `initial`, 1 ignores it (apart from what a mask protects). */
	readonly strength: number;
	/** Per pixel: 1 is drawn, 0 keeps `initial`. Null draws everything. */
	readonly mask: Float32Array | null;
}

/** Told after each step; `estimate` is the finished picture as the network sees it now, and is reused by the next step. */
export type OnSampleStep = (step: number, estimate: GlyphPlanes) => Promise<void>;

type Conditions = Record<string, OnnxInput>;

/** What steers the step network: row 0 the prompt, row 1 what guidance moves away from. */
async function conditions(run: OnnxRun, files: GlyphFiles, request: SampleRequest): Promise<Conditions> {
	const text = new Float32Array(2 * embeddingLength);
	text.set(request.embedding);
	text.set(request.negativeEmbedding ?? request.embedding, embeddingLength);
	const style = BigInt(drawnStyles.indexOf(request.style));
	const feeds = {
		txt: { data: text, dims: [2, embeddingLength] },
		drop: { data: Float32Array.of(0, request.negativeEmbedding ? 0 : 1), dims: [2] },
		style: { data: BigInt64Array.of(style, style), dims: [2] },
	};
	const [maps, prior] = [await run(files.text, feeds), await run(files.prior, feeds)];
	const guess = prior.pr;
	// A given picture says itself where things are.
	if (guess && !request.initial) guess.data.set(varyGuess(firstGuess(guess), guessSidePx, request.seed, request.mayMirror));
	return { ...maps, ...prior };
}

const firstGuess = ({ data }: OnnxInput): Float32Array => (data as Float32Array).subarray(0, 3 * guessSidePx ** 2);

function firstRow(batch: Conditions): Conditions {
	const row = ({ data, dims }: OnnxInput): OnnxInput => ({ data: data.slice(0, data.length / 2), dims: [1, ...dims.slice(1)] });
	return Object.fromEntries(Object.entries(batch).map(([name, input]) => [name, row(input)]));
}

async function predict(run: OnnxRun, files: GlyphFiles, x: GlyphPlanes, t: number, batch: Conditions): Promise<Float32Array> {
	const rows = batch.pr?.dims[0] ?? 1;
	const data = new Float32Array(rows * valueCount);
	for (let row = 0; row < rows; row++) data.set(x, row * valueCount);
	const feeds = { x: { data, dims: [rows, 3, glyphSidePx, glyphSidePx] }, t: { data: new Float32Array(rows).fill(t), dims: [rows] } };
	const { x0 } = await run(files.step, { ...feeds, ...batch });
	if (x0?.data.length === rows * valueCount) return x0.data;
	throw new GlassworksError("model_missing", "glyph-step.onnx is not the network it should be: run `glassworks models verify`.");
}

/** Leads away from row 1 (nothing, or the negative prompt) towards and beyond row 0. */
function guide(rows: Float32Array, guidance: number): Float32Array {
	const guided = new Float32Array(valueCount);
	for (let at = 0; at < valueCount; at++) {
		const away = rows[valueCount + at] ?? 0;
		guided[at] = away + guidance * ((rows[at] ?? 0) - away);
	}
	return guided;
}

function clampToRange(value: number): number {
	return Math.min(1, Math.max(-1, value));
}

/** Replaces what the mask protects by the initial picture; values leave in range. */
function settle(estimate: Float32Array, { mask, initial }: SampleRequest): void {
	for (let at = 0; at < valueCount; at++) {
		const drawn = clampToRange(estimate[at] ?? 0);
		const share = mask && initial ? (mask[at % pixelCount] ?? 1) : 1;
		estimate[at] = share * drawn + (1 - share) * (initial?.[at] ?? 0);
	}
}

/** Noise, or for a given picture the point on the way from noise to it where drawing sets in. */
function start(request: SampleRequest, from: number): Float32Array {
	const x = gaussianNoise(request.seed, valueCount);
	if (request.initial) for (let at = 0; at < valueCount; at++) x[at] = from * (request.initial[at] ?? 0) + (1 - from) * (x[at] ?? 0);
	return x;
}

/** Close to the finished picture, where the network does little but redraw what it sees. */
const redrawAt = 0.98;

/**
 * The initial picture as the network redraws it: without what it cannot draw. The difference is what a gentle change must keep.
 * @throws {GlassworksError} as `sampleGlyph`
 */
export async function redrawGlyph(
	run: OnnxRun,
	files: GlyphFiles,
	request: SampleRequest & { initial: GlyphPlanes },
): Promise<GlyphPlanes> {
	const alone = firstRow(await conditions(run, files, request));
	return (await predict(run, files, request.initial, redrawAt, alone)).map(clampToRange);
}

/**
 * Draws: integrates a rectified flow from noise (t = 0) to a picture (t = 1) in `steps` equal steps, each led by the network's estimate of the picture.
 * The same request gives the same values on the same kind of machine.
 * @throws {GlassworksError} `model_missing` when a network's file is absent, damaged or yields no numbers.
 */
export async function sampleGlyph(run: OnnxRun, files: GlyphFiles, request: SampleRequest, onStep: OnSampleStep): Promise<GlyphPlanes> {
	const from = request.initial ? 1 - request.strength : 0;
	const x = start(request, from);
	if (from >= 1) return x;
	const both = await conditions(run, files, request);
	const alone = firstRow(both);
	for (let step = 0; step < request.steps; step++) {
		const t = from + ((1 - from) * step) / request.steps;
		const guided = t < guidedUntil && request.guidance !== 1;
		const rows = await predict(run, files, x, t, guided ? both : alone);
		const estimate = guided ? guide(rows, request.guidance) : rows;
		settle(estimate, request);
		const share = (1 - from) / request.steps / (1 - t);
		for (let at = 0; at < valueCount; at++) x[at] = (x[at] ?? 0) + share * ((estimate[at] ?? 0) - (x[at] ?? 0));
		await onStep(step + 1, estimate);
	}
	for (let at = 0; at < valueCount; at++) x[at] = clampToRange(x[at] ?? 0);
	if (x.every(Number.isFinite)) return x;
	throw new GlassworksError("model_missing", "The built-in model's weights are damaged: run `glassworks models verify`.");
}
