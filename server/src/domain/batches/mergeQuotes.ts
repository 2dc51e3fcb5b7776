import { type PriceLine, priceLine, type Quote, totalOf } from "../pricing/quote.ts";

/** One quote for many: equal lines are counted together, what is taken off for their number is one line. */
export function mergeQuotes(quotes: readonly Quote[]): Quote {
	const lines = new Map<string, PriceLine>();
	const skipped = new Map<string, Quote["skipped"][number]>();
	for (const quote of quotes) {
		for (const line of quote.lines) add(lines, line);
		for (const skip of quote.skipped) skipped.set(`${skip.step} ${skip.reason} ${skip.detail}`, skip);
	}
	const order = ["list", "included", "discount"];
	const merged = [...lines.values()].toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
	return { lines: merged, totalMicroUsd: totalOf(merged), skipped: [...skipped.values()] };
}

function add(lines: Map<string, PriceLine>, line: PriceLine): void {
	const isDiscount = line.kind === "discount";
	const key = JSON.stringify([line.kind, line.step, line.covers, line.label, isDiscount ? 0 : line.unitMicroUsd]);
	const known = lines.get(key);
	if (!known) lines.set(key, line);
	else if (isDiscount) lines.set(key, priceLine({ ...known, unitMicroUsd: known.amountMicroUsd + line.amountMicroUsd }));
	else lines.set(key, priceLine({ ...known, count: known.count + line.count }));
}
