import { virtualCost } from "./fairQueue.ts";

/** A picture in a tenant's line of one pool that no worker has touched there, with the tag it has. */
export interface ChainLink {
	jobId: string;
	orderKey: number;
	predictedMs: number;
	/** Its job's share when it was tagged. */
	weight: number;
	/** The earliest it may start, whatever else of its tenant waits in the line. */
	floorKey: number;
}

/**
 * New tags for one tenant's line of one pool, given in order: the same stretches of virtual time as before, used in another order. The job
 * `frontJobId` goes first, the rest keeps its order. The line begins where it began and ends where it ended, so nobody else's place
 * changes, later work of the tenant included. Where the line has gaps (work that came when nothing was owed any more), they stay gaps.
 */
export function moveToFront<L extends ChainLink>(links: readonly L[], frontJobId: string): { link: L; orderKey: number }[] {
	const stretches = links.map((link, index) => {
		const start = Math.max(link.orderKey - costOf(link), links[index - 1]?.orderKey ?? Number.NEGATIVE_INFINITY);
		return { start, end: link.orderKey };
	});
	const ordered = [...links.filter((link) => link.jobId === frontJobId), ...links.filter((link) => link.jobId !== frontJobId)];
	// Where stretches overlap, the line is shorter than its costs: what does not fit any more ends where the line ends.
	const total = stretches.reduce((sum, { start, end }) => sum + end - start, 0);
	let used = 0;
	let at = 0;
	let before = 0;
	return ordered.map((link) => {
		used = Math.min(total, used + costOf(link));
		while (at < stretches.length - 1 && before + lengthOf(stretches[at]) < used) before += lengthOf(stretches[at++]);
		return { link, orderKey: (stretches[at]?.start ?? 0) + used - before };
	});
}

/**
 * New tags after a change of weight: the line begins where it began, and each picture now costs its work / `weight`. None starts before its
 * floor, or, where it started before that already, earlier than it did.
 */
export function reweigh<L extends ChainLink>(links: readonly L[], weight: number): { link: L; orderKey: number }[] {
	let last = Number.NEGATIVE_INFINITY;
	return links.map((link, index) => {
		const start = link.orderKey - costOf(link);
		last = Math.max(last, index === 0 ? start : Math.min(link.floorKey, start)) + virtualCost(link.predictedMs, weight);
		return { link, orderKey: last };
	});
}

/**
 * New tags for what a tenant has waiting behind pictures that left its line: as if those had never been, but none earlier than its floor.
 * `from`: where the first of the gone started. Nothing moves back.
 */
export function closeGap<L extends ChainLink>(later: readonly L[], from: number): { link: L; orderKey: number }[] {
	let last = from;
	return later.map((link) => {
		const start = Math.min(link.orderKey - costOf(link), Math.max(link.floorKey, last));
		last = start + costOf(link);
		return { link, orderKey: last };
	});
}

const costOf = ({ predictedMs, weight }: ChainLink): number => virtualCost(predictedMs, weight);
const lengthOf = (stretch: { start: number; end: number } | undefined): number => (stretch ? stretch.end - stretch.start : 0);
