import type { FaceRestorer } from "../workflows/stepPorts.ts";
import type { BlobRef } from "./job.ts";

/** What becomes of a request's result. */
export interface KeepingRequest {
	/** Its pictures are deleted so many seconds after its end; null or left out: as the plan says. */
	deleteAfterS?: number | null;
	/** False: made anew whatever was made before, and not kept for others. Left out: true. */
	useCache?: boolean;
}

/** How a picture that was drawn or changed is finished, and what else is said of the job. */
export interface FinishingRequest extends KeepingRequest {
	upscale: boolean;
	restoreFaces: boolean;
	faceRestorer: FaceRestorer;
	faceFidelity: number;
	format: "png" | "jpeg" | "webp";
	quality: number;
	/** Write the recipe into the finished file. Off by default: metadata leaks prompts. */
	embedRecipe: boolean;
	/** Do not start before this moment. */
	runAfter: Date | null;
	metadata: Record<string, string>;
}

/** What a caller asks for, in the domain's words. Null: not said, the model's or workflow's default applies. */
export interface GenerationRequest extends FinishingRequest {
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
	/** ControlNets by our names; the picture of each is at the same place in `controlImages`. */
	controls: { net: string; strength: number; start: number; end: number; preprocess: boolean }[];
	controlImages: BlobRef[];
	loras: { name: string; strength: number }[];
	/** ComfyUI's names. */
	sampler: string | null;
	scheduler: string | null;
	/** Draw smaller by `scale`, enlarge and draw over with `strength`. */
	hiresFix: { scale: number; strength: number } | null;
}
