import { pictureToCome } from "../../../domain/workflows/comfy/fillGraph.ts";
import { applyControls } from "./controls.ts";
import { type Drawing, gridPx, type LoadedModel, maxSidePx, minSidePx, type Prompts, type Size, sameSize, snap } from "./drawing.ts";
import { loadModel } from "./loadModel.ts";
import type { Link } from "./nodeTypes.ts";
import { encodePrompts } from "./prompts.ts";
import { refuse } from "./readRequest.ts";
import { sample } from "./sample.ts";

/** Text-to-image, or image-to-image when the step has an `image`. @throws {GlassworksError} `model_missing`, `engine_invalid` */
export function generate(drawing: Drawing): Link<"IMAGE"> {
	const { graph, params, request, recipe } = drawing;
	const asked = readSize(drawing);
	const drawn = snap(asked, gridPx(recipe), Math.ceil);
	const loaded = loadModel(drawing);
	const prompts = applyControls(drawing, loaded, encodePrompts(drawing, loaded), drawn);
	const scale = params.hiresFix?.scale ?? 1;
	const size = snap({ widthPx: drawn.widthPx / scale, heightPx: drawn.heightPx / scale }, gridPx(recipe), Math.round);
	const start = request.inputs.image ? encodeImage(drawing, loaded, size) : emptyLatent(drawing, size);
	const denoise = request.inputs.image ? params.strength : 1;
	const first = sample(drawing, loaded, prompts, { title: "sampler", latent: start, size, steps: params.steps, denoise });
	const latent = params.hiresFix ? drawOver(drawing, loaded, prompts, { latent: first, size: drawn, ...params.hiresFix }) : first;
	const [image] = graph.add("decode", "VAEDecode", { samples: latent, vae: loaded.vae });
	return sameSize(asked, drawn) ? image : fit(drawing, "asked size", image, asked);
}

function readSize({ params }: Drawing): Size {
	for (const side of ["widthPx", "heightPx"] as const)
		if (params[side] < minSidePx || params[side] > maxSidePx) refuse(side, `must be ${minSidePx} to ${maxSidePx}.`);
	return params;
}

function emptyLatent({ graph, recipe }: Drawing, { widthPx: width, heightPx: height }: Size): Link<"LATENT"> {
	// Latents of Flux have sixteen channels, as those of Stable Diffusion 3.
	const [latent] = graph.add("latent", recipe.family === "flux" ? "EmptySD3LatentImage" : "EmptyLatentImage", {
		width,
		height,
		batch_size: 1,
	});
	return latent;
}

function encodeImage(drawing: Drawing, { vae }: LoadedModel, size: Size): Link<"LATENT"> {
	const { graph, request } = drawing;
	const [image] = graph.add("image", "LoadImage", { image: pictureToCome("image") });
	const given = request.inputs.image;
	const pixels = given && sameSize(given, size) ? image : fit(drawing, "fit", image, size);
	return graph.add("encode", "VAEEncode", { pixels, vae })[0];
}

/** The picture at that size; where the shape differs its edges are cut. */
function fit({ graph }: Drawing, title: string, image: Link<"IMAGE">, { widthPx: width, heightPx: height }: Size): Link<"IMAGE"> {
	return graph.add(title, "ImageScale", { image, upscale_method: "lanczos", width, height, crop: "center" })[0];
}

interface Enlarging {
	latent: Link<"LATENT">;
	size: Size;
	strength: number;
}

/**
 * The second pass of the hires fix. An enlarged latent is full of artefacts that only half of the noise or more draws over; below that the
 * picture is enlarged instead, which costs a decode and an encode.
 */
function drawOver(drawing: Drawing, loaded: LoadedModel, prompts: Prompts, { latent, size, strength }: Enlarging): Link<"LATENT"> {
	const larger = strength >= 0.5 ? enlargeLatent(drawing, latent, size) : enlargePicture(drawing, loaded, latent, size);
	// As many steps per noise as in the first pass.
	const steps = Math.max(1, Math.ceil(drawing.params.steps * strength));
	return sample(drawing, loaded, prompts, { title: "hires pass", latent: larger, size, steps, denoise: strength });
}

function enlargeLatent({ graph }: Drawing, samples: Link<"LATENT">, { widthPx: width, heightPx: height }: Size): Link<"LATENT"> {
	return graph.add("hires latent", "LatentUpscale", { samples, upscale_method: "nearest-exact", width, height, crop: "disabled" })[0];
}

function enlargePicture(drawing: Drawing, { vae }: LoadedModel, samples: Link<"LATENT">, size: Size): Link<"LATENT"> {
	const [small] = drawing.graph.add("hires decode", "VAEDecode", { samples, vae });
	const pixels = fit(drawing, "hires picture", small, size);
	return drawing.graph.add("hires encode", "VAEEncode", { pixels, vae })[0];
}
