import { z } from "zod";
import { apiGraph, graphBinding } from "../engines/apiGraph.ts";
import { editOperations } from "../engines/traits.ts";
import type { StepKind } from "../ports.ts";

/** A face in pixels of the picture it was found in: box, then eyes (left, right as seen), nose tip and mouth centre. */
export const face = z.object({
	score: z.number().min(0).max(1),
	box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
	landmarks: z.array(z.object({ x: z.number(), y: z.number() })).length(4),
});
export type Face = z.infer<typeof face>;

/** One of a stack of ControlNets. Its picture is the input `control_<index in the list>`. */
const control = z.object({
	net: z.string(),
	strength: z.number().min(0).max(2).default(1),
	/** Part of the sampling it acts in, 0 to 1. */
	start: z.number().min(0).max(1).default(0),
	end: z.number().min(0).max(1).default(1),
	/** The picture is a photograph to make the map from, not the map itself. */
	preprocess: z.boolean().default(false),
});

/** A part of a picture, in its pixels. */
const pixelBox = z.object({ left: z.int().min(0), top: z.int().min(0), widthPx: z.int().min(1), heightPx: z.int().min(1) });

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
	/** ComfyUI's names; null: the model's own. */
	sampler: z.string().nullable().default(null),
	scheduler: z.string().nullable().default(null),
	controls: z.array(control).max(8).default([]),
	/** `digest`: of the file, of one that the tenant trained; null: one that the engine has. */
	loras: z
		.array(z.object({ name: z.string(), strength: z.number().min(-2).max(2).default(1), digest: z.string().nullable().default(null) }))
		.max(8)
		.default([]),
	/** Draw at the asked size divided by `scale`, enlarge and draw over with `strength`. Null: at once. */
	hiresFix: z
		.object({ scale: z.number().min(1.1).max(4), strength: z.number().min(0).max(1) })
		.nullable()
		.default(null),
};

/** Parameters of each step kind, as an engine receives them. Pictures travel in `inputs` by role, not here. */
export const stepParams = {
	/** inputs: `image` optional (image-to-image), `control_<n>`. outputs: `image`. */
	generate: z.object(sampling),
	/**
	 * inputs: `image` and `mask` (white = repaint) of one size, `control_<n>`. outputs: `image` of that size; outside the mask about the
	 * input (`composite` makes it exactly so). `prompt` says what to draw there and is empty for `remove` and `fill`.
	 */
	inpaint: z.object({
		...sampling,
		operation: z.enum(editOperations).default("replace"),
		/** 0 to 1: how closely what is drawn keeps to the mask's shape, where the engine is shape-guided. Null: not asked for. */
		shapeFidelity: z.number().min(0).max(1).nullable().default(null),
	}),
	/** inputs: what `bindings` name. outputs: `image`, then `image_1`, ...: the graph's pictures, in the order of its nodes. */
	graph: z.object({ graph: apiGraph, bindings: z.array(graphBinding).default([]), values: z.record(z.string(), z.json()).default({}) }),
	/** inputs: `image`. data: `faces: Face[]`, `faceCount`. */
	detect_faces: z.object({}),
	/** inputs: `image`. fidelity 0 (most restored) to 1 (closest to the input). outputs: `image`. */
	restore_faces: z.object({ faces: z.array(face), fidelity: z.number().min(0).max(1).default(0.5) }),
	/** inputs: `image`. outputs: `image`, `factor` times larger. */
	upscale: z.object({ factor: z.literal(4).default(4) }),
	/**
	 * inputs: `image` (the edit: of the whole picture or of its `window`), `original` and `mask` of one size. outputs: `image`, equal to the
	 * original where the mask is black and outside the window, transparency included.
	 */
	composite: z.object({ window: pixelBox.nullable().default(null) }),
	/** inputs: `image`. outputs: `image`. `cover` crops, `contain` keeps all of it, `fill` stretches. */
	resize: z.object({
		widthPx: z.int().min(1).max(16_384),
		heightPx: z.int().min(1).max(16_384),
		fit: z.enum(["cover", "contain", "fill"]).default("cover"),
	}),
	/** inputs: `image`. outputs: `image` without metadata, apart from the recipe when it is given. */
	encode: z.object({
		format: z.enum(["png", "jpeg", "webp"]).default("png"),
		quality: z.int().min(1).max(100).default(90),
		recipe: z.record(z.string(), z.json()).nullable().default(null),
	}),
	/** inputs: `image` optional, attached. data: `accepted`, how many recipients the mail server took. */
	send_email: z.object({
		to: z.email().max(254),
		subject: z
			.string()
			.trim()
			.min(1)
			.max(200)
			.regex(/^[^\r\n]*$/, "must be one line"),
		text: z.string().max(10_000).default(""),
	}),
	/**
	 * inputs: `picture_<n>`, with the caption at the same place in `captions`. outputs: `sample_<n>`, the last first; the file `lora`. data:
	 * `losses`. `run` names the course of the training: another attempt of the same goes on with it.
	 */
	train_lora: z.object({
		run: z.string(),
		captions: z.array(z.string()).min(1),
		steps: z.int().min(1),
		rank: z.int().min(1).max(128),
		learningRate: z.number().gt(0).max(1),
		batchSize: z.int().min(1).max(16),
		sidePx: z.int(),
		seed: z.int().min(0).max(4_294_967_295),
		samplePrompts: z.array(z.string()).max(4),
	}),
} satisfies Record<StepKind, z.ZodType>;

export type StepParams<K extends StepKind> = z.infer<(typeof stepParams)[K]>;
