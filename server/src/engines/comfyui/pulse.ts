/** Lets whoever hears something wake whoever waits, and says when anything was last heard. */
export interface Pulse {
	/** Something was heard of the prompt. */
	beat(): void;
	/** It may have ended: the waiting one should look now. */
	hurry(): void;
	/** When it was last heard of, on performance.now()'s clock. */
	lastBeatAt(): number;
	/** Waits at most this long; less when hurried, also before the wait began, or when the signal is aborted. True: it was hurried. */
	wait(ms: number, signal: AbortSignal): Promise<boolean>;
}

export function createPulse(): Pulse {
	let lastBeatAt = performance.now();
	let isHurried = false;
	let wake = () => {};

	return {
		beat() {
			lastBeatAt = performance.now();
		},
		hurry() {
			isHurried = true;
			wake();
		},
		lastBeatAt: () => lastBeatAt,
		async wait(ms, signal) {
			if (!isHurried && !signal.aborted) {
				await new Promise<void>((resolve) => {
					const timer = setTimeout(resolve, ms);
					wake = () => {
						clearTimeout(timer);
						resolve();
					};
					signal.addEventListener("abort", wake, { once: true });
				});
				signal.removeEventListener("abort", wake);
				wake = () => {};
			}
			const wasHurried = isHurried;
			isHurried = false;
			return wasHurried;
		},
	};
}
