import type { Recipe } from "../../../domain/engines/registry.ts";
import type { EditOperation } from "../../../domain/engines/traits.ts";
import type { Picture } from "../../../domain/ports.ts";
import { pictureToCome } from "../../../domain/workflows/comfy/fillGraph.ts";
import { readImageAndMask } from "../../../domain/workflows/readStepParams.ts";
import type { StepParams } from "../../../domain/workflows/stepParams.ts";
import { applyControls } from "./controls.ts";
import { type Drawing, gridPx, type LoadedModel, type Prompts, type Size, sameSize, snap } from "./drawing.ts";
import { loadModel } from "./loadModel.ts";
import type { Link } from "./nodeTypes.ts";
import { bothPrompts, encodePrompts } from "./prompts.ts";
import { refuse } from "./readRequest.ts";
import { sample } from "./sample.ts";

/**
 * What a model can honestly be asked to do. Any network draws what a prompt says into a hole: it sees the surroundings at every step. Without
 * a prompt only one that was trained on holes continues them. None of them takes something away reliably (they like to draw another
 * thing there): that is left to engines made for it.
 */
export function operationsOf({ inpaintNet }: Recipe): EditOperation[] {
	return inpaintNet ? ["replace", "insert", "outpaint", "fill"] : ["replace", "insert", "outpaint"];
}

interface Edit {
	original: Link<"IMAGE">;
	/** The original at the size that is drawn. */
	pixels: Link<"IMAGE">;
	/** Grown: 1 is repainted. Nodes bring it to their size themselves. */
	mask: Link<"MASK">;
}

/** Repaints under the mask and puts the rest of the original back. @throws {GlassworksError} `model_missing`, `engine_invalid` */
export function inpaint(drawing: Drawing, params: StepParams<"inpaint">): Link<"IMAGE"> {
	const { graph, recipe } = drawing;
	const picture = checkEdit(drawing, params);
	const size = workingSize(picture, params, gridPx(recipe));
	const loaded = loadModel(drawing);
	const edit = loadEdit(drawing, picture, size);
	const prompts = applyControls(drawing, loaded, encodePrompts(drawing, loaded), size);
	// What is new has nothing below it that could shine through.
	const denoise = params.operation === "outpaint" || params.operation === "fill" ? 1 : params.strength;
	const start = recipe.inpaintNet
		? conditionOnHole(drawing, loaded, prompts, edit)
		: { prompts, latent: coverHole(drawing, loaded, edit, denoise) };
	const latent = sample(drawing, loaded, start.prompts, { title: "sampler", latent: start.latent, size, steps: params.steps, denoise });
	const [drawn] = graph.add("decode", "VAEDecode", { samples: latent, vae: loaded.vae });
	const source = sameSize(picture, size) ? drawn : scale(drawing, "original size", drawn, picture);
	const place = { x: 0, y: 0, resize_source: false };
	return graph.add("keep the rest", "ImageCompositeMasked", { destination: edit.original, source, ...place, mask: edit.mask })[0];
}

function checkEdit({ request, recipe }: Drawing, params: StepParams<"inpaint">): Picture {
	const { image } = readImageAndMask(request);
	if (!operationsOf(recipe).includes(params.operation)) refuse("operation", `this model cannot ${params.operation}.`);
	if (params.hiresFix) refuse("hiresFix", "a picture that is repainted is not enlarged.");
	if (params.shapeFidelity !== null) refuse("shapeFidelity", "this model does not follow the shape of a mask more or less closely.");
	return image;
}

/** The picture's own size on the grid of latents, or as many pixels as were asked for when it has more. */
function workingSize(picture: Size, asked: Size, grid: number): Size {
	const scale = Math.min(1, Math.sqrt((asked.widthPx * asked.heightPx) / (picture.widthPx * picture.heightPx)));
	return snap({ widthPx: picture.widthPx * scale, heightPx: picture.heightPx * scale }, grid, Math.round);
}

/** How far the mask grows, in pixels of what is drawn: one cell of the latent, lest its rim is drawn by half. */
const rimPx = 8;

function loadEdit(drawing: Drawing, picture: Size, size: Size): Edit {
	const { graph } = drawing;
	const [original] = graph.add("image", "LoadImage", { image: pictureToCome("image") });
	const [white] = graph.add("mask", "LoadImageMask", { image: pictureToCome("mask"), channel: "red" });
	const expand = Math.round(rimPx * Math.max(1, picture.widthPx / size.widthPx));
	const [mask] = graph.add("grow mask", "GrowMask", { mask: white, expand, tapered_corners: true });
	return { original, mask, pixels: sameSize(picture, size) ? original : scale(drawing, "working size", original, size) };
}

/** For networks trained on holes: they are given the mask and what is around it. */
function conditionOnHole({ graph }: Drawing, { vae }: LoadedModel, prompts: Prompts, { pixels, mask }: Edit) {
	const inputs = { ...bothPrompts(graph, prompts), vae, pixels, mask, noise_mask: true };
	const [positive, negative, latent] = graph.add("inpaint conditioning", "InpaintModelConditioning", inputs);
	return { prompts: { positive, negative }, latent };
}

/**
 * For every other network: the sampler draws only where the mask is. At full strength what lies there is painted grey first, so that nothing
 * of it is left; below it the old picture stays, for part of it is to be seen in the new.
 */
function coverHole({ graph }: Drawing, { vae }: LoadedModel, { pixels, mask }: Edit, denoise: number): Link<"LATENT"> {
	if (denoise === 1) return graph.add("encode", "VAEEncodeForInpaint", { pixels, vae, mask, grow_mask_by: 6 })[0];
	const [samples] = graph.add("encode", "VAEEncode", { pixels, vae });
	return graph.add("noise mask", "SetLatentNoiseMask", { samples, mask })[0];
}

function scale({ graph }: Drawing, title: string, image: Link<"IMAGE">, { widthPx: width, heightPx: height }: Size): Link<"IMAGE"> {
	return graph.add(title, "ImageScale", { image, upscale_method: "lanczos", width, height, crop: "disabled" })[0];
}
