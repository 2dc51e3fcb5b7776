import { z } from "zod";
import { type Asked, type Caller, type Door, type EditBody, webhookShape } from "../../contract/door.ts";
import { asObject, type JsonObject } from "../../domain/json.ts";
import { askFor } from "../common/askFor.ts";
import { readInputs } from "../common/readInputs.ts";
import { readPicture, wrong } from "../common/readPicture.ts";
import { resolveName } from "../common/resolveName.ts";

const sizes = {
	...{ square_hd: [1_024, 1_024], square: [512, 512], portrait_4_3: [768, 1_024], portrait_16_9: [576, 1_024] },
	...{ landscape_4_3: [1_024, 768], landscape_16_9: [1_024, 576] },
} as const;
const sizeNames = Object.keys(sizes) as (keyof typeof sizes)[];

const side = z.int().min(1).max(16_384);
/** What image models at fal take. More than that may be there and is not looked at. */
const falInput = z.object({
	prompt: z.string().optional(),
	negative_prompt: z.string().optional(),
	image_size: z
		.union([z.enum(sizeNames), z.object({ width: side, height: side })], `must be ${sizeNames.join(", ")} or {width, height}`)
		.optional(),
	num_images: z.int().optional(),
	num_inference_steps: z.int().optional(),
	guidance_scale: z.number().optional(),
	seed: z.int().nullish(),
	strength: z.number().optional(),
	output_format: z.enum(["jpeg", "jpg", "png", "webp"], "must be jpeg, png or webp").optional(),
	image_url: z.string().optional(),
	mask_url: z.string().optional(),
	sync_mode: z.boolean().optional(),
	loras: z.array(z.object({ path: z.string(), scale: z.number().optional() })).optional(),
	style: z.string().optional(),
	glassworks: z.record(z.string(), z.unknown()).optional(),
});
type FalInput = z.infer<typeof falInput>;

/** Set on a job whose pictures are to come inside the answer. */
export const syncMode = "fal:sync_mode";
const aliases = { image_url: "image", mask_url: "mask", num_inference_steps: "steps", guidance_scale: "guidance", output_format: "format" };

/** What an endpoint's input asks for. @throws {GlassworksError} unknown_model, invalid_request, picture_* */
export async function readInput(
	door: Door,
	caller: Caller,
	endpoint: string,
	body: unknown,
	webhook: string | null = null,
): Promise<Asked> {
	const target = await resolveName(door, caller, endpoint, "endpoint");
	const parsed = falInput.safeParse(body ?? {});
	if (!parsed.success) {
		const [issue] = parsed.error.issues;
		throw wrong(issue?.path.join(".") || "input", issue?.message ?? "must be an object");
	}
	const input = parsed.data;
	const plain = valuesOf(input);
	const told = webhook === null ? {} : { webhook_url: webhook };
	const marks: Record<string, string> = {
		...(input.sync_mode ? { [syncMode]: "true" } : {}),
		...(webhook === null ? {} : { [webhookShape]: "fal" }),
	};
	const values = { ...plain, ...told, metadata: marks };
	if (target.kind === "workflow") {
		const own = await readInputs(door, caller, target.workflow, asObject(body), aliases);
		return askFor(target, values, own);
	}
	if (input.image_url === undefined) return askFor(target, values);
	const image = await readPicture(door, caller, input.image_url, "image_url");
	if (input.mask_url === undefined) return askFor(target, { ...values, image });
	const mask = { image: await readPicture(door, caller, input.mask_url, "mask_url") };
	return { kind: "edit", body: editOf({ ...values, model: target.model, image, mask }) };
}

function valuesOf(input: FalInput) {
	const { image_size: size, seed, output_format: format, loras } = input;
	const [width, height] = typeof size === "string" ? sizes[size] : size ? [size.width, size.height] : [];
	return {
		...{ prompt: input.prompt, negative_prompt: input.negative_prompt, count: input.num_images, steps: input.num_inference_steps },
		...{ guidance: input.guidance_scale, strength: input.strength, style: input.style, width, height, seed: seed ?? undefined },
		...(format ? { format: format === "jpg" ? ("jpeg" as const) : format } : {}),
		...(loras ? { loras: loras.map(({ path, scale = 1 }) => ({ name: path, strength: scale })) } : {}),
		// The size asked for is the size that comes.
		upscale: false,
		...input.glassworks,
	};
}

/** Without words what is marked is taken away. */
function editOf({ prompt, ...values }: JsonObject | Record<string, unknown>): EditBody {
	const { negative_prompt, width, height, strength, style, loras, ...taken } = values;
	const given = Object.fromEntries(Object.entries(taken).filter(([, value]) => value !== undefined));
	return { ...given, ...(prompt ? { operation: "replace", prompt } : { operation: "remove" }) } as EditBody;
}
