/**
 * Reads something that many ask for, at most every `maxAgeMs` and for at most one `restShare`th of the time, unless that would be less often than
 * every `mostAgeMs`. Who asks gets what is kept, up to three times that old while it is being read again; only when it is older, or there is
 * none, do they wait.
 */
export function keepFresh<T>(
	read: () => Promise<T>,
	maxAgeMs: number,
	restShare = 10,
	mostAgeMs = Number.POSITIVE_INFINITY,
): () => Promise<T> {
	let kept: { value: T; readAt: number; goodForMs: number } | null = null;
	let reading: Promise<T> | null = null;

	async function readAgain(): Promise<T> {
		const startedAt = performance.now();
		try {
			const value = await read();
			const readAt = performance.now();
			kept = { value, readAt, goodForMs: Math.min(mostAgeMs, Math.max(maxAgeMs, restShare * (readAt - startedAt))) };
			return value;
		} finally {
			reading = null;
		}
	}

	return async () => {
		const ageMs = kept ? performance.now() - kept.readAt : Number.POSITIVE_INFINITY;
		if (kept && ageMs < kept.goodForMs) return kept.value;
		reading ??= readAgain();
		if (!kept || ageMs > 3 * kept.goodForMs) return reading;
		reading.catch(() => {});
		return kept.value;
	};
}
