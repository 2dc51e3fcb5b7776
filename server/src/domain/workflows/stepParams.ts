import { z } from "zod";
import type { StepKind } from "../ports.ts";

/** A face in pixels of the picture it was found in: box, then eyes (left, right as seen), nose tip and mouth centre. */
export const face = z.object({
	score: z.number().min(0).max(1),
	box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
	landmarks: z.array(z.object({ x: z.number(), y: z.number() })).length(4),
});
export type Face = z.infer<typeof face>;

const sampling = {
	prompt: z.string(),
	negativePrompt: z.string().default(""),
	/** 0 to 2^32 - 1. The same seed with the same settings gives the same pixels. */
	seed: z.int().min(0).max(4_294_967_295),
	steps: z.int().min(1).max(150),
	/** Classifier-free guidance scale; 1 is none. Null: the model's own default. */
	guidance: z.number().min(0).max(30).nullable().default(null),
	widthPx: z.int(),
	heightPx: z.int(),
	/** A drawing style the model knows, or null for its default. */
	style: z.string().nullable().default(null),
	/** Denoise strength for a given picture: 0 returns it, 1 ignores it. */
	strength: z.number().min(0).max(1).default(0.7),
};

/** Parameters of each step kind, as an engine receives them. Pictures travel in `inputs` by role, not here. */
export const stepParams = {
	/** inputs: `image` optional (image-to-image). outputs: `image`. */
	generate: z.object(sampling),
	/** inputs: `image` and `mask` (white = repaint). outputs: `image`; outside the mask it equals the input. */
	inpaint: z.object(sampling),
	/** inputs: `image`. data: `faces: Face[]`, `faceCount`. */
	detect_faces: z.object({}),
	/** inputs: `image`. fidelity 0 (most restored) to 1 (closest to the input). outputs: `image`. */
	restore_faces: z.object({ faces: z.array(face), fidelity: z.number().min(0).max(1).default(0.5) }),
	/** inputs: `image`. outputs: `image`, `factor` times larger. */
	upscale: z.object({ factor: z.literal(4).default(4) }),
	/** inputs: `image`. outputs: `image` without metadata, apart from the recipe when it is given. */
	encode: z.object({
		format: z.enum(["png", "jpeg", "webp"]).default("png"),
		quality: z.int().min(1).max(100).default(90),
		recipe: z.record(z.string(), z.json()).nullable().default(null),
	}),
} satisfies Record<StepKind, z.ZodType>;

export type StepParams<K extends StepKind> = z.infer<(typeof stepParams)[K]>;
