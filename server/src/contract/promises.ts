import { z } from "zod";

const share = z.number().min(0).max(1).nullable();

export const promises = z
	.object({
		days: z.int(),
		plans: z.array(
			z.object({
				plan: z.string(),
				promised_wait_ms: z.int().nullable().describe("null: no wait is promised."),
				waited: z.int().describe("Jobs that began, or have waited for longer than promised."),
				wait_kept_share: share.describe("Of them, those that began in time; null: there were none."),
				promised_success_share: share.describe("null: none is promised."),
				ended: z.int().describe("Jobs that ended otherwise than by being cancelled."),
				success_share: share.describe("Of them, those of which every picture succeeded; null: there were none."),
			}),
		),
	})
	.meta({ id: "Promises" });

export const promisesQuery = z.object({
	days: z.coerce.number().int().min(1).max(366).default(30).describe("How far back jobs were accepted."),
});
