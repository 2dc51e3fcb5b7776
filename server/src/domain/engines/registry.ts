import { z } from "zod";

/** Networks that share files, sizes and samplers. */
export const modelFamilies = ["sd15", "sdxl", "flux"] as const;
export type ModelFamily = (typeof modelFamilies)[number];

/** File names as an engine lists them, any of which will do; the first that is installed is taken. */
const files = z.array(z.string().min(1).max(200)).min(1);

/** How a model of ours is found and run by the engines people have. A part that is null: engines of that kind do not have it. */
export const recipe = z.strictObject({
	family: z.enum(modelFamilies),
	/** Distilled for a few steps without guidance, as Flux schnell is. */
	distilled: z.boolean().default(false),
	/** Trained to repaint: its network takes the mask as an input. */
	inpaintNet: z.boolean().default(false),
	/** ComfyUI: one file that holds all parts. */
	checkpoint: files.nullable().default(null),
	/** ComfyUI: one file a part. Text encoders in the order their loader takes them (t5xxl, clip_l). */
	parts: z
		.strictObject({ network: files, textEncoders: z.array(files).min(1).max(2), vae: files })
		.nullable()
		.default(null),
	/** diffusers: a repository name or a folder that the sidecar has. */
	diffusers: z.string().nullable().default(null),
	/** IOPaint: the model's name there. */
	iopaint: z.string().nullable().default(null),
	/** ComfyUI's names. */
	sampler: z.string().default("euler"),
	scheduler: z.string().default("normal"),
	/** Classifier-free guidance when the request gives none (Flux: its distilled guidance). */
	guidance: z.number().min(0).max(30),
	/** Video memory it needs at its usual size, in MiB; 0: not known. */
	vramMib: z.int().min(0).default(0),
});
export type Recipe = z.infer<typeof recipe>;

const name = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/);

/** A ControlNet by our name. `preprocessor`: makes its map from a picture (`canny`, `depth`, `openpose` ...); null: takes maps only. */
export const controlNet = z.strictObject({
	name,
	title: z.string(),
	family: z.enum(modelFamilies),
	files,
	preprocessor: z.string().nullable().default(null),
});
export type ControlNet = z.infer<typeof controlNet>;

export const lora = z.strictObject({ name, title: z.string(), family: z.enum(modelFamilies), files });

/** A super-resolution net that an engine other than the built-in one runs. */
export const upscaler = z.strictObject({ name, files });

/** What our names mean to engines: from the operator's file, told to every worker. */
export const modelRegistry = z.object({
	models: z.array(z.object({ name, steps: z.array(z.enum(["generate", "inpaint"])), recipe })),
	controlNets: z.array(controlNet),
	loras: z.array(lora),
	upscalers: z.array(upscaler),
});
export type ModelRegistry = z.infer<typeof modelRegistry>;

export const emptyRegistry: ModelRegistry = { models: [], controlNets: [], loras: [], upscalers: [] };
