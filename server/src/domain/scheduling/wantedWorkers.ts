/** How many workers a pool should have: a signal for autoscalers and people, with the numbers it comes from. Pure. */

/** One pool's demand. Work is predicted worker time, model loads not counted. */
export interface Demand {
	/** Work that waits and that some worker can run, by plan. */
	waiting: readonly { plan: string; weight: number; ms: number }[];
	/** Work that arrived over the window lately. */
	arrivedMs: number;
	windowMs: number;
	/** How long the median step runs; null: none was measured. */
	runMs: number | null;
	liveWorkers: number;
	liveSlots: number;
	/** Longest wait a plan promises; a plan that is absent promises none. */
	promisedWaitMs: Readonly<Record<string, number>>;
}

export interface WantedWorkers {
	workers: number;
	/** What asks for how many, in words. */
	reasoning: string[];
}

/** Above it, waits grow faster than work (a queue's mean wait goes with 1 / (1 - utilisation)). */
export const maxUtilisation = 0.85;

/**
 * The smallest number of workers that keeps them busy at most 85 % of the time at the rate work came in lately, and that would serve
 * what waits now within each plan's promise. One is kept even when there is nothing to do: the next request should find somebody.
 */
export function wantedWorkers(demand: Demand): WantedWorkers {
	const slots = demand.liveWorkers > 0 ? demand.liveSlots / demand.liveWorkers : 1;
	const asks = [forArrivals(demand, slots), ...forPromises(demand, slots)];
	const workers = Math.max(1, ...asks.map((ask) => ask.workers));
	const needed = asks.some((ask) => ask.workers > 0);
	return {
		workers,
		reasoning: [
			...asks.map((ask) => ask.because),
			...(needed ? [] : ["Nothing waits and nothing arrives: one worker is kept for the next request."]),
			`Now: ${count(demand.liveWorkers, "live worker")} with ${count(demand.liveSlots, "slot")}.`,
		],
	};
}

interface Ask {
	workers: number;
	because: string;
}

function forArrivals({ arrivedMs, windowMs, runMs }: Demand, slots: number): Ask {
	const busy = windowMs > 0 ? arrivedMs / windowMs : 0;
	const workers = smallest(busy / (maxUtilisation * slots));
	const each = runMs === null ? "" : `, the median step ${seconds(runMs)}`;
	return {
		workers,
		because: `Load: ${seconds(arrivedMs)} of work came in over the last ${seconds(windowMs)}${each}; at most ${maxUtilisation * 100} % busy takes ${count(workers, "worker")}.`,
	};
}

/** A plan's work shares the pool with the others' by weight while both wait: what is served before its last step is counted, not only its own. */
function forPromises({ waiting, promisedWaitMs }: Demand, slots: number): Ask[] {
	return waiting.flatMap(({ plan, weight, ms }) => {
		const promiseMs = promisedWaitMs[plan];
		if (promiseMs === undefined || ms <= 0) return [];
		const servedMs = waiting.reduce(
			(sum, other) => sum + (other.plan === plan ? other.ms : Math.min(other.ms, (ms * other.weight) / weight)),
			0,
		);
		const workers = smallest(servedMs / (promiseMs * slots));
		const shared = servedMs > ms ? `, ${seconds(servedMs)} with what others are due meanwhile,` : "";
		return [
			{
				workers,
				because: `Promise of ${plan}: ${seconds(ms)} of its work waits${shared} and may take ${seconds(promiseMs)}: ${count(workers, "worker")}.`,
			},
		];
	});
}

/** Rounded up, without what floating point adds to a whole number. */
const smallest = (workers: number): number => Math.ceil(workers - 1e-9);

const count = (value: number, noun: string): string => `${value} ${noun}${value === 1 ? "" : "s"}`;

function seconds(ms: number): string {
	return `${ms < 10_000 ? Number((ms / 1_000).toPrecision(2)) : Math.round(ms / 1_000)} s`;
}
