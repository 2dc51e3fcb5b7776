import { setTimeout as delay } from "node:timers/promises";

export interface OpenLoop {
	/** From the moment a call was due, not from when it was made: a system that falls behind cannot hide it. */
	latenciesMs: number[];
	/** Due while too many were unanswered: never made, and never counted as fast. */
	skipped: number;
	/** Calls that ended in an error; they have no latency. */
	failures: unknown[];
	/** Answered. */
	perSecond: number;
}

/**
 * Calls `act` at fixed moments, whether or not earlier calls have ended, until the time is up; then waits for those under way. A timer
 * comes up to a millisecond late, and that counts too.
 */
export async function runOpenLoop(
	pace: { perSecond: number; seconds: number; maxUnderWay: number },
	act: (index: number) => Promise<unknown>,
): Promise<OpenLoop> {
	const startedAt = performance.now();
	const latenciesMs: number[] = [];
	const underWay = new Set<Promise<void>>();
	const failures: unknown[] = [];
	let skipped = 0;
	const total = Math.floor(pace.perSecond * pace.seconds);
	for (let index = 0; index < total; index++) {
		const dueAt = startedAt + (index * 1_000) / pace.perSecond;
		const waitMs = dueAt - performance.now();
		if (waitMs > 0) await delay(waitMs);
		if (underWay.size >= pace.maxUnderWay) {
			skipped++;
			continue;
		}
		const call: Promise<void> = act(index)
			.then(
				() => void latenciesMs.push(performance.now() - dueAt),
				(error: unknown) => void failures.push(error),
			)
			.finally(() => underWay.delete(call));
		underWay.add(call);
	}
	await Promise.all(underWay);
	return { latenciesMs, skipped, failures, perSecond: (latenciesMs.length / (performance.now() - startedAt)) * 1_000 };
}
