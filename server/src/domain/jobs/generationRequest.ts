import type { BlobRef } from "./job.ts";

/** What a caller asks for, in the domain's words. Null: not said, the model's or workflow's default applies. */
export interface GenerationRequest {
	prompt: string;
	negativePrompt: string;
	workflow: string | null;
	model: string | null;
	/** How many pictures, each with its own seed (seed, seed + 1, ...). */
	count: number;
	widthPx: number | null;
	heightPx: number | null;
	/** Null: random. */
	seed: number | null;
	steps: number | null;
	guidance: number | null;
	style: string | null;
	strength: number | null;
	/** Already admitted and stored. */
	image: BlobRef | null;
	mask: BlobRef | null;
	upscale: boolean;
	restoreFaces: boolean;
	faceFidelity: number;
	format: "png" | "jpeg" | "webp";
	quality: number;
	/** Write the recipe into the finished file. Off by default: metadata leaks prompts. */
	embedRecipe: boolean;
	/** Do not start before this moment. */
	runAfter: Date | null;
	metadata: Record<string, string>;
}
