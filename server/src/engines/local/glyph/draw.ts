import type { JsonObject } from "../../../domain/json.ts";
import type { StepContext, StepOutput } from "../../../domain/ports.ts";
import type { StepParams } from "../../../domain/workflows/stepParams.ts";
import { containOnWhite, cropFromSquare, encodePng, padToSquare, type RawPlane, resize } from "../canvas.ts";
import { addDifference, blendInside, containMask, squareMask } from "../mask.ts";
import { fromPlanes, toPlanes } from "../planes.ts";
import type { OnnxRun, RawImage } from "../runtime/types.ts";
import { upscaleImage } from "../upscale.ts";
import { embedText, type GlyphModel } from "./model.ts";
import { defaultGuidance, type GlyphPlanes, glyphSidePx, redrawGlyph, type SampleRequest, sampleGlyph } from "./sample.ts";
import { chooseStyle } from "./styles.ts";
import { understand } from "./understand.ts";

const notice = "small built-in model for clip-art; connect ComfyUI for photographs";
/** Share of the time that sampling takes; the rest is super-resolution. */
const samplingShare = 0.8;

/** What to draw on; `mask` (1 = repaint) only together with `image`. */
export interface DrawInputs {
	readonly image: RawImage | null;
	readonly mask: RawPlane | null;
}

type Sinks = Pick<StepContext, "onProgress" | "onPreview">;

/** A picture brought to the size asked for, and what the network sees of it. */
interface Canvas {
	readonly picture: RawImage;
	readonly initial: GlyphPlanes;
	readonly mask: RawPlane | null;
}

async function prepareCanvas({ image, mask }: DrawInputs, widthPx: number, heightPx: number): Promise<Canvas | null> {
	if (!image) return null;
	const picture = await containOnWhite(image, widthPx, heightPx);
	const small = await resize(await padToSquare(picture), glyphSidePx, glyphSidePx);
	return { picture, initial: toPlanes(small, -1, 1), mask: mask && containMask(mask, widthPx, heightPx) };
}

/** The prompt, read. */
interface Reading {
	readonly request: SampleRequest;
	readonly data: JsonObject;
}

async function readPrompt(run: OnnxRun, model: GlyphModel, params: StepParams<"generate">, canvas: Canvas | null): Promise<Reading> {
	const style = chooseStyle(params.style, params.prompt, params.seed);
	const guidance = params.guidance ?? defaultGuidance;
	const embed = (text: string) => embedText(run, model, text);
	const understood = await understand(params.prompt, style, model.concepts, embed);
	const request: SampleRequest = {
		...{ style, guidance, seed: params.seed, steps: params.steps, strength: params.strength },
		embedding: await embed(understood.canonical),
		negativeEmbedding: params.negativePrompt.trim() === "" ? null : await embed(params.negativePrompt),
		initial: canvas?.initial ?? null,
		mask: canvas?.mask ? squareMask(canvas.mask, glyphSidePx) : null,
	};
	const data = {
		understood_as: understood.understoodAs,
		understood_score: Number(understood.score.toFixed(3)),
		color_applied: understood.colorApplied,
		low_confidence: understood.lowConfidence,
		...{ style, steps: params.steps, guidance, notice },
	};
	return { request, data };
}

const fromGlyph = (planes: GlyphPlanes) => fromPlanes(planes, glyphSidePx, glyphSidePx, -1, 1);

/**
 * The drawing on the canvas. The network sees 64 px and knows clip-art only, so the rest of the given picture (fine detail,
 * coloured grounds) is carried over to the extent that little was to change.
 */
async function applyToCanvas(
	run: OnnxRun,
	model: GlyphModel,
	planes: GlyphPlanes,
	canvas: Canvas,
	request: SampleRequest,
): Promise<RawImage> {
	const { widthPx, heightPx } = canvas.picture;
	const enlarge = async (small: GlyphPlanes) => {
		const square = await upscaleImage(run, model.files.upscale, fromGlyph(small), () => {});
		return cropFromSquare(square, widthPx, heightPx);
	};
	const drawn = await enlarge(planes);
	const kept = (1 - request.strength) ** 2;
	if (kept > 0) {
		const redrawn = await enlarge(await redrawGlyph(run, model.files, { ...request, initial: canvas.initial }));
		addDifference(drawn, canvas.picture, redrawn, kept);
	}
	return canvas.mask ? blendInside(canvas.picture, drawn, canvas.mask) : drawn;
}

/**
 * Draws clip-art with the glyph model: from a prompt alone, from a picture, or inside a mask of a picture.
 * The result has exactly the size asked for. Without a picture the drawing stands in the middle of a white canvas;
 * with one, the result shows what the picture shows, and outside a mask it equals the picture to the byte.
 */
export async function drawPicture(
	run: OnnxRun,
	model: GlyphModel,
	params: StepParams<"generate">,
	inputs: DrawInputs,
	sinks: Sinks,
): Promise<StepOutput> {
	const { widthPx, heightPx, strength, steps } = params;
	// Without a mask, full strength leaves nothing of the picture: not even its shape should crop the drawing.
	const canvas = strength >= 1 && !inputs.mask ? null : await prepareCanvas(inputs, widthPx, heightPx);
	const { request, data } = await readPrompt(run, model, params, canvas);
	if (canvas && strength === 0) return { pictures: { image: await encodePng(canvas.picture) }, data };
	const planes = await sampleGlyph(run, model.files, request, async (step, estimate) => {
		sinks.onPreview(await encodePng(fromGlyph(estimate)));
		sinks.onProgress({ fraction: (samplingShare * step) / steps, step, steps });
	});
	if (canvas) return { pictures: { image: await encodePng(await applyToCanvas(run, model, planes, canvas, request)) }, data };
	const square = await upscaleImage(run, model.files.upscale, fromGlyph(planes), () => {});
	return { pictures: { image: await encodePng(await containOnWhite(square, widthPx, heightPx)) }, data };
}
