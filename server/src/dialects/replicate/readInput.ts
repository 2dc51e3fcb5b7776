import { z } from "zod";
import { type Asked, type Caller, type Door, type EditBody, type GenerationBody, webhookShape } from "../../contract/door.ts";
import { asObject, type JsonObject } from "../../domain/json.ts";
import { askFor } from "../common/askFor.ts";
import { readInputs } from "../common/readInputs.ts";
import { readPicture, wrong } from "../common/readPicture.ts";
import { resolveName } from "../common/resolveName.ts";
import { nameAndVersion } from "./names.ts";

/** What image models at Replicate take. More than that may be there and is not looked at. */
const replicateInput = z.object({
	prompt: z.string().optional(),
	negative_prompt: z.string().optional(),
	width: z.int().optional(),
	height: z.int().optional(),
	size: z
		.string()
		.regex(/^\d{1,5}x\d{1,5}$/, "must be WIDTHxHEIGHT")
		.optional(),
	aspect_ratio: z
		.string()
		.regex(/^\d{1,3}:\d{1,3}$/, "must be like 16:9")
		.optional(),
	num_outputs: z.int().optional(),
	num_inference_steps: z.int().optional(),
	guidance: z.number().optional(),
	guidance_scale: z.number().optional(),
	seed: z.int().nullish(),
	output_format: z.enum(["jpg", "jpeg", "png", "webp"], "must be jpg, png or webp").optional(),
	output_quality: z.int().optional(),
	image: z.string().optional(),
	mask: z.string().optional(),
	prompt_strength: z.number().optional(),
	glassworks: z.record(z.string(), z.unknown()).optional(),
});
type ReplicateInput = z.infer<typeof replicateInput>;

const aliases = {
	num_inference_steps: "steps",
	guidance_scale: "guidance",
	output_format: "format",
	output_quality: "quality",
	prompt_strength: "strength",
};

/** What a prediction of `name` (a model, or its version) asks for. @throws {GlassworksError} unknown_model, invalid_request, picture_* */
export async function readInput(door: Door, caller: Caller, asked: string, request: JsonObject): Promise<Asked> {
	const body = request.input;
	const { name, version } = nameAndVersion(asked);
	const target = await resolveName(door, caller, name, "version");
	const parsed = replicateInput.safeParse(body ?? {});
	if (!parsed.success) {
		const [issue] = parsed.error.issues;
		throw wrong(issue?.path.join(".") || "input", issue?.message ?? "must be an object");
	}
	const input = parsed.data;
	if (target.kind === "workflow") {
		const own = await readInputs(door, caller, target.workflow, asObject(body), aliases);
		const run = askFor(target, { ...valuesOf(input, null), ...readWebhook(request) }, own);
		return run.kind === "run" && version !== null ? { ...run, body: { ...run.body, version } } : run;
	}
	const model = door.operator.models.find((entry) => entry.name === target.model);
	const values = { ...valuesOf(input, model?.defaultSidePx ?? null), ...readWebhook(request) };
	if (input.image === undefined) return askFor(target, values);
	const image = await readPicture(door, caller, input.image, "image");
	if (input.mask === undefined) return askFor(target, { ...values, image });
	const { width, height, strength, negative_prompt, ...rest } = values;
	const mask = { image: await readPicture(door, caller, input.mask, "mask") };
	const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
	return { kind: "edit", body: { ...given, operation: "replace", model: target.model, image, mask } as EditBody };
}

const endings = ["job.succeeded", "job.partial", "job.failed", "job.cancelled"] as const;

/** Outputs and logs come with the end: a picture is there when its job is. */
function readWebhook({ webhook, webhook_events_filter: filter }: JsonObject): Partial<GenerationBody> {
	if (webhook === undefined || webhook === null) return {};
	if (typeof webhook !== "string") throw wrong("webhook", "must be an address");
	const wanted = Array.isArray(filter) && filter.length > 0 ? filter : ["start", "completed"];
	const ends = wanted.some((each) => each !== "start");
	const webhook_events = [...(wanted.includes("start") ? ["job.started" as const] : []), ...(ends ? endings : [])];
	return { webhook_url: webhook, webhook_events, metadata: { [webhookShape]: "replicate" } };
}

function valuesOf(input: ReplicateInput, sidePx: number | null) {
	const { output_format: format, output_quality: quality } = input;
	return {
		...{ prompt: input.prompt, negative_prompt: input.negative_prompt, count: input.num_outputs, steps: input.num_inference_steps },
		...{ guidance: input.guidance ?? input.guidance_scale, strength: input.prompt_strength, seed: input.seed ?? undefined },
		...sizeOf(input, sidePx),
		...(format ? { format: format === "jpg" ? ("jpeg" as const) : format } : {}),
		...(quality !== undefined ? { quality } : {}),
		// The size asked for is the size that comes.
		upscale: false,
		...input.glassworks,
	};
}

/** Of an aspect, with the longer side as the model draws best. */
function sizeOf({ width, height, size, aspect_ratio: aspect }: ReplicateInput, sidePx: number | null): { width?: number; height?: number } {
	const [, wide, high] = /^(\d+)x(\d+)$/.exec(size ?? "") ?? [];
	if (wide) return { width: Number(wide), height: Number(high) };
	if (width !== undefined || height !== undefined)
		return { ...(width !== undefined && { width }), ...(height !== undefined && { height }) };
	const [across = 1, down = 1] = (aspect ?? "1:1").split(":").map(Number);
	if (!aspect || sidePx === null || across < 1 || down < 1) return {};
	const side = (part: number) => Math.max(8, Math.round((sidePx * part) / Math.max(across, down) / 8) * 8);
	return { width: side(across), height: side(down) };
}
