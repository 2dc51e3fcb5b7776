import { z } from "zod";
import { faceRestorers } from "../domain/workflows/stepPorts.ts";
import { pictureInput } from "./picture.ts";
import { requestWebhook } from "./requestWebhook.ts";
import { resultMail } from "./resultMail.ts";
import { waiting } from "./waiting.ts";

const side = z.int().min(64).max(4_096).describe("Pixels. Left out: the model's own size.");

const control = z
	.strictObject({
		net: z.string().max(100).describe("A ControlNet by name, of the model's family."),
		image: pictureInput,
		strength: z.number().min(0).max(2).default(1),
		start: z.number().min(0).max(1).default(0).describe("Part of the sampling after which it acts."),
		end: z.number().min(0).max(1).default(1).describe("Part of the sampling after which it no longer does."),
		preprocess: z.boolean().default(false).describe("The picture is a photograph to make the map from, not the map."),
	})
	.refine(({ start, end }) => start < end, { path: ["end"], message: "must be above start" })
	.meta({ id: "Control" });

const lora = z
	.strictObject({
		name: z.string().max(100).describe("A LoRA by name, of the model's family."),
		strength: z.number().min(-2).max(2).default(1),
	})
	.meta({ id: "Lora" });

const samplerName = z
	.string()
	.regex(/^[a-z0-9][a-z0-9_]*$/)
	.max(50);

/** What becomes of the result. */
export const keeping = {
	delete_after_s: z
		.int()
		.min(1)
		.max(315_360_000)
		.optional()
		.describe("Seconds after the job's end at which its pictures are deleted. Left out: when the plan says. Never longer than that."),
	cache: z
		.boolean()
		.default(true)
		.describe("False: made anew, though the same request with the same seed was answered lately, and the result is not given again."),
};

export const createGeneration = z
	.strictObject({
		prompt: z.string().trim().min(1).max(2_000).describe("What to draw."),
		negative_prompt: z.string().max(2_000).default("").describe("What to avoid, where the model can."),
		workflow: z.string().max(100).optional().describe("Left out: `picture`, or `inpaint` when a mask is given."),
		model: z.string().max(100).optional().describe("Left out: the server's default. See GET /api/v1/models."),
		count: z.int().min(1).max(100).default(1).describe("Pictures; the seeds are seed, seed + 1, ..."),
		width: side.optional(),
		height: side.optional(),
		seed: z.int().min(0).max(4_294_967_295).optional().describe("Same seed and settings, same picture. Left out: random."),
		steps: z.int().min(1).max(150).optional().describe("Sampler steps. Left out: the model's default."),
		guidance: z.number().min(0).max(30).optional().describe("How closely to follow the prompt. Left out: the model's default."),
		style: z.string().max(50).optional().describe("A style the model knows, see GET /api/v1/models."),
		image: pictureInput.optional(),
		mask: pictureInput.optional().describe("White where to repaint; the size of `image`."),
		strength: z
			.number()
			.min(0)
			.max(1)
			.optional()
			.describe("How far to leave `image`: 0 keeps it, 1 ignores it. Left out: 0.7, or 1 with a mask."),
		controls: z.array(control).max(8).optional().describe("ControlNets, stacked in this order."),
		loras: z.array(lora).max(8).optional(),
		sampler: samplerName.optional().describe("ComfyUI's name, such as `dpmpp_2m`. Left out: the model's own."),
		scheduler: samplerName.optional().describe("ComfyUI's name, such as `karras`. Left out: the model's own."),
		hires_fix: z
			.strictObject({
				scale: z.number().min(1.1).max(4).default(2).describe("Drawn smaller by this, then enlarged."),
				strength: z.number().min(0).max(1).default(0.5).describe("How far the second pass may leave the first."),
			})
			.optional()
			.describe("Draw smaller, enlarge, draw over: fewer doubled limbs in large pictures."),
		upscale: z.boolean().default(true).describe("Upscale four times, where the plan includes it."),
		restore_faces: z.boolean().default(true).describe("Restore faces, when there are any and a restorer is installed."),
		face_restorer: z
			.enum(faceRestorers)
			.default("gfpgan")
			.describe(
				"The network that restores faces. `codeformer` may be used for non-commercial purposes only; operators choose to install it.",
			),
		face_fidelity: z.number().min(0).max(1).default(0.5).describe("0 most restored, 1 closest to the original."),
		format: z.enum(["png", "jpeg", "webp"]).default("png"),
		quality: z.int().min(1).max(100).default(90).describe("For jpeg and webp."),
		embed_recipe: z.boolean().default(false).describe("Write the recipe, prompt included, into the finished file."),
		run_after: z.iso.datetime({ offset: true }).optional().describe("Do not start before this moment."),
		...keeping,
		metadata: z
			.record(z.string().max(64), z.string().max(500))
			.refine((value) => Object.keys(value).length <= 16, "at most 16 entries")
			.default({})
			.describe("Yours; returned as it is. At most 16 entries."),
		...requestWebhook,
		...resultMail,
	})
	.meta({ id: "CreateGeneration" });
export type CreateGeneration = z.infer<typeof createGeneration>;

export const priceLine = z
	.object({
		kind: z
			.enum(["list", "included", "discount"])
			.describe("list: a step at its list price; included: the plan covers it; discount: off for many pictures."),
		step: z.string().nullable().describe("The step it pays for; null: it takes off from several."),
		label: z.string().describe("In plain words."),
		count: z.int(),
		unit_micro_usd: z.int().describe("Below zero when it takes off."),
		amount_micro_usd: z.int().describe("count times unit."),
	})
	.meta({ id: "PriceLine" });

const cached = {
	cached: z.boolean().describe("True: an earlier job of exactly the same request made it, so it costs nothing and draws no quota."),
	cached_from: z.string().nullable().describe("That job."),
};

export const skippedStep = z.object({
	step: z.string(),
	reason: z.enum(["model_missing", "no_faces", "plan", "not_wanted", "step_failed", "overload", "cached"]),
	detail: z.string(),
});

const wouldWait = z
	.object({
		step: z.string(),
		reason: z.literal("no_capable_worker"),
		missing: z
			.enum(["worker", "model", "ability"])
			.describe("worker: none that does such steps is running; model: none has the step's; ability: none can do with it what is asked."),
		lacking: z
			.array(z.string())
			.describe("Of an ability, what nobody has, such as `lora:ink` or `node:KSampler`; empty: nobody has all of it."),
		detail: z.string().describe("In plain words."),
	})
	.meta({ id: "WouldWait" });

export const quote = z
	.object({
		lines: z.array(priceLine),
		total_micro_usd: z.int().describe("The sum of the lines. Micro-dollars: 1,000,000 is one US dollar. Never less than what is charged."),
		skipped: z.array(skippedStep).describe("Steps that will not run, and why; they cost nothing."),
		would_wait: z
			.array(wouldWait)
			.describe(
				"Steps that no engine at hand can run now: asked for all the same, the job would wait for one. Empty in quotes kept with a job.",
			),
		...cached,
	})
	.meta({ id: "Quote" });

/** Of what is not accepted yet: it may still be taken or left. */
export const foretoldQuote = quote
	.extend({
		waiting: waiting
			.nullable()
			.describe("Place, reason and ETA if it were accepted now, as in a job. Null: it is answered at once from an earlier job."),
	})
	.meta({ id: "ForetoldQuote" });

const refund = z
	.object({
		step: z.string(),
		label: z.string(),
		reason: z.enum([...skippedStep.shape.reason.options, "failed", "cancelled"]),
		detail: z.string().describe("In plain words."),
		count: z.int().describe("In how many pictures."),
		amount_micro_usd: z.int().describe("Credit that comes back; 0 for what the plan's quota would have paid."),
		units: z.record(z.string(), z.int()).describe("What comes back to the month's quota, such as image: 1."),
	})
	.meta({ id: "Refund" });

export const bill = z
	.object({
		lines: z.array(priceLine),
		total_micro_usd: z.int().describe("The sum of the lines: what was taken."),
		refunded: z.array(refund).describe("Steps that were in the price and are not charged, and why."),
		final: z.boolean().describe("True once the job has ended."),
		...cached,
	})
	.meta({ id: "Bill" });
