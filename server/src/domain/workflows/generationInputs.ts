import { faceRestorers } from "./stepPorts.ts";
import type { WorkflowInput } from "./workflowInput.ts";

/** Fields of a generation request: the name a caller uses, and the domain's, which steps refer to. */
export const generationFields = {
	prompt: "prompt",
	negative_prompt: "negativePrompt",
	model: "model",
	width: "widthPx",
	height: "heightPx",
	seed: "seed",
	steps: "steps",
	guidance: "guidance",
	style: "style",
	sampler: "sampler",
	scheduler: "scheduler",
	image: "image",
	mask: "mask",
	strength: "strength",
	upscale: "upscale",
	restore_faces: "restoreFaces",
	face_restorer: "faceRestorer",
	face_fidelity: "faceFidelity",
	format: "format",
	quality: "quality",
} as const;
export type GenerationField = keyof typeof generationFields;

type Input = Pick<WorkflowInput, "type" | "title"> & Partial<WorkflowInput>;

const seed = { min: 0, max: 4_294_967_295 };
const described: Record<GenerationField, Input> = {
	prompt: { type: "text", title: "Prompt", description: "What to draw.", multiline: true },
	negative_prompt: {
		type: "text",
		title: "Negative prompt",
		description: "What to avoid, where the model can.",
		default: "",
		multiline: true,
	},
	model: { type: "text", title: "Model", description: "Left out: the server's default.", optional: true },
	width: { type: "integer", title: "Width", description: "Pixels. Left out: the model's own.", min: 64, max: 4_096, optional: true },
	height: { type: "integer", title: "Height", description: "Pixels. Left out: the model's own.", min: 64, max: 4_096, optional: true },
	seed: { type: "seed", title: "Seed", description: "Same seed and settings, same picture. Left out: drawn.", ...seed },
	steps: { type: "integer", title: "Steps", description: "Left out: the model's default.", min: 1, max: 150, optional: true },
	guidance: { type: "number", title: "Guidance", description: "How closely to follow the prompt.", min: 0, max: 30, optional: true },
	style: { type: "text", title: "Style", description: "A style the model knows.", optional: true },
	sampler: { type: "text", title: "Sampler", description: "ComfyUI's name. Left out: the model's own.", optional: true },
	scheduler: { type: "text", title: "Scheduler", description: "ComfyUI's name. Left out: the model's own.", optional: true },
	image: { type: "picture", title: "Picture", description: "To start from." },
	mask: { type: "picture", title: "Mask", description: "White where to repaint; the picture's size." },
	strength: {
		type: "number",
		title: "Strength",
		description: "How far to leave the picture: 0 keeps it, 1 ignores it.",
		min: 0,
		max: 1,
		optional: true,
	},
	upscale: { type: "boolean", title: "Upscale", description: "Four times, where the plan includes it.", default: true },
	restore_faces: { type: "boolean", title: "Restore faces", description: "When there are any.", default: true },
	face_restorer: {
		type: "choice",
		title: "Face restorer",
		description: "CodeFormer: for non-commercial purposes only, where it is installed.",
		options: [...faceRestorers],
		default: "gfpgan",
	},
	face_fidelity: {
		type: "number",
		title: "Face fidelity",
		description: "0 most restored, 1 closest to the original.",
		min: 0,
		max: 1,
		default: 0.5,
	},
	format: { type: "choice", title: "Format", options: ["png", "jpeg", "webp"], default: "png" },
	quality: { type: "integer", title: "Quality", description: "For jpeg and webp.", min: 1, max: 100, default: 90 },
};

/** Inputs of a workflow that takes a generation request, some of them changed. */
export function generationInputs(names: readonly GenerationField[], changes: Partial<Record<GenerationField, Partial<Input>>> = {}) {
	return names.map((name) => ({ name, bindings: [], ...described[name], ...changes[name] }));
}

export const drawingFields = [
	"prompt",
	"negative_prompt",
	"model",
	"width",
	"height",
	"seed",
	"steps",
	"guidance",
	"style",
	"sampler",
	"scheduler",
] as const;
export const finishingFields = ["upscale", "restore_faces", "face_restorer", "face_fidelity", "format", "quality"] as const;
