/**
 * Self-clocked fair queueing by finish tags (Golestani, INFOCOM 1994), with a clock for each capability. Tags and virtual time are integers in
 * virtual microseconds: predicted milliseconds x 1000 / weight. @see docs/decisions/0009-fair-queueing.md
 */

/** What of a pool a clock reads. Zero and null: nothing yet. */
export interface ClockFacts {
	/** Largest tag of the capability that was put into service; or where its clock stood when work that had run came back with its old tag. */
	servedOfCapability: number;
	/** Largest tag of any capability of the pool that was put into service. */
	servedInPool: number;
	/** Smallest tag now claimable for the capability; null: none. */
	smallestWaiting: number | null;
}

/**
 * V of one capability: how far the pool's service has got, but never past what still waits for the same capability, and never back behind
 * what was served of it. Without the first limit workers that can run only some models drive V past everyone else's backlog and newcomers wait
 * behind all of it; without the second work that comes back with its old tag lets newcomers start in the past.
 */
export function virtualTime({ servedOfCapability, servedInPool, smallestWaiting }: ClockFacts): number {
	return Math.max(servedOfCapability, Math.min(servedInPool, smallestWaiting ?? servedInPool));
}

/**
 * The earliest a tenant's next task may start, whatever else of its own waits for the same capability: V, or behind the tenant's last tags of
 * the capabilities that compete for the same workers. What it took of workers that could not run this task does not put it back. Kept with the
 * task: a cancelled one before it gives back no more than this.
 */
export function floorTag(virtualTimeNow: number, lastTagsOfCompeting: readonly number[]): number {
	return Math.max(virtualTimeNow, ...lastTagsOfCompeting);
}

/** Whether two capabilities compete: some worker runs both, or one of them is run by none, so that nothing is known. */
export function compete(one: string, other: string, workers: readonly { capabilities: readonly string[] }[]): boolean {
	const able = (...wanted: string[]) => workers.some(({ capabilities }) => wanted.every((name) => capabilities.includes(name)));
	return able(one, other) || !able(one) || !able(other);
}

/** Tag of a task that becomes ready: it starts at its floor or behind its tenant's last one of the capability, and costs its time / weight. */
export function finishTag(start: { floor: number; lastTag: number }, predictedMs: number, weight: number): number {
	return Math.max(start.floor, start.lastTag) + virtualCost(predictedMs, weight);
}

/** What a task adds to its tenant's tags. At least 1, so that tags of one tenant always rise. */
export function virtualCost(predictedMs: number, weight: number): number {
	return Math.max(1, Math.ceil((predictedMs * 1_000) / weight));
}
