import { z } from "zod";

/** What `inpaint` may be asked to do. `fill`: continue the surroundings; `outpaint`: the mask is the new border of a picture already enlarged. */
export const editOperations = ["remove", "fill", "replace", "insert", "outpaint"] as const;
export type EditOperation = (typeof editOperations)[number];

/** What an engine can do with one capability beyond its plain step. Names are ours (registry.ts). Left out: none. */
export const traits = z.object({
	/** `inpaint`: what it can be asked to do. */
	operations: z.array(z.enum(editOperations)).default([]),
	/** `inpaint`: draws nothing that a prompt says. */
	ignoresPrompt: z.boolean().default(false),
	/** `inpaint`: follows the mask's shape as closely as `shapeFidelity` says. */
	shapeGuided: z.boolean().default(false),
	/** ControlNets whose files are installed. */
	controlNets: z.array(z.string()).default([]),
	/** How many ControlNets at once; null: any number. */
	maxControlNets: z.int().nullable().default(0),
	/** Kinds of maps it can make from a picture by itself (`canny`, ...). */
	preprocessors: z.array(z.string()).default([]),
	/** LoRAs whose files are installed. */
	loras: z.array(z.string()).default([]),
	/** Loads LoRAs that accounts trained, whose files come with the step. */
	ownLoras: z.boolean().default(false),
	/** `train_lora`: the most it takes; null: it does not train. */
	training: z.object({ maxSteps: z.int(), maxPictures: z.int(), maxSidePx: z.int() }).nullable().default(null),
	/** Names of samplers and schedulers that a request may choose (ComfyUI's); empty: not told. */
	samplers: z.array(z.string()).default([]),
	schedulers: z.array(z.string()).default([]),
	/** Can draw small, enlarge and draw over. */
	hiresFix: z.boolean().default(false),
	/** Can start from a picture. */
	imageToImage: z.boolean().default(false),
});
export type Traits = z.infer<typeof traits>;

export const noTraits: Traits = traits.parse({});
