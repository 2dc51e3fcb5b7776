/** When a job ends, as one number of milliseconds: what its range is made from. @see docs/decisions/0008-eta-prior.md */

/** A live worker of the pool. Paused and draining workers are left out by the caller. */
export interface PoolWorker {
	models: ReadonlySet<string>;
	loadedModel: string | null;
	/** One entry per slot: what is left of the task (or model load) it is busy with, in milliseconds; 0 when it is free. */
	slotsLeftMs: readonly number[];
}

/** Work before ours in the pool's order that some live worker could run. */
export interface WorkAhead {
	model: string;
	workMs: number;
	/** Predicted time to load the model. */
	loadMs: number;
}

export interface PoolOutlook {
	workers: readonly PoolWorker[];
	ahead: readonly WorkAhead[];
	/** Milliseconds spent loading models per millisecond of running, measured in this pool lately. */
	loadPerRun: number;
}

/** A step still to run. `queue` is null when it runs already: `ownMs` is then what is left of it. */
export interface StepOutlook {
	model: string;
	loadMs: number;
	ownMs: number;
	queue: PoolOutlook | null;
}

/**
 * Milliseconds until the last of these steps ends; null when some step has no live worker. Steps follow each other: those of the last
 * picture of a job, whose other pictures are among the work ahead. Run time is counted once: running tasks are only in `slotsLeftMs`.
 */
export function estimateMs(steps: readonly StepOutlook[]): number | null {
	let total = 0;
	for (const step of steps) {
		const waitMs = step.queue ? waitMsOf(step, step.queue) : 0;
		if (waitMs === null) return null;
		total += waitMs + step.ownMs;
	}
	return total;
}

/**
 * Until a worker takes the step and has its model loaded: when the workers that hold the model have done what is ahead of us for that
 * model, or, if that is sooner, when all that is ahead is done and a worker has loaded it.
 */
function waitMsOf(step: StepOutlook, queue: PoolOutlook): number | null {
	const capable = queue.workers.filter(({ models }) => models.has(step.model));
	if (capable.length === 0) return null;
	const swappedMs = Math.min(...distinctModels(capable).map((models) => allDoneMs(models, queue))) + step.loadMs;
	const holders = capable.filter(({ loadedModel }) => loadedModel === step.model);
	if (holders.length === 0) return swappedMs;
	const sameModelMs = queue.ahead.reduce((sum, { model, workMs }) => (model === step.model ? sum + workMs : sum), 0);
	return Math.min(swappedMs, soonestMs(holders, sameModelMs));
}

/** Workers that run the same models compete for the same work, so one of each kind is looked at. */
const distinctModels = (workers: readonly PoolWorker[]): ReadonlySet<string>[] => [
	...new Map(workers.map(({ models }) => [[...models].sort().join(), models])).values(),
];

/** When nothing ahead is left for a worker of these models, with the help of all that can run some of it. */
function allDoneMs(models: ReadonlySet<string>, { workers, ahead, loadPerRun }: PoolOutlook): number {
	const helpers = workers.filter((worker) => [...models].some((model) => worker.models.has(model)));
	const work = ahead.filter(({ model, workMs }) => models.has(model) && workMs > 0);
	const firstLoadsMs = work.reduce((sum, { model, loadMs }) => (workers.some((it) => it.loadedModel === model) ? sum : sum + loadMs), 0);
	return soonestMs(helpers, firstLoadsMs + work.reduce((sum, { workMs }) => sum + workMs * (1 + loadPerRun), 0));
}

/** The first moment at which the slots of these workers, each free after what it is busy with, have done this much work together. */
function soonestMs(workers: readonly PoolWorker[], workMs: number): number {
	const leftMs = workers.flatMap((worker) => worker.slotsLeftMs).sort((a, b) => a - b);
	let sumMs = workMs;
	for (const [index, slotMs] of leftMs.entries()) {
		sumMs += slotMs;
		const level = sumMs / (index + 1);
		if (level <= (leftMs[index + 1] ?? Number.POSITIVE_INFINITY)) return level;
	}
	return Number.POSITIVE_INFINITY;
}
