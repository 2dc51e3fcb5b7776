import type { z } from "zod";
import type { bill, priceLine, quote } from "../contract/generation.ts";
import type { SkipReason } from "../domain/jobs/job.ts";
import type { Bill } from "../domain/pricing/billJob.ts";
import type { PriceLine, Quote } from "../domain/pricing/quote.ts";

export function presentQuote({ lines, totalMicroUsd, skipped, wouldWait = [], cachedFrom = null }: Quote): z.infer<typeof quote> {
	return {
		lines: lines.map(presentLine),
		total_micro_usd: totalMicroUsd,
		skipped: skipped.map(({ step, reason, detail }) => ({ step, reason: reason as SkipReason, detail })),
		would_wait: wouldWait.map(({ step, missing, lacking, detail }) => ({ step, reason: "no_capable_worker", missing, lacking, detail })),
		...presentCached(cachedFrom),
	};
}

export function presentBill({ lines, totalMicroUsd, refunded, isFinal }: Bill, { cachedFrom = null }: Quote): z.infer<typeof bill> {
	return {
		lines: lines.map(presentLine),
		total_micro_usd: totalMicroUsd,
		refunded: refunded.map(({ step, label, reason, detail, count, amountMicroUsd, units }) => ({
			...{ step, label, reason, detail, count, units },
			amount_micro_usd: amountMicroUsd,
		})),
		final: isFinal,
		...presentCached(cachedFrom),
	};
}

function presentCached(jobId: string | null): { cached: boolean; cached_from: string | null } {
	return { cached: jobId !== null, cached_from: jobId };
}

function presentLine({ kind, step, label, count, unitMicroUsd, amountMicroUsd }: PriceLine): z.infer<typeof priceLine> {
	return { kind, step, label, count, unit_micro_usd: unitMicroUsd, amount_micro_usd: amountMicroUsd };
}
