import type { z } from "zod";
import type { account, credits, earnings, verification } from "../contract/money.ts";
import type { Balance, LedgerEntry, Tenant } from "../domain/plans/accountStore.ts";
import { type OperatorConfig, type Plan, type Principal, quotaOf, quotaUnits } from "../domain/plans/operatorConfig.ts";
import type { Earning, Earnings, Verification } from "../domain/pricing/books.ts";
import { type QuotaUsage, quotaLeft } from "../domain/pricing/drawQuotas.ts";

type Quota = z.infer<typeof account>["quotas"][number];

/** What a tenant has: credit, and what is left of its month. */
export interface Means {
	balance: Balance;
	usage: QuotaUsage;
}

export function presentAccount(principal: Principal, operator: OperatorConfig, means: Means): z.infer<typeof account> {
	const plan = operator.plans[principal.plan];
	return {
		tenant_id: principal.tenantId,
		plan: principal.plan,
		plan_title: plan?.title ?? principal.plan,
		plan_price_micro_usd: plan?.priceMicroUsdPerMonth ?? null,
		...presentMeans(plan, means),
		limits: {
			max_side: plan?.maxSidePx ?? null,
			max_steps: plan?.maxSteps ?? null,
			running_at_once: plan?.runningCap ?? null,
			rate: plan?.rate ?? null,
			request_rate: plan?.requestRate ?? null,
			trainings_per_month: plan ? plan.trainings : 0,
			models: plan && plan.models !== "all" ? plan.models : null,
			face_restoration: plan?.faceRestoration ?? false,
			upscale: plan?.upscale ?? false,
			free: plan?.free ?? false,
		},
		promises: { wait_ms: plan?.promisedWaitMs ?? null, success_share: plan?.promisedSuccessShare ?? null },
	};
}

export function presentCredits(
	tenant: Tenant,
	operator: OperatorConfig,
	means: Means,
	entries: readonly LedgerEntry[],
): z.infer<typeof credits> {
	return {
		tenant_id: tenant.id,
		plan: tenant.plan,
		...presentMeans(operator.plans[tenant.plan], means),
		entries: entries.map(({ id, kind, unit, amount, jobId, note, createdAt }) => ({
			...{ id, kind, unit, amount, note },
			job_id: jobId,
			created_at: createdAt.toISOString(),
		})),
	};
}

function presentMeans(plan: Plan | undefined, { balance, usage }: Means) {
	return {
		credit_micro_usd: balance.creditMicroUsd,
		held_micro_usd: balance.heldMicroUsd,
		quotas: plan ? quotaUnits.map((unit) => presentQuota(plan, unit, usage)) : [],
	};
}

function presentQuota(plan: Plan, unit: Quota["unit"], usage: QuotaUsage): Quota {
	const limit = plan.free ? null : quotaOf(plan, unit);
	const { used, held } = usage.units[unit];
	const counted = limit === null ? { used: null, held: null, left: null } : { used, held, left: quotaLeft(plan, unit, usage) };
	return { unit, limit, ...counted, period: usage.period, resets_at: usage.resetsAt.toISOString() };
}

export function presentVerification(found: Verification): z.infer<typeof verification> {
	const { entries, balances, jobs } = found;
	return {
		ok: found.found === 0,
		as_of: found.asOf.toISOString(),
		...{ entries, balances, jobs, found: found.found },
		findings: found.findings.map(({ rule, tenantId, jobId, detail }) => ({ rule, tenant_id: tenantId, job_id: jobId, detail })),
	};
}

export function presentEarnings({ since, until, steps }: Earnings): z.infer<typeof earnings> {
	const rows = steps.map((step) => ({ model: step.model, kind: step.kind, ...presentAmounts(step) }));
	const sum = (pick: (step: Earning) => number) => steps.reduce((total, step) => total + pick(step), 0);
	return {
		since: since.toISOString(),
		until: until.toISOString(),
		total: presentAmounts({
			count: sum((step) => step.count),
			listMicroUsd: sum((step) => step.listMicroUsd),
			takenMicroUsd: sum((step) => step.takenMicroUsd),
			includedMicroUsd: sum((step) => step.includedMicroUsd),
			discountMicroUsd: sum((step) => step.discountMicroUsd),
			lostMicroUsd: sum((step) => step.lostMicroUsd),
			costMicroUsd: sum((step) => step.costMicroUsd),
		}),
		steps: rows,
	};
}

function presentAmounts(step: Omit<Earning, "model" | "kind">) {
	return {
		count: step.count,
		list_micro_usd: step.listMicroUsd,
		taken_micro_usd: step.takenMicroUsd,
		included_micro_usd: step.includedMicroUsd,
		discount_micro_usd: step.discountMicroUsd,
		lost_micro_usd: step.lostMicroUsd,
		cost_micro_usd: step.costMicroUsd,
		margin_micro_usd: step.takenMicroUsd - step.costMicroUsd,
	};
}
