import type { JsonObject } from "../../../domain/json.ts";
import type { StepContext, StepOutput } from "../../../domain/ports.ts";
import type { StepParams } from "../../../domain/workflows/stepParams.ts";
import { containOnWhite, cropFromSquare, encodePng, padToSquare, type RawPlane, resize } from "../canvas.ts";
import { addDifference, blendInside, containMask, squareMask, stretchMask } from "../mask.ts";
import { fromPlanes, toPlanes } from "../planes.ts";
import type { OnnxRun, RawImage } from "../runtime/types.ts";
import { upscaleImage } from "../upscale.ts";
import { boxAround, boxOf, cutImage, cutPlane, type PixelBox, pasteInside } from "../window.ts";
import { embedText, type GlyphModel } from "./model.ts";
import { defaultGuidance, type GlyphPlanes, glyphSidePx, redrawGlyph, type SampleRequest, sampleGlyph } from "./sample.ts";
import { drawScene, type Drawing as ThingDrawing } from "./scene/drawScene.ts";
import { describeScene, understandScene } from "./scene/understandScene.ts";
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
		mayMirror: !understood.lowConfidence && model.concepts.mayMirror(understood.understoodAs),
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

/** A drawing and what is to be said of it. */
interface Drawing {
	readonly image: RawImage;
	readonly data: JsonObject;
}

/** Null when the prompt is no scene, or not one of which every part is known. */
async function drawAsScene(run: OnnxRun, model: GlyphModel, params: StepParams<"generate">, sinks: Sinks): Promise<Drawing | null> {
	const { prompt, negativePrompt, seed, steps, widthPx, heightPx } = params;
	const embed = (text: string) => embedText(run, model, text);
	const style = chooseStyle(params.style, prompt, seed);
	const scene = await understandScene(prompt, style, model.concepts, embed);
	if (!scene) return null;
	const guidance = params.guidance ?? defaultGuidance;
	const negativeEmbedding = negativePrompt.trim() === "" ? null : await embed(negativePrompt);
	const how: ThingDrawing = { style, seed, steps, guidance, negativeEmbedding };
	const onProgress: Sinks["onProgress"] = (progress) => sinks.onProgress({ ...progress, fraction: samplingShare * progress.fraction });
	const drawn = await drawScene(run, model, scene, how, { ...sinks, onProgress });
	const large = await upscaleImage(run, model.files.upscale, drawn, () => {});
	const data = { ...describeScene(scene), style, steps, guidance, notice };
	return { image: await containOnWhite(large, widthPx, heightPx), data };
}

async function draw(run: OnnxRun, model: GlyphModel, params: StepParams<"generate">, inputs: DrawInputs, sinks: Sinks): Promise<Drawing> {
	const { widthPx, heightPx, strength, steps } = params;
	// Without a mask, full strength leaves nothing of the picture: not even its shape should crop the drawing.
	const canvas = strength >= 1 && !inputs.mask ? null : await prepareCanvas(inputs, widthPx, heightPx);
	const scene = canvas ? null : await drawAsScene(run, model, params, sinks);
	if (scene) return scene;
	const { request, data } = await readPrompt(run, model, params, canvas);
	if (canvas && strength === 0) return { image: canvas.picture, data };
	const planes = await sampleGlyph(run, model.files, request, async (step, estimate) => {
		sinks.onPreview(await encodePng(fromGlyph(estimate)));
		sinks.onProgress({ fraction: (samplingShare * step) / steps, step, steps });
	});
	if (canvas) return { image: await applyToCanvas(run, model, planes, canvas, request), data };
	const square = await upscaleImage(run, model.files.upscale, fromGlyph(planes), () => {});
	return { image: await containOnWhite(square, widthPx, heightPx), data };
}

/**
 * Draws clip-art with the glyph model, from a prompt alone or from a picture. The result has exactly the size asked for.
 * Without a picture the drawing stands in the middle of a white canvas; with one, the result shows what the picture shows.
 */
export async function drawPicture(
	run: OnnxRun,
	model: GlyphModel,
	params: StepParams<"generate">,
	image: RawImage | null,
	sinks: Sinks,
): Promise<StepOutput> {
	const drawing = await draw(run, model, params, { image, mask: null }, sinks);
	return { pictures: { image: await encodePng(drawing.image) }, data: drawing.data };
}

/** Beyond the mask on each side, as a share of its side: the network fills its canvas, and what it draws should fit the mask. */
const contextShare = 1 / 16;
/** A mask longer than this many times its width is not filled by stretching the drawing. */
const maxStretch = 2;

/** The part of the picture that stands for the network's square canvas: the mask's box, stretched, where that does not distort too much. */
function surroundings(box: PixelBox, within: RawImage): PixelBox {
	const grown = ({ widthPx, heightPx }: PixelBox) =>
		[widthPx, heightPx].map((side) => Math.max(16, Math.ceil(side * (1 + 2 * contextShare))));
	const [width = 0, height = 0] = grown(box);
	const least = Math.ceil(Math.max(width, height) / maxStretch);
	return boxAround(box, { widthPx: Math.max(width, least), heightPx: Math.max(height, least) }, within);
}

/**
 * Draws inside the mask (1 = repaint) of a picture, outside which the result equals it to the byte. The network sees 64 px, so it is
 * shown the mask's surroundings only: on a large picture too, what it draws is as fine as it can be.
 */
export async function repaintPicture(
	run: OnnxRun,
	model: GlyphModel,
	params: StepParams<"inpaint">,
	{ image, mask }: { image: RawImage; mask: RawPlane },
	sinks: Sinks,
): Promise<StepOutput> {
	const { widthPx, heightPx } = params;
	const picture = await containOnWhite(image, widthPx, heightPx);
	const area = containMask(mask, widthPx, heightPx);
	const box = boxOf(area);
	if (!box) return { pictures: { image: await encodePng(picture) }, data: {} };
	const around = surroundings(box, picture);
	const sidePx = Math.max(around.widthPx, around.heightPx);
	const part = {
		image: await resize(cutImage(picture, around), sidePx, sidePx),
		mask: stretchMask(cutPlane(area, around), sidePx, sidePx),
	};
	const drawing = await draw(run, model, { ...params, widthPx: sidePx, heightPx: sidePx }, part, sinks);
	const painted = await resize(drawing.image, around.widthPx, around.heightPx);
	return { pictures: { image: await encodePng(pasteInside(picture, painted, area, around)) }, data: drawing.data };
}
