import type { Placement, PlacementState } from "../../server/src/domain/scheduling/placement.ts";

export interface SimulatedModel {
	name: string;
	/** Mean run time at worker speed 1. It is also what the server predicts: `predictedMs`. */
	runMs: number;
	/** Standard deviation of the logarithm of actual / mean. */
	spread: number;
	loadMs: number;
}

export interface SimulatedWorker {
	name: string;
	/** Run times are divided by it. Loading is not. */
	speed: number;
	/** null: every model. */
	models: readonly string[] | null;
}

/**
 * backlogged: always `outstanding` tasks waiting or running (closed loop). poisson: one task at a time, exponential gaps.
 * bursts: `size` tasks at once, exponential gaps of mean `everyMs`.
 */
export type Arrivals =
	| { kind: "backlogged"; outstanding: number }
	| { kind: "poisson"; everyMs: number }
	| { kind: "bursts"; everyMs: number; size: number };

export interface SimulatedTenant {
	name: string;
	plan: string;
	weight: number;
	arrivals: Arrivals;
	/** How often it asks for each model; proportions. A burst asks for one model only. */
	mix: Readonly<Record<string, number>>;
}

export interface World {
	workers: SimulatedWorker[];
	models: SimulatedModel[];
	tenants: SimulatedTenant[];
}

/** fair: finish tags of domain/scheduling/fairQueue.ts. fifo: by arrival. */
export type Order = "fair" | "fifo";

export type Policy = (state: PlacementState) => Placement;

export interface SimulatedTask {
	id: number;
	tenant: SimulatedTenant;
	model: string;
	orderKey: number;
	predictedMs: number;
	/** Actual run time over its mean: the simulation's truth, which no server can know. */
	noise: number;
	submittedMs: number;
	/** When a claim first preferred a later task over it. */
	passedSinceMs: number | null;
	/** Claimed; loading, if any, comes before running and counts as waiting for the picture, not as service. */
	claimedMs: number | null;
	startedMs: number | null;
	endedMs: number | null;
	worker: string | null;
}

/** What the server could know at this moment. */
export interface QueueView {
	nowMs: number;
	/** In the pool's order, per model. Do not change. */
	waiting: ReadonlyMap<string, readonly SimulatedTask[]>;
	workers: readonly WorkerView[];
}

export interface WorkerView {
	name: string;
	/** What it holds or is loading. */
	model: string | null;
	task: SimulatedTask | null;
	/** By prediction, so 0 when the task takes longer than predicted. */
	freeInMs: number;
	canRun(model: string): boolean;
}

export interface Hooks {
	onSubmit?(task: SimulatedTask, view: QueueView): void;
	/** The run begins (the model is loaded). */
	onStart?(task: SimulatedTask, view: QueueView): void;
	onEnd?(task: SimulatedTask, view: QueueView): void;
}

export interface Simulation {
	world: World;
	durationMs: number;
	seed: number;
	order: Order;
	policy: Policy;
	/** Called at their time with the simulation's own copy of the world, which they may change: mix, arrivals, speeds, run times. */
	changes?: readonly { atMs: number; apply: (world: World) => void }[];
	/** What the server predicts for a run of this model, if not the world's mean; tags and `freeInMs` use it. */
	predictMs?: (model: string) => number;
	hooks?: Hooks;
}

export interface Outcome {
	/** In order of submission, those still waiting included. */
	tasks: readonly SimulatedTask[];
	swaps: number;
	longestPassOverMs: number;
	durationMs: number;
	workers: number;
}
