import { createRandom, type Random } from "./random.ts";
import type { SimulatedTenant } from "./world.ts";

/** One tenant's stream of wishes. Every tenant draws from its own numbers, so that one policy's delays do not change another's load. */
export interface ArrivalStream {
	tenant: SimulatedTenant;
	/** What is asked for at the start of a closed loop, or at one moment of an open one: model names. */
	nextModels(): string[];
	/** Until the next open-loop moment; null for a closed loop. */
	nextGapMs(): number | null;
	/** Actual run time over mean. */
	nextNoise(spread: number): number;
}

export function createArrivalStream(tenant: SimulatedTenant, seed: number): ArrivalStream {
	const random = createRandom(seed);
	return {
		tenant,
		nextModels: () => pickModels(tenant, random),
		nextGapMs: () => (tenant.arrivals.kind === "backlogged" ? null : tenant.arrivals.everyMs * random.exponential()),
		nextNoise: (spread) => random.noise(spread),
	};
}

function pickModels(tenant: SimulatedTenant, random: Random): string[] {
	const model = random.pick(tenant.mix);
	return tenant.arrivals.kind === "bursts" ? Array.from({ length: tenant.arrivals.size }, () => model) : [model];
}
