/** From this many pictures in one request, this much off. */
export interface BatchDiscount {
	pictures: number;
	/** Whole percent, 0 to 100. */
	percent: number;
}

/** What a request of so many pictures has off, in whole percent: the largest step of the table it reaches. */
export function discountPercent(discounts: readonly BatchDiscount[], pictures: number): number {
	return Math.max(0, ...discounts.filter((step) => pictures >= step.pictures).map((step) => step.percent));
}

/** Rounds up to a micro-dollar: what many pictures cost is then exactly the sum of what each costs. */
export function afterDiscount(listMicroUsd: number, percent: number): number {
	return Math.ceil((listMicroUsd * (100 - percent)) / 100);
}
