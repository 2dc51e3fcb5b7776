/** The value below which `fraction` of the samples lie (nearest rank); NaN when there are none. */
export function percentile(samples: readonly number[], fraction: number): number {
	const sorted = samples.toSorted((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** Three significant digits, so that 0.183 and 2,410 can stand in one column. */
export function round(value: number): string {
	if (!Number.isFinite(value)) return "-";
	if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
	return String(Number(value.toPrecision(3)));
}

/** Milliseconds that `act` takes. */
export async function timeMs(act: () => Promise<unknown>): Promise<number> {
	const startedAt = performance.now();
	await act();
	return performance.now() - startedAt;
}

/** Calls `act` for 0 to `count - 1`, `lanes` at a time, and returns what each call returned, in order of their end. */
export async function inLanes<T>(count: number, lanes: number, act: (index: number) => Promise<T>): Promise<T[]> {
	const results: T[] = [];
	let next = 0;
	const lane = async () => {
		while (next < count) results.push(await act(next++));
	};
	await Promise.all(Array.from({ length: lanes }, lane));
	return results;
}
