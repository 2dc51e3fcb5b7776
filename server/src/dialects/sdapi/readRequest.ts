import { z } from "zod";
import type { Asked, Caller, Door } from "../../contract/door.ts";
import { askFor } from "../common/askFor.ts";
import { readPicture, wrong } from "../common/readPicture.ts";
import { resolveName } from "../common/resolveName.ts";
import { modelOf, samplers } from "./names.ts";

/** What is looked at; A1111 has a hundred more. */
const drawRequest = z.object({
	prompt: z.string().default(""),
	negative_prompt: z.string().nullish(),
	seed: z.int().nullish(),
	steps: z.int().nullish(),
	cfg_scale: z.number().nullish(),
	width: z.int().nullish(),
	height: z.int().nullish(),
	batch_size: z.int().min(1).nullish(),
	n_iter: z.int().min(1).nullish(),
	sampler_name: z.string().nullish(),
	scheduler: z.string().nullish(),
	restore_faces: z.boolean().nullish(),
	denoising_strength: z.number().nullish(),
	override_settings: z.record(z.string(), z.unknown()).nullish(),
	alwayson_scripts: z.record(z.string(), z.unknown()).nullish(),
	enable_hr: z.boolean().nullish(),
	hr_scale: z.number().nullish(),
	init_images: z.array(z.string()).nullish(),
	mask: z.string().nullish(),
	mask_blur: z.int().min(0).max(200).nullish(),
	inpainting_mask_invert: z.union([z.int(), z.boolean()]).nullish(),
	glassworks: z.record(z.string(), z.unknown()).nullish(),
});
export type DrawRequest = z.infer<typeof drawRequest>;

export function readDraw(body: unknown): DrawRequest {
	const parsed = drawRequest.safeParse(body ?? {});
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	throw wrong(issue?.path.join(".") || "body", issue?.message ?? "must be an object");
}

/** `checkpoint`: what the caller chose before, by options. */
export async function askForPictures(
	door: Door,
	caller: Caller,
	request: DrawRequest,
	{ checkpoint, starts }: { checkpoint: string | null; starts: boolean },
): Promise<Asked> {
	const scripts = Object.keys(request.alwayson_scripts ?? {});
	if (scripts.length > 0) throw wrong("alwayson_scripts", `extensions are not run here (${scripts.join(", ")})`);
	const name = modelOf(door, request.override_settings?.sd_model_checkpoint) ?? checkpoint ?? door.operator.defaultModel;
	const target = await resolveName(door, caller, name, "override_settings.sd_model_checkpoint");
	const values = valuesOf(door, request, target.kind === "model" ? target.model : null);
	if (!starts) return askFor(target, values);
	const { init_images: images, mask, mask_blur: feather, inpainting_mask_invert: inverts } = request;
	const image = await readPicture(door, caller, images?.[0], "init_images", { bare: true });
	if (!mask)
		return askFor(target, { ...values, image, ...(request.denoising_strength != null && { strength: request.denoising_strength }) });
	const { width, height, negative_prompt, sampler, scheduler, hires_fix, ...rest } = values;
	const area = { image: await readPicture(door, caller, mask, "mask", { bare: true }), invert: Boolean(inverts), feather: feather ?? 4 };
	const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
	const { prompt, ...others } = given;
	const operation = prompt ? { operation: "replace" as const, prompt: String(prompt) } : { operation: "remove" as const };
	return { kind: "edit", body: { ...others, ...operation, image, mask: area, ...(target.kind === "model" && { model: target.model }) } };
}

function valuesOf({ operator }: Door, request: DrawRequest, model: string | null) {
	const draws = operator.models.find(({ name }) => name === model)?.recipe;
	const sampler = samplers[request.sampler_name ?? ""] ?? undefined;
	return {
		prompt: request.prompt,
		negative_prompt: request.negative_prompt ?? undefined,
		count: (request.batch_size ?? 1) * (request.n_iter ?? 1),
		...{ width: request.width ?? undefined, height: request.height ?? undefined, steps: request.steps ?? undefined },
		seed: request.seed != null && request.seed >= 0 ? request.seed : undefined,
		restore_faces: request.restore_faces ?? false,
		upscale: false,
		// A1111 writes how a picture was made into it.
		embed_recipe: true,
		// Models with engines of their own know samplers; the built-in one has one.
		...(draws ? { guidance: request.cfg_scale ?? undefined, sampler, scheduler: request.scheduler?.toLowerCase() } : {}),
		...(draws && request.enable_hr ? { hires_fix: { scale: request.hr_scale ?? 2, strength: request.denoising_strength ?? 0.5 } } : {}),
		...request.glassworks,
	};
}
