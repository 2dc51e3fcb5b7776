import type { CreateGeneration, Model } from "@glassworks/sdk";

/** A picture to start from or to be guided by, and where it can be seen. */
export interface Reference {
	input: { asset_id: string } | { job_id: string; n: number };
	url: string | null;
}
export interface ControlDraft {
	net: string;
	picture: Reference | null;
	strength: number;
	/** Parts of the sampling, 0 to 1. */
	start: number;
	end: number;
	preprocess: boolean;
}
export interface LoraDraft {
	name: string;
	strength: number;
}

/** What the form holds. Null: left to the model. */
export interface Draft {
	prompt: string;
	negativePrompt: string;
	model: string | null;
	/** Both or neither. */
	width: number | null;
	height: number | null;
	steps: number | null;
	guidance: number | null;
	style: string | null;
	/** Used only when locked: otherwise every run draws its own. */
	seed: number | null;
	seedLocked: boolean;
	count: number;
	image: Reference | null;
	/** How far to leave the picture, 0 to 1. */
	strength: number | null;
	controls: ControlDraft[];
	loras: LoraDraft[];
	upscale: boolean;
	restoreFaces: boolean;
	format: "png" | "jpeg" | "webp";
	embedRecipe: boolean;
}

export const emptyDraft: Draft = {
	prompt: "",
	negativePrompt: "",
	model: null,
	width: null,
	height: null,
	steps: null,
	guidance: null,
	style: null,
	seed: null,
	seedLocked: false,
	count: 1,
	image: null,
	strength: null,
	controls: [],
	loras: [],
	upscale: true,
	restoreFaces: true,
	format: "png",
	embedRecipe: false,
};

export const maxSeed = 4_294_967_295;

export function randomSeed(): number {
	return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/** The request the form stands for. What was left alone is left out, so the model's own defaults apply. */
export function toRequest(draft: Draft): CreateGeneration {
	return {
		prompt: draft.prompt.trim(),
		...(draft.negativePrompt.trim() !== "" && { negative_prompt: draft.negativePrompt.trim() }),
		...(draft.model !== null && { model: draft.model }),
		...(draft.width !== null && draft.height !== null && { width: draft.width, height: draft.height }),
		...(draft.steps !== null && { steps: draft.steps }),
		...(draft.guidance !== null && { guidance: draft.guidance }),
		...(draft.style !== null && { style: draft.style }),
		...(draft.seedLocked && draft.seed !== null && { seed: draft.seed }),
		...(draft.image !== null && { image: draft.image.input, ...(draft.strength !== null && { strength: draft.strength }) }),
		...(draft.controls.some(({ picture }) => picture) && { controls: draft.controls.flatMap(toControl) }),
		...(draft.loras.length > 0 && { loras: draft.loras }),
		count: draft.count,
		upscale: draft.upscale,
		restore_faces: draft.restoreFaces,
		format: draft.format,
		embed_recipe: draft.embedRecipe,
	};
}

/** One without its picture yet is left out. */
function toControl({ net, picture, ...rest }: ControlDraft) {
	return picture ? [{ net, image: picture.input, ...rest }] : [];
}

/** The form that would ask for a request again, with `seed` locked. Pictures it was given are left out: they are not named in it. */
export function fromRequest(request: Record<string, unknown>, seed: number | null): Draft {
	const text = (name: string) => (typeof request[name] === "string" ? request[name] : null);
	const number = (name: string) => (typeof request[name] === "number" ? request[name] : null);
	const format = text("format");
	return {
		...emptyDraft,
		prompt: text("prompt") ?? "",
		negativePrompt: text("negative_prompt") ?? "",
		model: text("model"),
		width: number("width"),
		height: number("height"),
		steps: number("steps"),
		guidance: number("guidance"),
		style: text("style"),
		seed,
		seedLocked: seed !== null,
		loras: lorasOf(request.loras),
		upscale: request.upscale !== false,
		restoreFaces: request.restore_faces !== false,
		format: format === "jpeg" || format === "webp" ? format : "png",
		embedRecipe: request.embed_recipe === true,
	};
}

function lorasOf(value: unknown): LoraDraft[] {
	if (!Array.isArray(value)) return [];
	return value.flatMap((lora) =>
		typeof lora?.name === "string" && typeof lora.strength === "number" ? [{ name: lora.name, strength: lora.strength }] : [],
	);
}

/** Drops what another model cannot do, when the model is changed. */
export function fitToModel(draft: Draft, model: Model): Draft {
	const fits = (side: number | null) => side === null || (side >= model.min_side && side <= model.max_side);
	const sized = fits(draft.width) && fits(draft.height);
	return {
		...draft,
		model: model.name,
		width: sized ? draft.width : null,
		height: sized ? draft.height : null,
		steps: draft.steps === null ? null : Math.min(draft.steps, model.max_steps),
		image: model.takes.image ? draft.image : null,
		controls: draft.controls.filter(({ net }) => model.takes.controls.some((known) => known.net === net)),
		loras: draft.loras.filter(({ name }) => model.takes.loras.some((known) => known.name === name)),
		style: draft.style !== null && model.styles.includes(draft.style) ? draft.style : null,
	};
}

/** How many of the folded-away settings differ from the defaults. */
export function changedSettings(draft: Draft): number {
	return [
		draft.negativePrompt.trim() !== "",
		draft.width !== null,
		draft.steps !== null,
		draft.guidance !== null,
		draft.seedLocked,
		draft.format !== emptyDraft.format,
		draft.embedRecipe,
	].filter(Boolean).length;
}
