import type { Arrivals, SimulatedModel, SimulatedTenant, SimulatedWorker, World } from "../simulation/world.ts";

export interface Scenario {
	name: string;
	/** What it stands for, one line for the reader of the table. */
	about: string;
	world: World;
}

const LOAD_MS = 15_000;
/** Run times scatter by about a quarter: other sizes, other step counts. */
const SPREAD = 0.25;
const MINUTE_MS = 60_000;

const WEIGHTS: Readonly<Record<string, number>> = { free: 0.05, starter: 1, pro: 3, enterprise: 12 };

const FIVE_MODELS = [2_000, 4_000, 6_000, 9_000, 12_000].map((runMs, index) => model(`model-${index + 1}`, runMs));
const RARE_MODELS = Array.from({ length: 20 }, (_, index) => model(`rare-${index + 1}`, 5_000));
/** Such that no group of the unlike workers alone is the bottleneck. */
const SMALL_FIRST = { "model-1": 30, "model-2": 30, "model-3": 20, "model-4": 10, "model-5": 7 };

export const SCENARIOS: readonly Scenario[] = [
	{
		name: "8 workers, 5 models",
		about: "the design's saturating load: 4 pro and 4 starter tenants always backlogged, bursts of 5 from two more pro tenants, free jobs",
		world: {
			workers: workers(8),
			models: FIVE_MODELS,
			tenants: [...backlog(evenly(FIVE_MODELS)), ...visitors(evenly(FIVE_MODELS), 200_000)],
		},
	},
	{
		name: "3 workers, 5 models",
		about: "the same, with fewer workers than models; bursts in proportion",
		world: {
			workers: workers(3),
			models: FIVE_MODELS,
			tenants: [...backlog(evenly(FIVE_MODELS)), ...visitors(evenly(FIVE_MODELS), 213_000, 2)],
		},
	},
	{
		name: "1 worker, 5 models",
		about: "the same, with one worker for everything",
		world: {
			workers: workers(1),
			models: FIVE_MODELS,
			tenants: [...backlog(evenly(FIVE_MODELS)), ...visitors(evenly(FIVE_MODELS), 320_000, 1)],
		},
	},
	{
		name: "unlike workers",
		about: "3 small workers run models 1-2, 3 run models 2-4 at 1.5 times the speed, 2 run everything; small models are asked for most",
		world: { workers: unlikeWorkers(), models: FIVE_MODELS, tenants: [...backlog(SMALL_FIRST), ...visitors(SMALL_FIRST, 200_000)] },
	},
	{
		name: "bursts",
		about: "8 workers with spare time: steady pro and starter customers, and 60 jobs for one model at once every 10 minutes",
		world: { workers: workers(8), models: FIVE_MODELS, tenants: bursty(evenly(FIVE_MODELS)) },
	},
	{
		name: "rare models",
		about: "8 workers, 5 popular models under backlog, 20 rare ones that two pro tenants ask for now and then",
		world: { workers: workers(8), models: [...FIVE_MODELS, ...RARE_MODELS], tenants: withRareModels() },
	},
	{
		name: "free backlog",
		about: "3 workers kept busy by 6 free tenants; paying ones come with single jobs",
		world: { workers: workers(3), models: FIVE_MODELS, tenants: freeBacklog(evenly(FIVE_MODELS)) },
	},
];

/** The same scenario, where loading takes no time. */
export function withFreeLoading(world: World): World {
	return { ...world, models: world.models.map((each) => ({ ...each, loadMs: 0 })) };
}

function model(name: string, runMs: number): SimulatedModel {
	return { name, runMs, spread: SPREAD, loadMs: LOAD_MS };
}

function workers(count: number): SimulatedWorker[] {
	return Array.from({ length: count }, (_, index) => ({ name: `worker-${index + 1}`, speed: 1, models: null }));
}

function unlikeWorkers(): SimulatedWorker[] {
	return [
		...workers(8).map((worker, index): SimulatedWorker => {
			if (index < 3) return { ...worker, models: ["model-1", "model-2"] };
			return index < 6 ? { ...worker, speed: 1.5, models: ["model-2", "model-3", "model-4"] } : worker;
		}),
	];
}

function evenly(models: readonly SimulatedModel[]): Record<string, number> {
	return Object.fromEntries(models.map(({ name }) => [name, 1]));
}

function tenant(plan: string, name: string, arrivals: Arrivals, mix: Record<string, number>): SimulatedTenant {
	return { plan, name: `${plan}-${name}`, weight: WEIGHTS[plan] ?? 1, arrivals, mix };
}

function several(count: number, plan: string, name: string, arrivals: Arrivals, mix: Record<string, number>): SimulatedTenant[] {
	return Array.from({ length: count }, (_, index) => tenant(plan, `${name}-${index + 1}`, arrivals, mix));
}

/** 40 outstanding jobs each, so that a tenant has work waiting for every model. */
function backlog(mix: Record<string, number>): SimulatedTenant[] {
	const arrivals: Arrivals = { kind: "backlogged", outstanding: 40 };
	return [...several(4, "pro", "backlog", arrivals, mix), ...several(4, "starter", "backlog", arrivals, mix)];
}

/** Those whose waits the table shows: they come, ask for a few pictures and go. */
function visitors(mix: Record<string, number>, everyMs: number, size = 5): SimulatedTenant[] {
	return [
		...several(2, "pro", "visitor", { kind: "bursts", everyMs, size }, mix),
		tenant("free", "visitor", { kind: "bursts", everyMs: 10 * MINUTE_MS, size: 10 }, mix),
	];
}

function bursty(mix: Record<string, number>): SimulatedTenant[] {
	return [
		...several(4, "pro", "steady", { kind: "poisson", everyMs: 15_000 }, mix),
		...several(4, "starter", "steady", { kind: "poisson", everyMs: 15_000 }, mix),
		tenant("starter", "burst", { kind: "bursts", everyMs: 10 * MINUTE_MS, size: 60 }, mix),
		tenant("free", "steady", { kind: "poisson", everyMs: MINUTE_MS }, mix),
	];
}

function withRareModels(): SimulatedTenant[] {
	return [
		...backlog(evenly(FIVE_MODELS)),
		...visitors(evenly(FIVE_MODELS), 400_000),
		...several(2, "pro", "collector", { kind: "poisson", everyMs: 2 * MINUTE_MS }, evenly(RARE_MODELS)),
	];
}

function freeBacklog(mix: Record<string, number>): SimulatedTenant[] {
	return [
		...several(6, "free", "backlog", { kind: "backlogged", outstanding: 20 }, mix),
		...several(2, "pro", "visitor", { kind: "poisson", everyMs: 2 * MINUTE_MS }, mix),
		tenant("starter", "visitor", { kind: "poisson", everyMs: 2 * MINUTE_MS }, mix),
	];
}
