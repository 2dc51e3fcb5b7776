import type { SimulatedModel, SimulatedTenant, SimulatedWorker, Simulation, World } from "../simulation/world.ts";

/** Share of the workers' time that running takes; loading models comes on top, as much as the placement makes of it. */
const RUNNING = 0.75;

const MODELS: readonly SimulatedModel[] = [2_000, 4_000, 6_000, 9_000, 12_000].map((runMs, index) => ({
	name: `model-${index + 1}`,
	runMs,
	spread: 0.25,
	loadMs: 15_000,
}));

/** Four cards, and four slower ones. */
const WORKERS: readonly SimulatedWorker[] = Array.from({ length: 8 }, (_, index) => ({
	name: `worker-${index + 1}`,
	speed: index < 4 ? 1 : 0.8,
	models: null,
}));

const MIXES: readonly Record<string, number>[] = [
	{ "model-1": 1, "model-2": 4, "model-3": 4, "model-4": 1 },
	{ "model-3": 5, "model-4": 3, "model-5": 2 },
	{ "model-1": 5, "model-2": 3, "model-3": 2 },
	{ "model-4": 4, "model-3": 4, "model-1": 2 },
];

/** `share` of the work comes from a plan; every second customer of a plan comes with `burst` pictures at once. */
const PLANS = [
	{ plan: "enterprise", weight: 12, customers: 2, share: 0.1, burst: 12 },
	{ plan: "pro", weight: 3, customers: 4, share: 0.3, burst: 8 },
	{ plan: "starter", weight: 1, customers: 6, share: 0.35, burst: 8 },
	{ plan: "free", weight: 0.05, customers: 8, share: 0.25, burst: 4 },
];

/** Five models on eight unlike workers; customers of four plans who come and go, so that the queue fills and empties. */
export function createLoad(): World {
	const workPerMs = RUNNING * speedOf(WORKERS);
	const tenants = PLANS.flatMap(({ plan, weight, customers, share, burst }) =>
		Array.from({ length: customers }, (_, index): SimulatedTenant => {
			const mix = MIXES[index % MIXES.length] ?? {};
			const size = index % 2 === 1 ? burst : 1;
			const everyMs = (meanRunMs(mix, MODELS) * size * customers) / (workPerMs * share);
			return { name: `${plan}-${index + 1}`, plan, weight, mix, arrivals: { kind: "bursts", everyMs, size } };
		}),
	);
	return { workers: [...WORKERS], models: [...MODELS], tenants };
}

/**
 * Mix and speed at once: every customer turns to other models, two models get slower and one faster, all workers slow down to 0.6 of
 * their speed. Customers come less often by as much, so that the queue stays one that fills and empties.
 */
export function shiftAt(atMs: number): NonNullable<Simulation["changes"]>[number] {
	return {
		atMs,
		apply(world) {
			const before = world.tenants.map(({ mix }) => meanRunMs(mix, world.models) / speedOf(world.workers));
			const mixes = world.tenants.map(({ mix }) => mix);
			for (const model of world.models) model.runMs *= { "model-2": 1.6, "model-3": 1.5, "model-4": 0.6 }[model.name] ?? 1;
			for (const worker of world.workers) worker.speed *= 0.6;
			for (const [index, tenant] of world.tenants.entries()) {
				tenant.mix = mixes[(index + 1) % mixes.length] ?? tenant.mix;
				const slower = meanRunMs(tenant.mix, world.models) / speedOf(world.workers) / (before[index] ?? 1);
				if (tenant.arrivals.kind !== "backlogged") tenant.arrivals.everyMs *= slower;
			}
		},
	};
}

const speedOf = (workers: readonly SimulatedWorker[]): number => workers.reduce((sum, { speed }) => sum + speed, 0);

function meanRunMs(mix: Readonly<Record<string, number>>, models: readonly SimulatedModel[]): number {
	const shares = Object.values(mix).reduce((sum, share) => sum + share, 0);
	return models.reduce((sum, { name, runMs }) => sum + ((mix[name] ?? 0) * runMs) / shares, 0);
}
