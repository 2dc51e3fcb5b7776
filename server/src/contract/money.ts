import { z } from "zod";
import { quotaUnits } from "../domain/plans/operatorConfig.ts";
import { ratePeriods } from "../domain/plans/rate.ts";
import { stepKinds } from "../domain/ports.ts";
import { timestamp } from "./common.ts";

const rate = z
	.object({ requests: z.int(), per: z.enum(ratePeriods).describe("day and month: of the calendar, UTC.") })
	.meta({ id: "Rate" });

const quotaUnit = z.enum(quotaUnits);

const quota = z
	.object({
		unit: quotaUnit.describe("image: pictures; inpainting: what repainting adds to a picture's price; training: LoRA trainings."),
		limit: z.int().nullable().describe("Included in the plan, a month; null: no limit, and nothing is counted."),
		used: z.int().nullable(),
		held: z.int().nullable().describe("By jobs in progress; what they do not use comes back."),
		left: z.int().nullable(),
		period: z.string().describe("The month, UTC, as 2026-11."),
		resets_at: timestamp,
	})
	.meta({ id: "Quota" });

const money = {
	credit_micro_usd: z.int().describe("Left to spend: what jobs in progress hold is already taken off."),
	held_micro_usd: z.int().describe("Held for jobs in progress; what they do not use comes back."),
	quotas: z.array(quota).describe("What the plan includes this month."),
};

export const account = z
	.object({
		tenant_id: z.string(),
		plan: z.string(),
		plan_title: z.string(),
		plan_price_micro_usd: z.int().nullable().describe("Of the plan, a month; null: by agreement."),
		...money,
		limits: z.object({
			max_side: z.int().nullable().describe("Pixels per side before upscaling; null: only the model's own limit."),
			max_steps: z.int().nullable(),
			running_at_once: z.int().nullable().describe("Pictures made at once; null: as many as there are workers."),
			models: z.array(z.string()).nullable().describe("Null: all of them."),
			rate: rate.nullable().describe("How often you may ask for pictures; null: no limit."),
			request_rate: rate.nullable().describe("How often you may ask for anything else; null: no limit."),
			trainings_per_month: z.int().nullable().describe("LoRA trainings; null: no limit."),
			face_restoration: z.boolean(),
			upscale: z.boolean(),
			free: z.boolean().describe("Nothing costs anything."),
		}),
		promises: z
			.object({
				wait_ms: z.int().nullable().describe("How long a job should wait at most."),
				success_share: z.number().nullable().describe("Share of jobs that should succeed, 0 to 1."),
			})
			.describe("What the plan promises; null: nothing."),
	})
	.meta({ id: "Account" });

const ledgerEntry = z
	.object({
		id: z.int(),
		kind: z
			.enum(["credit", "withdrawal", "hold", "settle", "release"])
			.describe("hold: set aside at submit; settle: taken for a step; release: given back when the job ended."),
		unit: z.enum(["usd", ...quotaUnits]).describe("usd: the amount is micro-dollars."),
		amount: z.int(),
		job_id: z.string().nullable(),
		note: z.string(),
		created_at: timestamp,
	})
	.meta({ id: "LedgerEntry" });

export const credits = z
	.object({ tenant_id: z.string(), plan: z.string(), ...money, entries: z.array(ledgerEntry).describe("The latest first.") })
	.meta({ id: "Credits" });

export const moveCredit = z
	.strictObject({
		amount_micro_usd: z
			.int()
			.min(-1_000_000_000_000)
			.max(1_000_000_000_000)
			.refine((value) => value !== 0, "must not be 0")
			.describe("Above zero: added. Below: taken back, never more than is free."),
		note: z.string().trim().max(500).default("").describe("Why; kept in the ledger."),
	})
	.meta({ id: "MoveCredit" });

export const verification = z
	.object({
		ok: z.boolean(),
		as_of: timestamp,
		entries: z.int().describe("Entries added up."),
		balances: z.int(),
		jobs: z.int(),
		found: z.int().describe("How much is off, in all."),
		findings: z
			.array(z.object({ rule: z.string(), tenant_id: z.string(), job_id: z.string().nullable(), detail: z.string() }))
			.describe("The first hundred."),
	})
	.meta({ id: "LedgerVerification" });

const amounts = {
	count: z.int().describe("Steps that ran to their end."),
	list_micro_usd: z.int().describe("Their list price: taken, included, discount and lost together."),
	taken_micro_usd: z.int().describe("Charged to credit."),
	included_micro_usd: z.int().describe("List price that plans paid for."),
	discount_micro_usd: z.int().describe("List price taken off for large requests."),
	lost_micro_usd: z.int().describe("List price of steps whose picture was not finished."),
	cost_micro_usd: z.int().describe("Your own: time run at the pool's price per hour."),
	margin_micro_usd: z.int().describe("Taken less cost."),
};
export const earnings = z
	.object({
		since: timestamp,
		until: timestamp,
		total: z.object(amounts),
		steps: z.array(z.object({ model: z.string(), kind: z.enum(stepKinds), ...amounts })),
	})
	.meta({ id: "Earnings" });
