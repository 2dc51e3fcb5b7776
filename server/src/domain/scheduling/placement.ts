/**
 * Which model a free worker serves next. Tag order decides what is due; loading a model costs worker time that runs nothing, so a
 * worker leaves its loaded model only for enough due work. The claim and bench/schedule call this very function.
 */

/** The waiting tasks of one model that the asking worker can run, in one pool. */
export interface ModelQueue {
	model: string;
	/** Smallest `order_key` (virtual microseconds) of its claimable tasks; with the task's id it gives the total order. */
	headKey: number;
	headId: number;
	/** Real time since a claim first preferred a later task over this head; 0: never. */
	headPassedMs: number;
	/**
	 * Predicted run time of its tasks that precede the first task this worker could run without loading; of all its tasks when
	 * there is none. A sum that stops counting above `runPerLoad x loadMs x (holders + 1)` is enough.
	 */
	dueMs: number;
	/** Predicted time for this worker to load the model; 0: needs none. */
	loadMs: number;
	/** For every other live worker that holds the model or is loading it: predicted time until it is free. */
	holdersFreeInMs: readonly number[];
}

export interface PlacementState {
	/** What the asking worker holds; null: nothing. */
	loadedModel: string | null;
	queues: readonly ModelQueue[];
}

export interface PlacementSettings {
	/** How many times its loading time a model's due work must run to be worth a load. 5: loading takes a sixth of the time of a worker that models take turns on, more where patience shortens the turns. */
	runPerLoad: number;
	/** The next free worker that can run it takes a head that has been passed over for so long. */
	maxPassOverMs: number;
}

/**
 * Why: `tag_order` nothing is passed over, or nothing is loaded; `loaded_first` no other model's due work pays for its loading;
 * `load_pays` it does; `overdue` a head was passed over for the longest time allowed; `left_to_holders` (take nothing) workers that
 * hold the waiting models get there sooner than loading one takes; `nothing_waits`.
 */
export type PlacementReason = "tag_order" | "loaded_first" | "load_pays" | "overdue" | "left_to_holders" | "nothing_waits";

export interface Placement {
	/** Claim tasks of these models in tag order. Empty: take nothing now. A head so passed over waits for `model_loading`. */
	models: readonly string[];
	reason: PlacementReason;
}

/** From bench/schedule, on a plateau: with 8 workers and 5 models half or twice of either moves busy within .94-.99 and pro's wait within 29-33 s. */
export const PLACEMENT_DEFAULTS: PlacementSettings = { runPerLoad: 5, maxPassOverMs: 240_000 };

/** Pure and deterministic. @see docs/scheduling.md */
export function choosePlacement({ loadedModel, queues }: PlacementState, settings: PlacementSettings): Placement {
	const inOrder = queues.toSorted(compareHeads);
	const ready = inOrder.filter((queue) => queue.loadMs === 0);
	const [first, own] = [inOrder[0], ready[0]];
	if (!first) return { models: [], reason: "nothing_waits" };
	const overdue = longestOverdue(inOrder, settings);
	if (overdue) return { models: [overdue.model], reason: "overdue" };
	if (first === own) return { models: ready.map(({ model }) => model), reason: "tag_order" };
	if (loadedModel === null) return { models: [first.model], reason: "tag_order" };
	if (!own) return loadWhatNobodyReaches(inOrder);
	const worth = inOrder.find((queue) => compareHeads(queue, own) < 0 && paysForLoading(queue, settings));
	return worth ? { models: [worth.model], reason: "load_pays" } : { models: ready.map(({ model }) => model), reason: "loaded_first" };
}

function compareHeads(a: ModelQueue, b: ModelQueue): number {
	return a.headKey - b.headKey || a.headId - b.headId;
}

function longestOverdue(queues: readonly ModelQueue[], { maxPassOverMs }: PlacementSettings): ModelQueue | undefined {
	const overdue = queues.filter(({ headPassedMs }) => headPassedMs > 0 && headPassedMs >= maxPassOverMs);
	return overdue.toSorted((a, b) => b.headPassedMs - a.headPassedMs || compareHeads(a, b))[0];
}

/** The worker has nothing to run, so a load costs only time it does not need; but not for work that a holder starts and ends sooner. */
function loadWhatNobodyReaches(inOrder: readonly ModelQueue[]): Placement {
	const chosen = inOrder.find(({ holdersFreeInMs, dueMs, loadMs }) => {
		const soonestMs = Math.min(...holdersFreeInMs);
		return soonestMs >= loadMs || dueMs / holdersFreeInMs.length > loadMs;
	});
	return chosen ? { models: [chosen.model], reason: "load_pays" } : { models: [], reason: "left_to_holders" };
}

/** The worker's share of the due work, among those that hold the model. What is asked of it shrinks to nothing as patience runs out. */
function paysForLoading({ dueMs, loadMs, headPassedMs, holdersFreeInMs }: ModelQueue, settings: PlacementSettings): boolean {
	const patience = Math.max(0, 1 - headPassedMs / settings.maxPassOverMs);
	return dueMs / (holdersFreeInMs.length + 1) >= settings.runPerLoad * loadMs * patience;
}
