/** `Retry-After` in milliseconds from now, whether given in seconds or as a date; null when absent or unreadable. */
export function retryAfterMs(headers: Headers, nowMs = Date.now()): number | null {
	const value = headers.get("retry-after")?.trim();
	if (!value) return null;
	if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1_000);
	const date = Date.parse(value);
	return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}
