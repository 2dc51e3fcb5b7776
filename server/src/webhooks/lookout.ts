export interface Lookout {
	/** The next look comes soon, whatever the usual pause. */
	lookSoon(): void;
	/** No further look; resolves when the one in progress has ended. */
	stop(): Promise<void>;
}

/** While there is much to do: what happened within it is answered by one look. */
const soonMs = 50;

/** Looks at once and then over and over, one look at a time. */
export function startLookout(look: () => Promise<void>, everyMs: number): Lookout {
	let looking: Promise<void> | null = null;
	let isWanted = false;
	let isStopped = false;
	let timer: NodeJS.Timeout | undefined;
	const round = () => {
		isWanted = false;
		looking = look().finally(() => {
			looking = null;
			if (!isStopped) timer = setTimeout(round, isWanted ? soonMs : everyMs);
		});
	};
	round();
	return {
		lookSoon() {
			const isPausing = looking === null && !isWanted && !isStopped;
			isWanted = true;
			if (!isPausing) return;
			clearTimeout(timer);
			timer = setTimeout(round, soonMs);
		},
		async stop() {
			isStopped = true;
			clearTimeout(timer);
			await looking;
		},
	};
}
