import type { QuotaDraw, TaskDraft } from "../jobs/jobStore.ts";
import { type Plan, quotaOf, quotaUnits } from "../plans/operatorConfig.ts";
import { coverageOf, type PlannedTask } from "./charges.ts";
import { afterDiscount, type BatchDiscount, discountPercent } from "./discount.ts";
import { carrierOf, drawQuotas, type QuotaUsage } from "./drawQuotas.ts";
import type { Coverage, Quote } from "./quote.ts";
import { quoteJob } from "./quoteJob.ts";

/** What a price is made of. */
export interface Pricing {
	/** The steps of one picture. */
	tasks: readonly PlannedTask[];
	/** How many pictures. */
	count: number;
	plan: Plan;
	/** Null: the plan has no quota with a limit. */
	usage: QuotaUsage | null;
	discounts: readonly BatchDiscount[];
	/** What was agreed on before, for an item of a batch; it stands in for `usage` and `discounts`. */
	terms?: PriceTerms | null;
}

/** The price that an item of a batch was accepted with. */
export interface PriceTerms {
	/** Off, for all pictures of the batch together. */
	percent: number;
	/** What of the plan's month was set aside for it. */
	quotas: QuotaDraw[];
	/** Never more than this, whatever prices have become; null: no such promise. */
	mostMicroUsd: number | null;
}

export interface PricedJob {
	/** The tasks of each picture. Pictures of equal price share one list. */
	runs: TaskDraft[][];
	quotas: QuotaDraw[];
	quote: Quote;
}

/** How many of the first pictures each part of the plan pays for. */
export type Covered = Record<Coverage, number>;

/**
 * The price of `count` pictures of these steps. The first draw on the plan's quotas, the rest and what the plan does not include is paid
 * from credit, with the discount of a request of that size on each charge, rounded up to a micro-dollar.
 */
export function priceJob(pricing: Pricing): PricedJob {
	const { tasks, count, plan, usage, discounts, terms } = pricing;
	const quotas = terms?.quotas ?? (usage ? drawQuotas(tasks, count, plan, usage) : []);
	const covered = coveredPictures(plan, count, quotas);
	const percent = plan.free ? 0 : (terms?.percent ?? discountPercent(discounts, count));
	const variants = new Map<string, TaskDraft[]>();
	const priced = Array.from({ length: count }, (_, index) => {
		const isCovered = (coverage: Coverage | null) => coverage !== null && index < covered[coverage];
		const key = String(quotaUnits.map(isCovered));
		const variant = variants.get(key) ?? priceTasks(pricing, quotas, isCovered, percent);
		variants.set(key, variant);
		return variant;
	});
	const runs = capPrices(priced, terms?.mostMicroUsd ?? null);
	return { runs, quotas, quote: quoteJob(pricing, runs, covered, percent) };
}

/** The same pictures, every step cheaper in proportion, so that together they cost at most `mostMicroUsd`. Rounds down. */
function capPrices(runs: TaskDraft[][], mostMicroUsd: number | null): TaskDraft[][] {
	const total = runs.flat().reduce((sum, task) => sum + task.priceMicroUsd, 0);
	if (mostMicroUsd === null || total <= mostMicroUsd) return runs;
	const cheaper = new Map(
		runs.map((tasks) => [
			tasks,
			tasks.map((task) => ({ ...task, priceMicroUsd: Math.floor(task.priceMicroUsd * (mostMicroUsd / total)) })),
		]),
	);
	return runs.map((tasks) => cheaper.get(tasks) ?? tasks);
}

function coveredPictures(plan: Plan, count: number, quotas: readonly QuotaDraw[]): Covered {
	const by = (unit: (typeof quotaUnits)[number]) =>
		quotaOf(plan, unit) === null ? count : (quotas.find((draw) => draw.unit === unit)?.drawn ?? 0);
	return { image: by("image"), inpainting: by("inpainting"), training: by("training"), free: plan.free ? count : 0 };
}

function priceTasks(
	{ tasks, plan }: Pricing,
	quotas: readonly QuotaDraw[],
	isCovered: (coverage: Coverage | null) => boolean,
	percent: number,
): TaskDraft[] {
	const carried = quotas.filter(({ unit }) => isCovered(unit)).map(({ unit }) => ({ unit, carrier: carrierOf(tasks, unit, plan) }));
	return tasks.map((task) => {
		const { charges, ...rest } = task;
		const paid = charges.filter((charge) => !isCovered(coverageOf(charge, plan)));
		return {
			...rest,
			listMicroUsd: charges.reduce((sum, charge) => sum + charge.listMicroUsd, 0),
			priceMicroUsd: paid.reduce((sum, charge) => sum + afterDiscount(charge.listMicroUsd, percent), 0),
			quotaUnits: carried.filter(({ carrier }) => carrier === task).map(({ unit }) => unit),
		};
	});
}
