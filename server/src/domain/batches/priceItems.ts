import { type FieldError, GlassworksError } from "../errors.ts";
import { type PlannedJob, planJob, type SubmitPorts } from "../jobs/submitJob.ts";
import type { Principal } from "../plans/operatorConfig.ts";
import { discountPercent } from "../pricing/discount.ts";
import { drawQuotas, hasQuota, type QuotaUsage } from "../pricing/drawQuotas.ts";
import { priceJob } from "../pricing/priceJob.ts";
import type { Quote } from "../pricing/quote.ts";
import { type BatchDraft, maxBatchPictures, type PricedItem } from "./batch.ts";
import { type RefusedItem, refuseItems } from "./itemErrors.ts";
import { mergeQuotes } from "./mergeQuotes.ts";
import { breathe, sharePorts } from "./sharePorts.ts";
import { type ItemRequest, toStored } from "./storedRequest.ts";

/** Requests that can all be accepted, and what they cost together. */
export interface PricedItems extends Pick<BatchDraft, "pictures" | "discountPercent" | "quotaLimits"> {
	items: PricedItem[];
	quote: Quote;
}

/** What a batch is asked to make. */
export interface AskedItems {
	requests: readonly ItemRequest[];
	/** Where the caller wrote each; left out: `items.<index>`. */
	pathOf?(index: number): FieldError["path"];
}

/** So many are planned before others have their turn. */
const slice = 25;

/**
 * Plans and prices many requests as one: the first draw on what is left of the plan's month, all have the discount of their number of pictures
 * (or `percent`, when that was settled before). @throws {GlassworksError} as submitJob but for credit, naming every item that is wrong
 */
export async function priceItems(
	ports: SubmitPorts,
	principal: Principal,
	asked: AskedItems,
	percent: number | null = null,
): Promise<PricedItems> {
	const { requests } = asked;
	const planned = await planItems(sharePorts(ports), principal, asked);
	const pictures = planned.reduce((sum, { count }) => sum + count, 0);
	if (pictures > maxBatchPictures)
		throw new GlassworksError("invalid_request", `The items ask for ${pictures} pictures; a batch takes at most ${maxBatchPictures}.`, {
			max: maxBatchPictures,
			asked: pictures,
		});
	const plan = planned[0]?.plan;
	const usage = plan && hasQuota(plan) ? await ports.accounts.quotaUsage(principal.tenantId) : null;
	const off = plan?.free ? 0 : (percent ?? discountPercent(ports.config.batchDiscounts, pictures));
	const month = usage && { ...usage, units: { ...usage.units } };
	const quotes: Quote[] = [];
	const limits = new Map<string, BatchDraft["quotaLimits"][number]>();
	const items: PricedItem[] = [];
	for (const [index, { tasks, count, plan }] of planned.entries()) {
		if (index % slice === slice - 1) await breathe();
		const quotas = month ? takeFrom(month, drawQuotas(tasks, count, plan, month)) : [];
		for (const { unit, period, limit } of quotas) limits.set(unit, { unit, period, limit });
		const { quote } = priceJob({
			...{ tasks, count, plan, usage: null, discounts: [] },
			terms: { percent: off, quotas, mostMicroUsd: null },
		});
		quotes.push(quote);
		items.push({
			index,
			request: toStored(requests[index] as ItemRequest),
			pictures: count,
			priceMicroUsd: quote.totalMicroUsd,
			draws: quotas.map(({ unit, period, drawn }) => ({ unit, period, drawn })),
		});
	}
	return { items, quote: mergeQuotes(quotes), pictures, discountPercent: off, quotaLimits: [...limits.values()] };
}

async function planItems(ports: SubmitPorts, principal: Principal, { requests, pathOf }: AskedItems): Promise<PlannedJob[]> {
	const planned: PlannedJob[] = [];
	const refused: RefusedItem[] = [];
	for (const [index, request] of requests.entries()) {
		if (index % slice === slice - 1) await breathe();
		try {
			planned.push(await planJob(ports, principal, request));
		} catch (error) {
			if (!(error instanceof GlassworksError)) throw error;
			refused.push({ index, error });
		}
	}
	if (refused.length > 0) throw refuseItems(refused, pathOf);
	return planned;
}

/** What an item draws is gone for those after it. */
function takeFrom<D extends { unit: keyof QuotaUsage["units"]; drawn: number }>(month: QuotaUsage, draws: readonly D[]): D[] {
	for (const { unit, drawn } of draws) month.units[unit] = { ...month.units[unit], held: month.units[unit].held + drawn };
	return draws.filter(({ drawn }) => drawn > 0);
}
