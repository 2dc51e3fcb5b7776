import { z } from "zod";
import { quotaUnits } from "../domain/plans/operatorConfig.ts";
import { stepKinds } from "../domain/ports.ts";
import { type UsageGroup, usageGroups } from "../domain/usage/usage.ts";

const day = z.iso.date("must be a day such as 2026-11-25");

function groups(allowed: readonly UsageGroup[], preset: UsageGroup) {
	const choices = allowed.join(", ");
	return z
		.string()
		.max(100)
		.refine(
			(text) => text.split(",").every((name) => (allowed as readonly string[]).includes(name)),
			`must be one or several of ${choices}, with commas between`,
		)
		.default(preset)
		.describe(`What rows are told apart by: one or several of ${choices}, with commas between.`);
}

const common = {
	from: day.optional().describe("First day. Left out: 29 days before the last."),
	to: day.optional().describe("Last day, included. Left out: today."),
	time_zone: z
		.string()
		.max(64)
		.refine(isZone, "must be the name of a time zone, such as Europe/Berlin")
		.default("UTC")
		.describe("Where days begin, as Europe/Berlin."),
	key: z.string().max(100).optional().describe("Only what this key asked for, by its id; `none`: what was asked for without a key."),
	model: z.string().max(200).optional().describe("Only this model's."),
	step: z.enum(stepKinds).optional().describe("Only this kind of step."),
	format: z.enum(["json", "csv"]).optional().describe("csv: every row as one file. Left out: as `Accept` says, or JSON."),
	limit: z.coerce.number().int().min(1).max(1_000).default(100).describe("How many rows to return as JSON."),
	before: z.string().max(2_000).optional().describe("`next` of the page before."),
};
export const usageQuery = z.object({ group_by: groups(["day", "key", "model", "step"], "day"), ...common });
export const tenantsUsageQuery = z.object({
	group_by: groups(usageGroups, "tenant"),
	tenant: z.string().max(100).optional().describe("Only this account's."),
	...common,
});

/** Offsets such as +02:00 are refused: databases read their sign the other way round. */
function isZone(name: string): boolean {
	if (!/^[A-Za-z]/.test(name)) return false;
	try {
		new Intl.DateTimeFormat("en", { timeZone: name });
		return true;
	} catch {
		return false;
	}
}

const ofNoStep = "Null where told apart or filtered by step: it belongs to none.";
const amounts = {
	jobs: z.int().nullable().describe(`Jobs that ended. ${ofNoStep}`),
	jobs_failed: z.int().nullable().describe("Those of them without a picture."),
	pictures: z.int().nullable().describe(`Finished ones. ${ofNoStep}`),
	pictures_failed: z.int().nullable(),
	steps: z.int().describe("Steps that ran to their end."),
	steps_failed: z.int(),
	steps_skipped: z.int().describe("Left out, and not charged."),
	runtime_ms: z.int().describe("Of steps that ran to their end."),
	charged_micro_usd: z.int(),
	quota: z.partialRecord(z.enum(quotaUnits), z.int()).describe("Drawn from what the plan includes, by unit."),
};
const groupColumns = {
	day: day.nullable().describe("Null, as the next ones: not told apart by it."),
	key_id: z.string().nullable().describe("Also null: asked for without a key."),
	key_name: z.string().nullable(),
	model: z.string().nullable(),
	step: z.enum(stepKinds).nullable(),
};
const period = {
	from: day,
	to: day,
	time_zone: z.string(),
	group_by: z.array(z.enum(usageGroups)),
	next: z.string().nullable().describe("Pass as `before` for the next page; null: this is the last."),
};
export const usagePage = z
	.object({
		...period,
		total: z.object(amounts).describe("All of it, whatever the page."),
		data: z.array(z.object({ ...groupColumns, ...amounts })).describe("The newest day first."),
	})
	.meta({ id: "UsagePage" });

const operatorAmounts = {
	...amounts,
	cost_micro_usd: z.int().describe("Your own, attempts in vain included."),
	margin_micro_usd: z.int().describe("Charged less cost."),
};
export const tenantsUsagePage = z
	.object({
		...period,
		total: z.object(operatorAmounts),
		data: z.array(z.object({ ...groupColumns, tenant_id: z.string().nullable(), ...operatorAmounts })),
	})
	.meta({ id: "TenantsUsagePage" });
