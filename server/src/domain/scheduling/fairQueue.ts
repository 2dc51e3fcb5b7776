/**
 * Self-clocked fair queueing by finish tags (Golestani, INFOCOM 1994). Tags and virtual time are integers in virtual microseconds:
 * predicted milliseconds x 1000 / weight. @see docs/decisions/0009-fair-queueing.md
 */

/** Tag of a task that becomes ready: `max(V, last tag of this tenant in this pool) + cost / weight`, rounded up. */
export function finishTag(input: { virtualTime: number; lastTag: number; predictedMs: number; weight: number }): number {
	return Math.max(input.virtualTime, input.lastTag) + virtualCost(input.predictedMs, input.weight);
}

/** What a task adds to its tenant's tags. At least 1, so that tags of one tenant always rise. */
export function virtualCost(predictedMs: number, weight: number): number {
	return Math.max(1, Math.ceil((predictedMs * 1_000) / weight));
}

/**
 * V: the largest tag put into service, but never above the smallest tag still waiting for the same capability. Without that minimum
 * workers that can run only some models drive V past everyone else's backlog and newcomers wait behind all of it.
 */
export function virtualTime(largestInService: number, smallestWaitingSameCapability: number | null): number {
	return smallestWaitingSameCapability === null ? largestInService : Math.min(largestInService, smallestWaitingSameCapability);
}
