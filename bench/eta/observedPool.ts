import type { PoolWorker, StepOutlook } from "../../server/src/domain/scheduling/eta/estimate.ts";
import { learn, predictMs, type RunningMedian } from "../../server/src/domain/scheduling/eta/serviceTime.ts";
import { isBefore } from "../simulation/waitingTasks.ts";
import type { QueueView, SimulatedTask, WorkerView } from "../simulation/world.ts";

/** The operator's guess for every model before anything ran. */
const PRIOR_RUN_MS = 5_000;
const PRIOR_LOAD_MS = 10_000;
const LATELY_MS = 600_000;

interface Ran {
	atMs: number;
	runMs: number;
	loadMs: number;
}

/** What a real server knows of a pool: who waits, who runs what since when, and times learnt from what ended. None of the simulation's truth. */
export class ObservedPool {
	readonly #models: ReadonlySet<string>;
	readonly #medians = new Map<string, RunningMedian>();
	#ran: Ran[] = [];

	constructor(models: readonly string[]) {
		this.#models = new Set(models);
	}

	noteEnd({ model, worker, claimedMs, startedMs }: SimulatedTask, nowMs: number): void {
		if (claimedMs === null || startedMs === null) return;
		const [loadMs, runMs] = [startedMs - claimedMs, nowMs - startedMs];
		this.#learn(`run ${model}`, runMs);
		this.#learn(`run ${model} on ${worker}`, runMs);
		if (loadMs > 0) this.#learn(`load ${model}`, loadMs);
		this.#ran.push({ atMs: nowMs, runMs, loadMs });
	}

	/** A task that waits, with what is before it in the pool's order; or one that is taken, with what is left of it. */
	describe(task: SimulatedTask, view: QueueView): StepOutlook {
		const holder = view.workers.find((worker) => worker.task === task);
		const loadMs = this.loadMs(task.model);
		if (holder) return { model: task.model, loadMs, ownMs: this.#leftMs(holder, view.nowMs), queue: null };
		const ahead = [...view.waiting].map(([model, tasks]) => ({
			model,
			workMs: (tasks.findLastIndex((other) => isBefore(other, task)) + 1) * this.runMs(model),
			loadMs: this.loadMs(model),
		}));
		const workers = view.workers.map((worker): PoolWorker => {
			return { models: this.#models, loadedModel: worker.model, slotsLeftMs: [this.#leftMs(worker, view.nowMs)] };
		});
		return {
			model: task.model,
			loadMs,
			ownMs: this.runMs(task.model),
			queue: { workers, ahead, loadPerRun: this.#loadPerRun(view.nowMs) },
		};
	}

	runMs(model: string, worker?: string): number {
		const [request, own] = [this.#medians.get(`run ${model}`), this.#medians.get(`run ${model} on ${worker}`)];
		return predictMs({ request: request ?? null, worker: own ?? null }, PRIOR_RUN_MS);
	}

	loadMs(model: string): number {
		return predictMs({ request: this.#medians.get(`load ${model}`) ?? null }, PRIOR_LOAD_MS);
	}

	#learn(key: string, ms: number): void {
		this.#medians.set(key, learn(this.#medians.get(key) ?? null, ms));
	}

	/** A step that takes longer than predicted is taken to have a tenth left. */
	#leftMs({ name, task }: WorkerView, nowMs: number): number {
		if (!task) return 0;
		const runMs = this.runMs(task.model, name);
		if (task.startedMs !== null) return Math.max(runMs / 10, runMs - (nowMs - task.startedMs));
		const loadMs = this.loadMs(task.model);
		return Math.max(loadMs / 10, loadMs - (nowMs - (task.claimedMs ?? nowMs))) + runMs;
	}

	#loadPerRun(nowMs: number): number {
		const first = this.#ran.findIndex(({ atMs }) => atMs > nowMs - LATELY_MS);
		this.#ran.splice(0, first < 0 ? this.#ran.length : first);
		const runMs = this.#ran.reduce((sum, ran) => sum + ran.runMs, 0);
		return runMs === 0 ? 0 : this.#ran.reduce((sum, ran) => sum + ran.loadMs, 0) / runMs;
	}
}
