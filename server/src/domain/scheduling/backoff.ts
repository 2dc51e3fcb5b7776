/** Attempts of one task before it fails for good. */
export const maxAttempts = 5;

/** Exponential backoff with full jitter: uniform in 0 to min(60 s, 500 ms x 2^(attempt - 1)). `random` is in [0, 1). */
export function backoffMs(attempt: number, random: number): number {
	return Math.floor(random * Math.min(60_000, 500 * 2 ** (attempt - 1)));
}
