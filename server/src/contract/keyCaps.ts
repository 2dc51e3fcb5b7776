import { z } from "zod";

const amount = z.int().min(0).max(1_000_000_000_000).nullable();
const number = z.int().min(1).max(1_000_000_000).nullable();

const caps = {
	spend_micro_usd_per_month: amount.describe(
		"Of credit, by the month (UTC) jobs are accepted in; what they hold counts until it is given back.",
	),
	max_pixels: number.describe("Width times height of a picture, before upscaling."),
	max_steps: number,
	unfinished_pictures: number.describe("Pictures of accepted jobs that have not ended, waiting and scheduled ones too."),
	models: z.array(z.string().max(100)).max(100).nullable().describe("Those that may draw."),
};

/** What a key may at most, below what its account may. */
export const keyCaps = z.object(caps).describe("null: no cap.").meta({ id: "KeyCaps" });

export const keyUse = z
	.object({
		spend_micro_usd: z.int().describe("This month."),
		unfinished_pictures: z.int(),
	})
	.describe("What is used of the caps; keys that replaced one another count together.")
	.meta({ id: "KeyUse" });

export const setKeyCaps = z
	.strictObject(caps)
	.partial()
	.describe("Those named are set, null ends one; the others stay.")
	.meta({ id: "SetKeyCaps" });

export const changeKey = z
	.strictObject({ name: z.string().trim().min(1).max(100).optional(), caps: setKeyCaps.optional() })
	.meta({ id: "ChangeApiKey" });
