/** Exponential backoff with full jitter: between 0 and base, 2 base, 4 base ... milliseconds, never above `maxMs`. */
export function backoffMs(
	attempt: number,
	{ baseMs, maxMs }: { baseMs: number; maxMs: number },
	random: () => number = Math.random,
): number {
	return Math.round(Math.min(maxMs, baseMs * 2 ** attempt) * random());
}
