/**
 * Runs `work` at once and then at most every `ms` milliseconds while it is asked for, the last time after the last asking: many askings,
 * few runs, none forgotten. A run that is slower than that delays the next.
 */
export function coalesced(work: () => Promise<void>, ms: number): () => void {
	let isBusy = false;
	let isAsked = false;
	const run = async () => {
		isBusy = true;
		while (isAsked) {
			isAsked = false;
			await work();
			await new Promise((resolve) => setTimeout(resolve, ms));
		}
		isBusy = false;
	};
	return () => {
		isAsked = true;
		if (!isBusy) void run();
	};
}
