import { z } from "zod";
import { maskChannels, maxFeatherPx, maxGrowPx } from "../domain/edits/mask.ts";
import { editOperations } from "../domain/engines/traits.ts";
import { createGeneration, foretoldQuote, keeping } from "./generation.ts";
import { pictureInput } from "./picture.ts";
import { requestWebhook } from "./requestWebhook.ts";
import { resultMail } from "./resultMail.ts";

const coordinate = z.number().min(-100_000).max(100_000);
const polygon = z
	.array(z.tuple([coordinate, coordinate]))
	.min(3)
	.max(1_000);
const feather = z.int().min(0).max(maxFeatherPx);

const mask = z
	.strictObject({
		image: pictureInput
			.optional()
			.describe("A picture of the same shape, any size; white is repainted. Of a drawing in one colour on nothing, what is drawn."),
		channel: z.enum(maskChannels).default("auto").describe("Of `image`: what counts. auto: see there."),
		alpha: z.literal(true).optional().describe("Instead of `image`: repaint where the edited picture itself is transparent."),
		polygons: z
			.array(polygon)
			.min(1)
			.max(64)
			.optional()
			.describe(
				"Instead of `image`: repaint inside these. Pixels of the upright picture, or parts of its sides where all are from 0 to 1.",
			),
		invert: z.boolean().default(false).describe("Repaint the rest instead."),
		grow: z.int().min(-maxGrowPx).max(maxGrowPx).default(0).describe("Pixels farther in every direction; below zero: less far."),
		feather: feather
			.default(4)
			.describe("Pixels over which the edit fades into the picture, beyond the mask. Farther out nothing changes, to the bit."),
	})
	.superRefine((value, context) => {
		const given = [value.image, value.alpha, value.polygons].filter((each) => each !== undefined).length;
		if (given !== 1) context.addIssue({ code: "custom", path: [], message: "needs exactly one of image, alpha and polygons" });
	})
	.meta({ id: "EditMask" });

const margin = z.int().min(0).max(4_096).default(0);
const extend = z
	.strictObject({
		...{ left: margin, top: margin, right: margin, bottom: margin },
		feather: feather.default(16).describe("Pixels of the old picture into which the new border fades."),
	})
	.meta({ id: "EditExtend", description: "Pixels to add on each side." });

const shared = createGeneration.shape;

export const createEdit = z
	.strictObject({
		operation: z
			.enum(editOperations)
			.describe(
				"remove: take away what is marked. fill: continue the surroundings. replace: draw something else. insert: add something. outpaint: enlarge the picture.",
			),
		prompt: z
			.string()
			.trim()
			.max(2_000)
			.optional()
			.describe("What to draw: required for replace and insert, possible for outpaint, refused for remove and fill."),
		image: pictureInput,
		mask: mask.optional().describe("What to change; for every operation but outpaint."),
		extend: extend.optional().describe("For outpaint."),
		model: z.string().max(100).optional().describe("Left out: the best one at hand, in the operator's order."),
		refine: z
			.strictObject({
				control: z.string().max(50).describe("Kind of map made from the picture: `canny`, `depth`, ..."),
				strength: z.number().min(0).max(2).default(0.6),
			})
			.optional()
			.describe("Keep to the picture's own lines, depths or poses, by a ControlNet."),
		shape_fidelity: z
			.number()
			.min(0)
			.max(1)
			.optional()
			.describe("How closely to keep to the mask's shape, where the model is shape-guided."),
		...{ count: shared.count, seed: shared.seed, steps: shared.steps, guidance: shared.guidance },
		restore_faces: z.boolean().default(false).describe("Restore faces inside the mask, where a restorer is installed."),
		face_restorer: shared.face_restorer,
		face_fidelity: shared.face_fidelity,
		upscale: z.boolean().default(false).describe("Upscale the whole picture four times, where the plan includes it."),
		format: shared.format.describe("png keeps what was not edited to the bit."),
		...{ quality: shared.quality, embed_recipe: shared.embed_recipe, run_after: shared.run_after, metadata: shared.metadata },
		...requestWebhook,
		...resultMail,
		...keeping,
	})
	.superRefine((value, context) => {
		for (const [path, message] of misfits(value)) context.addIssue({ code: "custom", path: [path], message });
	})
	.meta({ id: "CreateEdit" });
export type CreateEdit = z.infer<typeof createEdit>;

interface Parts {
	operation: (typeof editOperations)[number];
	prompt?: string | undefined;
	mask?: unknown;
	extend?: unknown;
}

/** Fields that the operation lacks or has no use for. */
function misfits({ operation, prompt, mask, extend }: Parts): [field: string, message: string][] {
	const found: [string, string][] = [];
	const draws = operation === "replace" || operation === "insert";
	if (draws && !prompt) found.push(["prompt", `is required to ${operation}: what to draw`]);
	if ((operation === "remove" || operation === "fill") && prompt)
		found.push(["prompt", `is not taken by ${operation}, which continues the surroundings; to draw something else, use replace`]);
	if (operation === "outpaint" && !extend) found.push(["extend", "is required to outpaint: pixels to add on each side"]);
	if (operation === "outpaint" && mask) found.push(["mask", "is not taken by outpaint: the new border is what is drawn"]);
	if (operation !== "outpaint" && !mask) found.push(["mask", `is required to ${operation}: what to change`]);
	if (operation !== "outpaint" && extend) found.push(["extend", "is taken by outpaint only"]);
	return found;
}

const size = { width: z.int(), height: z.int() };

export const editQuote = z
	.object({
		...foretoldQuote.shape,
		model: z.string().describe("The one that would do it."),
		window: z
			.object({ left: z.int(), top: z.int(), ...size, painted_width: z.int(), painted_height: z.int() })
			.describe("The part of the picture that the model is shown, and the size it paints it at: what is painted smaller comes out softer."),
	})
	.meta({ id: "EditQuote" });
