const seconds = 1_000;
const minutes = 60 * seconds;
const hours = 60 * minutes;

/** Pauses before each further attempt, as the Standard Webhooks specification proposes them: ten attempts over some three days. */
const pausesMs = [5 * seconds, 5 * minutes, 30 * minutes, 2 * hours, 5 * hours, 10 * hours, 14 * hours, 20 * hours, 24 * hours];
/** How often a delivery is tried. */
export const mostFailures = pausesMs.length + 1;
/** A receiver may ask for a longer pause, but not for more than this. */
const longestPauseMs = 24 * hours;
/** Up to so much is added, so that what failed together does not come back together. */
const jitter = 0.1;

/** Until the next attempt, in milliseconds, after so many failed ones. `random` is in [0, 1). */
export function pauseMs(failures: number, retryAfterMs: number | null, random: number): number {
	const own = pausesMs[Math.min(failures, pausesMs.length) - 1] ?? 0;
	return Math.max(own * (1 + jitter * random), Math.min(retryAfterMs ?? 0, longestPauseMs));
}

/** What a Retry-After header asks for: seconds or a date. Null: nothing that can be read. */
export function readRetryAfter(header: string | string[] | undefined, now: Date): number | null {
	if (typeof header !== "string") return null;
	const text = header.trim();
	if (/^\d{1,9}$/.test(text)) return Number(text) * seconds;
	const at = Date.parse(text);
	return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
