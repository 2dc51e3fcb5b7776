import type { WantedWorkers } from "../scheduling/wantedWorkers.ts";

/** The public picture of the queue at one instant: numbers only. It names no tenant, no job and no prompt. */
export interface QueueSnapshot {
	asOf: Date;
	pools: PoolSnapshot[];
}

export interface PoolSnapshot {
	/** Its name; a dedicated pool has a number instead, since its name may tell whose it is. */
	pool: string;
	/** The pool of the operator's file whose steps it runs. */
	base: string;
	isDedicated: boolean;
	isPaused: boolean;
	depth: Depth;
	models: ModelDepth[];
	plans: PlanDepth[];
	/** Steps that no live worker can run, by what would have to be there. */
	missing: { capability: string; waiting: number }[];
	workers: WorkerView[];
	/** Steps done per minute, over the last 5 and 60 minutes. */
	donePerMinute: { last5: number; last60: number };
	/** Of the steps that a live worker could run now; null: none waits. */
	oldestWaitMs: number | null;
	/** Optional steps left out by overload in the last hour. */
	shedLastHour: number;
	wantedWorkers: WantedWorkers;
	warnings: QueueWarning[];
}

/** Steps. Capped and unrunnable ones wait too. */
export interface Depth {
	waiting: number;
	running: number;
	/** In line, but their tenants already make as many pictures at once as their plans allow. */
	capped: number;
	/** No live worker can run them. */
	unrunnable: number;
}

export interface ModelDepth extends Depth {
	model: string;
	/** Live workers that can run one of its steps. */
	capableWorkers: number;
	/** Live workers that hold it in memory. */
	loadedOn: number;
}

export interface PlanDepth extends Depth {
	plan: string;
}

/** `drained`: it was told to take nothing more and holds nothing any more. */
export type WorkerState = "idle" | "busy" | "paused" | "draining" | "drained";

export interface WorkerView {
	/** A number that stays the same while it lives; nothing of its name. */
	label: string;
	state: WorkerState;
	slots: number;
	loadedModel: string | null;
	running: { capability: string; progress: number; elapsedMs: number }[];
}

export type QueueWarningCode = "lone_worker" | "no_workers" | "unrunnable" | "paused";

export interface QueueWarning {
	code: QueueWarningCode;
	/** In words. */
	message: string;
}

export interface QueueReader {
	/** At most about a second old; with a million steps in line the depth may be some seconds old. */
	snapshot(): Promise<QueueSnapshot>;
}
