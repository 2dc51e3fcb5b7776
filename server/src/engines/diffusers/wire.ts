import { z } from "zod";
import { modelFamilies } from "../../domain/engines/registry.ts";

/** A model, ControlNet or LoRA that the sidecar has. `name` may have an owner before it (`owner/model`). */
const installed = z.object({
	name: z.string(),
	kind: z.enum(["model", "controlnet", "lora"]),
	family: z.enum(modelFamilies),
	/** Null until it was used once. */
	sha256: z.string().nullable(),
	/** Of models: kinds of jobs it can do. */
	jobs: z.array(z.string()).default([]),
	/** Of models: trained to repaint. */
	inpaintNet: z.boolean().default(false),
});
export type Installed = z.infer<typeof installed>;

/** Answer of GET /v1/capabilities. */
export const sidecarCapabilities = z.object({
	version: z.string(),
	device: z.object({
		kind: z.string(),
		name: z.string(),
		memoryTotalBytes: z.number().nullable(),
		memoryFreeBytes: z.number().nullable(),
	}),
	loaded: z.string().nullable(),
	/** Id of the job that the device works on. */
	running: z.string().nullable(),
	samplers: z.array(z.string()),
	schedulers: z.array(z.string()),
	limits: z.object({ maxSidePx: z.int(), maxTrainingSteps: z.int(), maxTrainingPictures: z.int() }),
	/** Whether LoRAs can be put there by digest; sidecars of before do not say. */
	takesLoras: z.boolean().default(false),
	models: z.array(installed),
});
export type SidecarCapabilities = z.infer<typeof sidecarCapabilities>;

const output = z.object({
	n: z.int().min(0),
	role: z.string(),
	name: z.string(),
	mediaType: z.string(),
	bytes: z.int().min(0),
	sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type AnnouncedOutput = z.infer<typeof output>;

/** What is taken from the events of a job; kinds that are not here are passed over. */
export const sidecarEvents = {
	progress: z.object({ step: z.int(), steps: z.int(), fraction: z.number() }),
	preview: z.object({ mediaType: z.literal("image/jpeg"), image: z.base64(), widthPx: z.int(), heightPx: z.int() }),
	loss: z.object({ step: z.int(), loss: z.number() }),
	output,
	failed: z.object({ class: z.enum(["oom", "invalid", "missing_model", "cancelled", "internal"]), message: z.string() }),
	done: z.object({ facts: z.record(z.string(), z.json()) }),
};

/** Answer of POST /v1/jobs. */
export const submitted = z.object({ state: z.enum(["running", "done", "failed"]) });

/** Answer of a request that was refused. */
export const refusal = z.object({ error: z.object({ class: z.string(), message: z.string() }) });
