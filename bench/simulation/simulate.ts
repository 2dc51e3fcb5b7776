import { finishTag, floorTag, virtualTime } from "../../server/src/domain/scheduling/fairQueue.ts";
import type { ModelQueue, PlacementState } from "../../server/src/domain/scheduling/placement.ts";
import { type ArrivalStream, createArrivalStream } from "./arrivals.ts";
import { createEventQueue, type EventQueue } from "./eventQueue.ts";
import { createWaitingTasks, isBefore, type WaitingTasks } from "./waitingTasks.ts";
import type { Outcome, QueueView, SimulatedModel, SimulatedTask, SimulatedWorker, Simulation, WorkerView, World } from "./world.ts";

/** A worker that was told to take nothing asks again after this time, or when anything happens. */
const POLL_MS = 1_000;

interface WorkerState {
	spec: SimulatedWorker;
	model: string | null;
	task: SimulatedTask | null;
	/** By prediction. */
	freeAtMs: number;
	canRun: (model: string) => boolean;
}

interface State {
	simulation: Simulation;
	world: World;
	models: Map<string, SimulatedModel>;
	events: EventQueue;
	nowMs: number;
	waiting: WaitingTasks;
	workers: WorkerState[];
	streams: Map<string, ArrivalStream>;
	/** By tenant and model. */
	lastTags: Map<string, Map<string, number>>;
	/** Largest tag put into service, by model. */
	served: Map<string, number>;
	tasks: SimulatedTask[];
	swaps: number;
	longestPassOverMs: number;
	pollPlanned: boolean;
}

/** Runs a pool of workers under a load. Pure: the same simulation gives the same outcome. */
export function simulate(simulation: Simulation): Outcome {
	const state = createState(simulation);
	for (const change of simulation.changes ?? []) state.events.add(change.atMs, () => change.apply(state.world));
	for (const stream of state.streams.values()) startStream(state, stream);
	for (let event = state.events.next(); event && event.atMs <= simulation.durationMs; event = state.events.next()) {
		state.nowMs = event.atMs;
		event.run();
		offerWork(state);
	}
	return {
		tasks: state.tasks,
		swaps: state.swaps,
		longestPassOverMs: longestPassOver(state),
		durationMs: simulation.durationMs,
		workers: state.workers.length,
	};
}

function createState(simulation: Simulation): State {
	const world = structuredClone(simulation.world);
	return {
		simulation,
		world,
		models: new Map(world.models.map((model) => [model.name, model])),
		events: createEventQueue(),
		nowMs: 0,
		waiting: createWaitingTasks(world.models.map((model) => model.name)),
		workers: world.workers.map((spec) => ({
			spec,
			model: null,
			task: null,
			freeAtMs: 0,
			canRun: (model) => spec.models === null || spec.models.includes(model),
		})),
		streams: new Map(
			world.tenants.map((tenant, index) => [tenant.name, createArrivalStream(tenant, simulation.seed * 1_000_003 + index * 7_919)]),
		),
		lastTags: new Map(),
		served: new Map(),
		tasks: [],
		swaps: 0,
		longestPassOverMs: 0,
		pollPlanned: false,
	};
}

function startStream(state: State, stream: ArrivalStream): void {
	const { arrivals } = stream.tenant;
	if (arrivals.kind !== "backlogged") {
		planArrival(state, stream);
		return;
	}
	state.events.add(0, () => {
		for (let count = 0; count < arrivals.outstanding; count++) submitNext(state, stream);
	});
}

function planArrival(state: State, stream: ArrivalStream): void {
	const gapMs = stream.nextGapMs();
	if (gapMs === null) return;
	state.events.add(state.nowMs + gapMs, () => {
		submitNext(state, stream);
		planArrival(state, stream);
	});
}

function submitNext(state: State, stream: ArrivalStream): void {
	for (const model of stream.nextModels()) submit(state, stream, model);
}

function submit(state: State, { tenant, nextNoise }: ArrivalStream, model: string): void {
	const { runMs, spread } = modelOf(state, model);
	const predictedMs = state.simulation.predictMs?.(model) ?? runMs;
	const own = state.lastTags.get(tenant.name) ?? new Map<string, number>();
	const competing = [...own].filter(([other]) => other !== model && competeFor(state, other, model)).map(([, lastTag]) => lastTag);
	const floor = floorTag(clockOf(state, model), competing);
	const tag = finishTag({ floor, lastTag: own.get(model) ?? 0 }, predictedMs, tenant.weight);
	state.lastTags.set(tenant.name, own.set(model, tag));
	const task: SimulatedTask = {
		id: state.tasks.length,
		tenant,
		model,
		orderKey: state.simulation.order === "fair" ? tag : state.tasks.length,
		predictedMs,
		noise: nextNoise(spread),
		submittedMs: state.nowMs,
		passedSinceMs: null,
		claimedMs: null,
		startedMs: null,
		endedMs: null,
		worker: null,
	};
	state.tasks.push(task);
	state.waiting.add(task);
	state.simulation.hooks?.onSubmit?.(task, viewQueue(state));
}

/** V of a model's capability. */
function clockOf(state: State, model: string): number {
	return virtualTime({
		servedOfCapability: state.served.get(model) ?? 0,
		servedInPool: Math.max(0, ...state.served.values()),
		smallestWaiting: state.waiting.head(model)?.orderKey ?? null,
	});
}

function competeFor(state: State, one: string, other: string): boolean {
	return state.workers.some((worker) => worker.canRun(one) && worker.canRun(other));
}

function offerWork(state: State): void {
	let anyDeclined = false;
	for (const worker of state.workers) {
		if (worker.task) continue;
		const queues = describePlacement(state, worker);
		if (queues.queues.length === 0) continue;
		const { models } = state.simulation.policy(queues);
		const task = firstOf(state.waiting, models);
		markPassedOver(state, queues, task);
		if (task) claim(state, worker, task);
		else anyDeclined = true;
	}
	if (anyDeclined) planPoll(state);
}

function planPoll(state: State): void {
	if (state.pollPlanned) return;
	state.pollPlanned = true;
	state.events.add(state.nowMs + POLL_MS, () => {
		state.pollPlanned = false;
	});
}

function describePlacement(state: State, worker: WorkerState): PlacementState {
	const own = worker.model === null ? undefined : state.waiting.head(worker.model);
	const queues = [...state.models.values()].flatMap(({ name, loadMs }): ModelQueue[] => {
		const head = state.waiting.head(name);
		if (!head || !worker.canRun(name)) return [];
		return [
			{
				model: name,
				headKey: head.orderKey,
				headId: head.id,
				headPassedMs: head.passedSinceMs === null ? 0 : state.nowMs - head.passedSinceMs,
				dueMs: state.waiting.sumBefore(name, own),
				loadMs: name === worker.model ? 0 : loadMs,
				holdersFreeInMs: state.workers.flatMap((other) => (other !== worker && other.model === name ? freeInMs(state, other) : [])),
			},
		];
	});
	return { loadedModel: worker.model, queues };
}

function freeInMs(state: State, worker: WorkerState): number {
	return worker.task ? Math.max(0, worker.freeAtMs - state.nowMs) : 0;
}

function firstOf(waiting: WaitingTasks, models: readonly string[]): SimulatedTask | undefined {
	const heads = models.flatMap((model) => waiting.head(model) ?? []);
	return heads.reduce<SimulatedTask | undefined>((first, head) => (first && isBefore(first, head) ? first : head), undefined);
}

/** Every head the worker could have run, and that was due before what it took, has now been passed over. */
function markPassedOver(state: State, { queues }: PlacementState, taken: SimulatedTask | undefined): void {
	for (const { model } of queues) {
		const head = state.waiting.head(model);
		if (head && head !== taken && (!taken || isBefore(head, taken))) head.passedSinceMs ??= state.nowMs;
	}
}

function claim(state: State, worker: WorkerState, task: SimulatedTask): void {
	const model = modelOf(state, task.model);
	const loadMs = worker.model === task.model ? 0 : model.loadMs;
	const runMs = task.predictedMs / worker.spec.speed;
	if (worker.model !== null && loadMs > 0) state.swaps += 1;
	state.waiting.remove(task);
	state.served.set(task.model, Math.max(state.served.get(task.model) ?? 0, task.orderKey));
	if (task.passedSinceMs !== null) state.longestPassOverMs = Math.max(state.longestPassOverMs, state.nowMs - task.passedSinceMs);
	Object.assign(worker, { model: task.model, task, freeAtMs: state.nowMs + loadMs + runMs });
	Object.assign(task, { claimedMs: state.nowMs, worker: worker.spec.name });
	if (loadMs === 0) start(state, worker, task);
	else state.events.add(state.nowMs + loadMs, () => start(state, worker, task));
}

function start(state: State, worker: WorkerState, task: SimulatedTask): void {
	const model = modelOf(state, task.model);
	task.startedMs = state.nowMs;
	state.events.add(state.nowMs + (model.runMs * task.noise) / worker.spec.speed, () => end(state, worker, task));
	state.simulation.hooks?.onStart?.(task, viewQueue(state));
}

function end(state: State, worker: WorkerState, task: SimulatedTask): void {
	task.endedMs = state.nowMs;
	worker.task = null;
	const stream = state.streams.get(task.tenant.name);
	if (stream?.tenant.arrivals.kind === "backlogged") submitNext(state, stream);
	state.simulation.hooks?.onEnd?.(task, viewQueue(state));
}

function viewQueue(state: State): QueueView {
	const workers = state.workers.map(
		(worker): WorkerView => ({
			name: worker.spec.name,
			model: worker.model,
			task: worker.task,
			freeInMs: freeInMs(state, worker),
			canRun: worker.canRun,
		}),
	);
	return { nowMs: state.nowMs, waiting: state.waiting.byModel, workers };
}

function longestPassOver(state: State): number {
	const stillWaiting = [...state.waiting.byModel.values()].flat();
	const passedMs = stillWaiting.map((task) => (task.passedSinceMs === null ? 0 : state.simulation.durationMs - task.passedSinceMs));
	return passedMs.reduce((longest, ms) => Math.max(longest, ms), state.longestPassOverMs);
}

function modelOf(state: State, name: string): SimulatedModel {
	const model = state.models.get(name);
	if (!model) throw new RangeError(`no such model: ${name}`);
	return model;
}
