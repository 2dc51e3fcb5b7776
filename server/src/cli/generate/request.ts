import path from "node:path";
import type { CreateGeneration } from "@glassworks/sdk";
import { usageError } from "../failure.ts";

/** The options of `glassworks generate`, as commander parsed them. */
export interface GenerateOptions {
	out: string;
	seed?: number;
	size?: { width: number; height: number };
	steps?: number;
	model?: string;
	workflow?: string;
	count: number;
	style?: string;
	guidance?: number;
	negative?: string;
	strength?: number;
	image?: string;
	mask?: string;
	lora: { name: string; strength: number }[];
	format?: "png" | "jpeg" | "webp";
	/** False with --no-upscale. */
	upscale: boolean;
	/** False with --no-faces. */
	faces: boolean;
	json: boolean;
}

const formats = { ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp" } as const;

/** The format that --format or the file's ending asks for. @throws {CliFailure} when they disagree or neither says */
export function formatOf({ out, format }: Pick<GenerateOptions, "out" | "format">): "png" | "jpeg" | "webp" {
	const ending = path.extname(out).toLowerCase();
	const byEnding = Object.hasOwn(formats, ending) ? formats[ending as keyof typeof formats] : null;
	if (byEnding && format && byEnding !== format) throw usageError(`--out ends in ${ending}, but --format says ${format}.`);
	const chosen = format ?? byEnding;
	if (chosen) return chosen;
	throw usageError(`--out must end in .png, .jpg, .jpeg or .webp, or --format must say which; got "${out}".`);
}

/** `512x768`, or `512` for a square. */
export function parseSize(text: string): { width: number; height: number } | null {
	const match = /^(\d{1,5})(?:x(\d{1,5}))?$/i.exec(text);
	return match ? { width: Number(match[1]), height: Number(match[2] ?? match[1]) } : null;
}

/** `name`, or `name:strength`. */
export function parseLora(text: string): { name: string; strength: number } | null {
	const match = /^([^:]{1,100})(?::(-?\d(?:\.\d+)?))?$/.exec(text);
	return match?.[1] ? { name: match[1], strength: Number(match[2] ?? 1) } : null;
}

/** What is sent. Whatever was not said is left to the server's defaults. */
export function toRequest(prompt: string, options: GenerateOptions, pictures: Pick<CreateGeneration, "image" | "mask">): CreateGeneration {
	const { seed, size, steps, model, workflow, count, style, guidance, negative, strength, upscale, faces, lora } = options;
	const said = {
		seed,
		width: size?.width,
		height: size?.height,
		steps,
		model,
		workflow,
		style,
		guidance,
		negative_prompt: negative,
		strength,
		loras: lora.length > 0 ? lora : undefined,
		...pictures,
	};
	return {
		...(Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Partial<CreateGeneration>),
		prompt,
		count,
		upscale,
		restore_faces: faces,
		format: formatOf(options),
	};
}
