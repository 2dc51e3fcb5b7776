/** Quantiles of a quantity of which some observations are only known to be larger than what was seen so far (right-censored). */

export interface Observation {
	value: number;
	/** false: still going on, so the true value is at least `value`. */
	ended: boolean;
	weight: number;
}

/**
 * Weighted Kaplan-Meier quantiles, one per level, levels in (0, 1) rising. Where the largest observations have not ended, the quantile
 * may lie beyond all of them; then the largest value is returned: a lower bound.
 */
export function quantilesOf(observed: readonly Observation[], levels: readonly number[]): number[] {
	const rising = observed.toSorted((a, b) => a.value - b.value || Number(b.ended) - Number(a.ended));
	let atRisk = rising.reduce((sum, { weight }) => sum + weight, 0);
	let surviving = 1;
	const found: number[] = [];
	for (const { value, ended, weight } of rising) {
		if (ended) surviving *= 1 - Math.min(1, weight / atRisk);
		atRisk -= weight;
		while (found.length < levels.length && 1 - surviving >= (levels[found.length] ?? 1) - 1e-9) found.push(value);
	}
	const largest = rising.at(-1)?.value ?? Number.NaN;
	while (found.length < levels.length) found.push(largest);
	return found;
}
