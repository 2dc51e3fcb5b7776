import {
	choosePlacement,
	type ModelQueue,
	PLACEMENT_DEFAULTS,
	type Placement,
	type PlacementState,
} from "../../server/src/domain/scheduling/placement.ts";
import type { Order, Policy } from "../simulation/world.ts";

/** A row of the table. */
export interface Contender {
	name: string;
	order: Order;
	policy: Policy;
	/** An ideal that no real worker reaches: loading takes no time. */
	loadsForFree?: true;
}

export const OURS = "ours";

export const CONTENDERS: readonly Contender[] = [
	{ name: "FIFO", order: "fifo", policy: takeSmallestTag },
	{ name: "tag order, no affinity", order: "fair", policy: takeSmallestTag },
	{ name: "allowance 15 s", order: "fair", policy: allow(15_000) },
	{ name: "allowance 60 s", order: "fair", policy: allow(60_000) },
	{ name: "left to holders", order: "fair", policy: leaveToHolders(0) },
	{ name: "left to holders, 15 s", order: "fair", policy: leaveToHolders(15_000) },
	{ name: "left to holders, 60 s", order: "fair", policy: leaveToHolders(60_000) },
	{ name: OURS, order: "fair", policy: (state) => choosePlacement(state, PLACEMENT_DEFAULTS) },
	{ name: "ideal: loading is free", order: "fair", policy: takeSmallestTag, loadsForFree: true },
];

/** The task with the smallest tag, whatever is loaded. */
function takeSmallestTag({ queues }: PlacementState): Placement {
	return take(smallest(queues));
}

/** The loaded model wins while its head is at most `allowanceMs` of virtual time behind the smallest tag. */
function allow(allowanceMs: number): Policy {
	return ({ queues }) => take(withinAllowance(queues, allowanceMs * 1_000));
}

/** Leaves heads to another worker that holds their model and will be free sooner than a swap takes; among the other heads as `allow`. */
function leaveToHolders(allowanceMs: number): Policy {
	return ({ queues }) => {
		const open = queues.filter((queue) => queue.loadMs === 0 || !isHolderFreeSooner(queue));
		return take(withinAllowance(open.length > 0 ? open : queues, allowanceMs * 1_000));
	};
}

function isHolderFreeSooner({ holdersFreeInMs, loadMs }: ModelQueue): boolean {
	return holdersFreeInMs.some((freeInMs) => freeInMs < loadMs);
}

function withinAllowance(queues: readonly ModelQueue[], allowance: number): ModelQueue | undefined {
	const first = smallest(queues);
	const loaded = queues.find((queue) => queue.loadMs === 0);
	return first && loaded && loaded.headKey - first.headKey <= allowance ? loaded : first;
}

function smallest(queues: readonly ModelQueue[]): ModelQueue | undefined {
	return queues.toSorted((a, b) => a.headKey - b.headKey || a.headId - b.headId)[0];
}

function take(queue: ModelQueue | undefined): Placement {
	return { models: queue ? [queue.model] : [], reason: queue ? "tag_order" : "nothing_waits" };
}
