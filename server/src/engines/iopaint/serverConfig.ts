import { z } from "zod";

/** A model as IOPaint describes it. */
export const modelInfo = z.object({
	name: z.string(),
	model_type: z.string(),
	controlnets: z.array(z.string()).default([]),
	support_strength: z.boolean().default(false),
	support_outpainting: z.boolean().default(false),
	support_controlnet: z.boolean().default(false),
	support_powerpaint_v2: z.boolean().default(false),
});
export type ModelInfo = z.infer<typeof modelInfo>;

/** GET /api/v1/server-config: what is installed and how the server was started. */
export const serverConfig = z.object({
	plugins: z.array(z.object({ name: z.string(), support_gen_image: z.boolean().default(false) })).default([]),
	modelInfos: z.array(modelInfo),
	/** The network that the RealESRGAN plugin holds; the list of others says nothing about what is installed. */
	realesrganModel: z.string().default(""),
	/** A ControlNet was switched on since the server's start. Nothing switches it off again, and PowerPaint is then ignored. */
	enableControlnet: z.boolean().default(false),
	samplers: z.array(z.string()).default([]),
});
export type ServerConfig = z.infer<typeof serverConfig>;

/** Models that continue the surroundings and take no prompt: LaMa, MAT, OpenCV's, ... */
export function isEraseModel({ model_type }: ModelInfo): boolean {
	return model_type === "inpaint";
}

/** Networks that draw what a prompt says. Others (Paint by Example, InstructPix2Pix, ...) want inputs that our steps do not have. */
export function isPromptModel({ model_type }: ModelInfo): boolean {
	return ["diffusers_sd", "diffusers_sd_inpaint", "diffusers_sdxl", "diffusers_sdxl_inpaint"].includes(model_type);
}
