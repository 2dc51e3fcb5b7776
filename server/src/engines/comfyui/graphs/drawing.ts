import type { Recipe } from "../../../domain/engines/registry.ts";
import type { StepRequest } from "../../../domain/ports.ts";
import type { Graph } from "./graph.ts";
import type { Link } from "./nodeTypes.ts";
import type { Known, Sampling } from "./readRequest.ts";

export interface Size {
	widthPx: number;
	heightPx: number;
}

/** A model as nodes see it, its LoRAs applied. */
export interface LoadedModel {
	model: Link<"MODEL">;
	clip: Link<"CLIP">;
	vae: Link<"VAE">;
}

/** What to draw and what not. `negative` null: the network draws without (Flux). */
export interface Prompts {
	positive: Link<"CONDITIONING">;
	negative: Link<"CONDITIONING"> | null;
}

/** A graph that draws something, while it is built. */
export interface Drawing {
	graph: Graph;
	known: Known;
	request: StepRequest;
	recipe: Recipe;
	params: Sampling;
}

/** Latents are an eighth of the picture; Flux takes them in patches of two. */
export function gridPx({ family }: Recipe): number {
	return family === "flux" ? 16 : 8;
}

export function sameSize(a: Size, b: Size): boolean {
	return a.widthPx === b.widthPx && a.heightPx === b.heightPx;
}

/** ComfyUI's own limits of a side. */
export const minSidePx = 16;
export const maxSidePx = 16_384;

/** The nearest size that latents have, by a rounding of cells. */
export function snap({ widthPx, heightPx }: Size, grid: number, round: (cells: number) => number): Size {
	const side = (px: number) => Math.max(minSidePx, round(px / grid) * grid);
	return { widthPx: side(widthPx), heightPx: side(heightPx) };
}
