import { GlassworksError } from "../errors.ts";
import type { SubmitPorts } from "../jobs/submitJob.ts";
import type { Principal } from "../plans/operatorConfig.ts";
import type { Quote } from "../pricing/quote.ts";
import type { Batch } from "./batch.ts";
import type { BatchStore } from "./batchStore.ts";
import { type AskedItems, priceItems } from "./priceItems.ts";

/** What a batch is asked for with, but for its items. */
export interface BatchOptions
	extends Pick<Batch, "name" | "budgetMicroUsd" | "startAt" | "offPeak" | "webhook" | "webhookPerItem" | "metadata"> {
	/** Who is mailed when it has ended; null: nobody. */
	mailTo: string | null;
	/** Null: as given. Else the seed that shuffles them. */
	shuffleSeed: number | null;
}

export interface BatchPorts extends SubmitPorts {
	batches: BatchStore;
}

/** How often a batch is priced anew because the month's quota changed meanwhile. */
const maxPricings = 5;

/** @throws {GlassworksError} as submitJob but for credit, naming every item that is wrong */
export async function quoteBatch(
	ports: SubmitPorts,
	principal: Principal,
	asked: AskedItems,
): Promise<{ quote: Quote; items: number; pictures: number; discountPercent: number }> {
	const { quote, items, pictures, discountPercent } = await priceItems(ports, principal, asked);
	return { quote, items: items.length, pictures, discountPercent };
}

/**
 * Accepts a batch: committed, priced and with its money set aside once this returns. Its items become jobs by feedBatches.
 * @throws {GlassworksError} as quoteBatch; invalid_request (no off-peak time), insufficient_credit, unavailable
 */
export async function createBatch(
	ports: BatchPorts,
	principal: Principal,
	asked: AskedItems,
	{ shuffleSeed, ...options }: BatchOptions,
	idempotencyKey: string | null,
): Promise<Batch> {
	if (options.offPeak && !ports.config.offPeak) {
		const message = "this server has no off-peak times";
		throw new GlassworksError("invalid_request", `off_peak: ${message}.`, {}, [{ path: ["off_peak"], message }]);
	}
	const { tenantId, keyId } = principal;
	const order = asked.requests.map((_, index) => index);
	if (shuffleSeed !== null) shuffle(order, shuffleSeed);
	for (let pricing = 0; pricing < maxPricings; pricing++) {
		const priced = await priceItems(ports, principal, asked);
		const created = await ports.batches.create({
			...{ ...options, ...priced, id: ports.newId("batch"), tenantId, keyId, order, idempotencyKey },
		});
		if (created) return created;
	}
	throw new GlassworksError("unavailable", "Too many requests draw on this month's quota at once. Try again shortly.", {
		retry_after_s: 1,
	});
}

/** Fisher and Yates, with numbers of mulberry32: the same seed gives the same order. */
export function shuffle(order: number[], seed: number): void {
	let state = seed >>> 0;
	const random = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	for (let last = order.length - 1; last > 0; last--) {
		const other = Math.floor(random() * (last + 1));
		[order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
	}
}
