/** Waits `ms`, or less: ends as soon as the signal is aborted. Never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal?.aborted) return resolve();
		const done = () => {
			clearTimeout(timer);
			signal?.removeEventListener("abort", done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		signal?.addEventListener("abort", done);
	});
}

/** How long to wait before asking again after `failures` in a row: full jitter below 0.5 s, 1 s, 2 s ... 15 s. Milliseconds. */
export function reconnectMs(failures: number): number {
	return Math.random() * Math.min(15_000, 500 * 2 ** Math.min(failures, 10));
}
