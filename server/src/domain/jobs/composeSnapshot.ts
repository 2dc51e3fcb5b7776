import { type WantedWorkers, wantedWorkers } from "../scheduling/wantedWorkers.ts";
import type { Depth, ModelDepth, PoolSnapshot, QueueSnapshot, QueueWarning, WorkerState, WorkerView } from "./queueSnapshot.ts";

/** What each plan's work is due. */
export type Terms = Readonly<Record<string, { weight: number; promisedWaitMs: number | null }>>;

/** Steps that ended in one pool in the last hour. */
export interface EndedSteps {
	pool: string;
	done5: number;
	done60: number;
	shed60: number;
	/** Run time of those that became ready and were done within the window. */
	arrivedMs: number;
	/** Median; null: none. */
	runMs: number | null;
}

interface LiveWorker {
	id: string;
	label: string;
	pools: string[];
	capabilities: string[];
	slots: number;
	loadedModel: string | null;
	isPaused: boolean;
	isDraining: boolean;
}

interface RunningStep {
	pool: string;
	workerId: string | null;
	capability: string;
	plan: string;
	progress: number;
	predictedMs: number;
	elapsedMs: number;
	/** Became ready within the window. */
	isNew: boolean;
}

/** Of one capability and plan. */
interface WaitingSteps {
	capability: string;
	plan: string;
	count: number;
	/** Predicted run time together. */
	ms: number;
	/** Of them, held back by their tenants' plans. */
	capped: number;
	/** When the oldest of the others became ready, in Unix milliseconds; null: there are none. */
	oldestAt: number | null;
	/** How many of the others came within the window. */
	recent: number;
}

/** What a store read about the queue, at about one instant. */
export interface QueueFacts {
	asOf: Date;
	/** `digest` is made of a secret, so that it names a dedicated pool without telling whose it is. */
	pools: { id: string; isPaused: boolean; base: string; isDedicated: boolean; digest: string }[];
	workers: LiveWorker[];
	running: RunningStep[];
	ended: EndedSteps[];
	/** Waiting steps, capped ones included. */
	lines: { pool: string; shares: readonly WaitingSteps[] }[];
	windowMs: number;
}

export function composeSnapshot(facts: QueueFacts, terms: Terms): QueueSnapshot {
	return { asOf: facts.asOf, pools: facts.pools.map((pool) => composePool(pool, facts, terms)) };
}

/** Steps of one capability and plan. */
interface Cell extends Depth {
	capability: string;
	plan: string;
	/** Predicted run time of those that could be claimed now. */
	claimableMs: number;
}

function composePool(pool: QueueFacts["pools"][number], facts: QueueFacts, terms: Terms): PoolSnapshot {
	const workers = facts.workers.filter((worker) => worker.pools.includes(pool.id));
	const takers = workers.filter((worker) => !worker.isPaused && !worker.isDraining);
	const runnable = new Set(takers.flatMap((worker) => worker.capabilities));
	const cells = cellsOf(pool.id, facts, runnable);
	const ended = facts.ended.find((entry) => entry.pool === pool.id);
	const waiting = sharesOf(pool.id, facts).filter((share) => runnable.has(share.capability));
	const oldest = waiting.flatMap((share) => (share.oldestAt === null ? [] : [facts.asOf.getTime() - share.oldestAt]));
	const depth = addUp(cells);
	const missing = [...Map.groupBy(cells, (cell) => cell.capability)]
		.map(([capability, group]) => ({ capability, waiting: addUp(group).unrunnable }))
		.filter((entry) => entry.waiting > 0);
	return {
		pool: pool.isDedicated ? `${pool.base}-dedicated-${pool.digest}` : pool.id,
		base: pool.base,
		isDedicated: pool.isDedicated,
		isPaused: pool.isPaused,
		depth,
		models: modelsOf(cells, takers),
		plans: [...Map.groupBy(cells, (cell) => cell.plan)].map(([plan, group]) => ({ plan, ...addUp(group) })),
		missing,
		workers: workers.map((worker) => viewOf(worker, pool.id, facts.running)),
		donePerMinute: { last5: (ended?.done5 ?? 0) / 5, last60: (ended?.done60 ?? 0) / 60 },
		oldestWaitMs: oldest.length > 0 ? Math.max(0, ...oldest) : null,
		shedLastHour: ended?.shed60 ?? 0,
		wantedWorkers: wantedIn(pool.id, { facts, terms, cells, takers, runnable }),
		warnings: warningsOf({ isPaused: pool.isPaused, takers: takers.length, waiting: depth.waiting, missing }),
	};
}

function cellsOf(pool: string, facts: QueueFacts, runnable: ReadonlySet<string>): Cell[] {
	const cells = new Map<string, Cell>();
	const cellOf = ({ capability, plan }: { capability: string; plan: string }): Cell => {
		const name = `${capability} ${plan}`;
		const cell = cells.get(name) ?? { capability, plan, waiting: 0, running: 0, capped: 0, unrunnable: 0, claimableMs: 0 };
		cells.set(name, cell);
		return cell;
	};
	for (const share of sharesOf(pool, facts)) {
		const cell = cellOf(share);
		cell.waiting = share.count;
		cell.capped = share.capped;
		cell.unrunnable = runnable.has(share.capability) ? 0 : share.count;
		cell.claimableMs = share.count > 0 ? (share.ms * (share.count - cell.capped)) / share.count : 0;
	}
	for (const step of facts.running) if (step.pool === pool) cellOf(step).running++;
	return [...cells.values()].sort((a, b) => a.capability.localeCompare(b.capability) || a.plan.localeCompare(b.plan));
}

const sharesOf = (pool: string, facts: QueueFacts) => facts.lines.find((line) => line.pool === pool)?.shares ?? [];

function addUp(cells: readonly Depth[]): Depth {
	const sum = (pick: (cell: Depth) => number) => cells.reduce((total, cell) => total + pick(cell), 0);
	return {
		waiting: sum((cell) => cell.waiting),
		running: sum((cell) => cell.running),
		capped: sum((cell) => cell.capped),
		unrunnable: sum((cell) => cell.unrunnable),
	};
}

const modelIn = (capability: string): string => capability.slice(capability.indexOf(":") + 1);

/** Models that wait, run or are held, by name. */
function modelsOf(cells: readonly Cell[], takers: readonly LiveWorker[]): ModelDepth[] {
	const groups = Map.groupBy(cells, (cell) => modelIn(cell.capability));
	const held = takers.flatMap((worker) => worker.loadedModel ?? []);
	return [...new Set([...groups.keys(), ...held])].sort().map((model) => ({
		model,
		...addUp(groups.get(model) ?? []),
		capableWorkers: takers.filter((worker) => worker.capabilities.some((capability) => modelIn(capability) === model)).length,
		loadedOn: held.filter((name) => name === model).length,
	}));
}

function viewOf(worker: LiveWorker, pool: string, running: readonly RunningStep[]): WorkerView {
	const mine = running.filter((step) => step.workerId === worker.id && step.pool === pool);
	const anywhere = running.some((step) => step.workerId === worker.id);
	return {
		label: worker.label,
		state: stateOf(worker, anywhere, mine.length > 0),
		slots: worker.slots,
		loadedModel: worker.loadedModel,
		running: mine.map(({ capability, progress, elapsedMs }) => ({ capability, progress, elapsedMs: Math.max(0, elapsedMs) })),
	};
}

function stateOf(worker: LiveWorker, runsAnything: boolean, runsHere: boolean): WorkerState {
	if (worker.isDraining) return runsAnything ? "draining" : "drained";
	if (worker.isPaused) return "paused";
	return runsHere ? "busy" : "idle";
}

interface PoolDemand {
	facts: QueueFacts;
	terms: Terms;
	cells: readonly Cell[];
	takers: readonly LiveWorker[];
	runnable: ReadonlySet<string>;
}

/** Work that no worker here can run is left out: more of the same would not help it. Without any worker all work counts. */
function wantedIn(pool: string, { facts, terms, cells, takers, runnable }: PoolDemand): WantedWorkers {
	const counts = ({ capability }: { capability: string }) => takers.length === 0 || runnable.has(capability);
	const ours = cells.filter(counts);
	const ended = facts.ended.find((entry) => entry.pool === pool);
	const runningMs = facts.running.filter((step) => step.pool === pool && step.isNew).reduce((sum, step) => sum + step.predictedMs, 0);
	const lineMs = sharesOf(pool, facts)
		.filter((share) => counts(share) && share.count > 0)
		.reduce((sum, share) => sum + (share.recent * share.ms) / share.count, 0);
	return wantedWorkers({
		waiting: [...Map.groupBy(ours, (cell) => cell.plan)].map(([plan, group]) => ({
			plan,
			weight: terms[plan]?.weight ?? 1,
			ms: group.reduce((sum, cell) => sum + cell.claimableMs, 0),
		})),
		arrivedMs: (ended?.arrivedMs ?? 0) + runningMs + lineMs,
		windowMs: facts.windowMs,
		runMs: ended?.runMs ?? null,
		liveWorkers: takers.length,
		liveSlots: takers.reduce((sum, worker) => sum + worker.slots, 0),
		promisedWaitMs: Object.fromEntries(
			Object.entries(terms).flatMap(([plan, { promisedWaitMs }]) => (promisedWaitMs === null ? [] : [[plan, promisedWaitMs]])),
		),
	});
}

interface Trouble {
	isPaused: boolean;
	/** Live workers that take work. */
	takers: number;
	waiting: number;
	missing: { capability: string; waiting: number }[];
}

function warningsOf({ isPaused, takers, waiting, missing }: Trouble): QueueWarning[] {
	const warnings: QueueWarning[] = [];
	if (isPaused)
		warnings.push({ code: "paused", message: "The operator has paused this pool: what waits stays in line until it is resumed." });
	if (takers === 0)
		warnings.push({
			code: "no_workers",
			message: `No worker takes work of this pool${waiting > 0 ? `: ${waiting} ${waiting === 1 ? "step waits" : "steps wait"}` : ""}.`,
		});
	if (takers === 1) warnings.push({ code: "lone_worker", message: "One worker serves this pool: if it stops, everything waits." });
	if (takers > 0)
		for (const entry of missing)
			warnings.push({
				code: "unrunnable",
				message: `No worker can run ${entry.capability}: ${entry.waiting} ${entry.waiting === 1 ? "step waits" : "steps wait"} for it.`,
			});
	return warnings;
}
