import { z } from "zod";
import { wrong } from "../common/readPicture.ts";

/** Forms say numbers and booleans as text. */
const number = z.preprocess((value) => (typeof value === "string" && value.trim() !== "" ? Number(value) : value), z.number());
const flag = z.preprocess((value) => (value === "true" ? true : value === "false" ? false : value), z.boolean());
/** Own fields beyond OpenAI's, by the native API's names; in a form as JSON. */
const own = z.preprocess(parseJson, z.record(z.string(), z.unknown()));

function parseJson(value: unknown): unknown {
	if (typeof value !== "string") return value;
	try {
		return JSON.parse(value);
	} catch {
		return value;
	}
}

/** What the three routes have alike. What OpenAI may add later, or models of theirs take and ours do not, is not looked at. */
const common = {
	model: z.string().max(200).nullish(),
	n: number.pipe(z.int().min(1).max(10)).nullish(),
	size: z
		.string()
		.regex(/^(auto|\d{1,4}x\d{1,4})$/, "must be auto or WIDTHxHEIGHT, such as 512x512")
		.nullish(),
	response_format: z.enum(["url", "b64_json"]).nullish(),
	output_format: z.enum(["png", "jpeg", "webp"], "must be png, jpeg or webp").nullish(),
	output_compression: number.pipe(z.int().min(0).max(100)).nullish(),
	background: z.enum(["opaque", "auto"], "must be opaque or auto: pictures here are not transparent").nullish(),
	quality: z.string().max(20).nullish(),
	stream: flag.nullish(),
	partial_images: number.pipe(z.int().min(0).max(3)).nullish(),
	glassworks: own.nullish(),
};

const prompt = z.string("is required: what to draw").max(32_000);
export const generationRequest = z.object({ ...common, prompt, style: z.string().max(50).nullish() });
export const editRequest = z.object({ ...common, prompt });
export const variationRequest = z.object(common);
export type ImagesRequest = z.infer<typeof variationRequest> & { prompt?: string; style?: string | null | undefined };

export function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	throw wrong(String(issue?.path[0] ?? "body"), issue?.message ?? "is not valid");
}

/** Our fields of what is asked. */
export function valuesOf({ n, size, output_format, output_compression, prompt, style, glassworks }: ImagesRequest) {
	const [, width, height] = /^(\d+)x(\d+)$/.exec(size ?? "") ?? [];
	return {
		prompt,
		count: n ?? 1,
		...(width ? { width: Number(width), height: Number(height) } : {}),
		format: output_format ?? "png",
		...(output_compression != null ? { quality: Math.max(1, output_compression) } : {}),
		// OpenAI's two styles mean nothing to our models.
		...(style && style !== "vivid" && style !== "natural" ? { style } : {}),
		// The size asked for is the size that comes.
		upscale: false,
		...glassworks,
	};
}
