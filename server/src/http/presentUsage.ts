import type { z } from "zod";
import type { tenantsUsagePage, usagePage } from "../contract/usage.ts";
import { quotaUnits } from "../domain/plans/operatorConfig.ts";
import type { UsageAmounts, UsageKey, UsagePage, UsageQuery, UsageRow } from "../domain/usage/usage.ts";
import { csvRow } from "./csv.ts";

type Row = z.infer<typeof usagePage>["data"][number];
type TenantsRow = z.infer<typeof tenantsUsagePage>["data"][number];

export function presentUsage(query: UsageQuery, page: UsagePage, total: UsageAmounts): z.infer<typeof usagePage> {
	return { ...presentPeriod(query, page), total: presentAmounts(total), data: page.rows.map(presentRow) };
}

export function presentTenantsUsage(query: UsageQuery, page: UsagePage, total: UsageAmounts): z.infer<typeof tenantsUsagePage> {
	return {
		...presentPeriod(query, page),
		total: { ...presentAmounts(total), ...presentMargin(total) },
		data: page.rows.map(presentTenantsRow),
	};
}

/** Where the next page begins, as readCursor in usageRoutes.ts reads it. */
function writeCursor({ day, tenant, key, model, step }: UsageKey): string {
	return Buffer.from(JSON.stringify([day, tenant, key, model, step])).toString("base64url");
}

function presentPeriod({ from, to, timeZone, groupBy }: UsageQuery, { next }: UsagePage) {
	return { from, to, time_zone: timeZone, group_by: [...groupBy], next: next && writeCursor(next) };
}

function presentRow(row: UsageRow): Row {
	const { day, key, keyName, model, step } = row;
	return { day, key_id: key || null, key_name: keyName, model, step: step as Row["step"], ...presentAmounts(row) };
}

function presentTenantsRow(row: UsageRow): TenantsRow {
	return { tenant_id: row.tenant, ...presentRow(row), ...presentMargin(row) };
}

function presentMargin({ chargedMicroUsd, costMicroUsd }: UsageAmounts) {
	return { cost_micro_usd: costMicroUsd, margin_micro_usd: chargedMicroUsd - costMicroUsd };
}

function presentAmounts(amounts: UsageAmounts) {
	return {
		jobs: amounts.jobs,
		jobs_failed: amounts.jobsFailed,
		pictures: amounts.pictures,
		pictures_failed: amounts.picturesFailed,
		steps: amounts.steps,
		steps_failed: amounts.stepsFailed,
		steps_skipped: amounts.stepsSkipped,
		runtime_ms: amounts.runtimeMs,
		charged_micro_usd: amounts.chargedMicroUsd,
		quota: amounts.quota,
	};
}

/** A line of the file; null: its heading. */
export function presentCsv(row: UsageRow | null, isOperator: boolean): string {
	const shown = row && (isOperator ? presentTenantsRow(row) : presentRow(row));
	const cells: Record<string, unknown> = { ...shown };
	const names = [...(isOperator ? ["tenant_id"] : []), ...columns, ...(isOperator ? ["cost_micro_usd", "margin_micro_usd"] : [])];
	if (!row) return csvRow([...names, ...quotaUnits.map((unit) => `quota_${unit}`)]);
	return csvRow([...names.map((name) => cells[name] as string | number | null), ...quotaUnits.map((unit) => row.quota[unit] ?? 0)]);
}

const columns = [
	...["day", "key_id", "key_name", "model", "step", "jobs", "jobs_failed", "pictures", "pictures_failed", "steps", "steps_failed"],
	...["steps_skipped", "runtime_ms", "charged_micro_usd"],
];
