import { type Measures, measure } from "../simulation/measure.ts";
import { simulate } from "../simulation/simulate.ts";
import { CONTENDERS, type Contender, OURS } from "./policies.ts";
import { type Scenario, withFreeLoading } from "./scenarios.ts";

export interface Row {
	policy: string;
	/** Left out of the comparison: not a policy that real workers could follow. */
	ideal: boolean;
	measures: Measures;
}

/** Left out of every figure: queues fill up and models are loaded for the first time. */
const WARMUP_MS = 600_000;

/** Every policy under the same load, pooled over the seeds. */
export function compare(scenario: Scenario, hours: number, seeds: readonly number[]): Row[] {
	return CONTENDERS.map((contender) => ({
		policy: contender.name,
		ideal: contender.loadsForFree ?? false,
		measures: measure(
			seeds.map((seed) => run(scenario, contender, hours, seed)),
			WARMUP_MS,
		),
	}));
}

function run({ world }: Scenario, { order, policy, loadsForFree }: Contender, hours: number, seed: number) {
	return simulate({ world: loadsForFree ? withFreeLoading(world) : world, durationMs: hours * 3_600_000, seed, order, policy });
}

export function oursOf(rows: readonly Row[]): Row {
	const ours = rows.find(({ policy }) => policy === OURS);
	if (!ours) throw new RangeError("our own row is missing");
	return ours;
}

/** At least as busy and pro's visitors wait at most as long (median), one of them strictly. */
export function dominates(a: Row, b: Row): boolean {
	const [waitA, waitB] = [proWaitMs(a), proWaitMs(b)];
	const [busyA, busyB] = [a.measures.busy, b.measures.busy];
	return busyA >= busyB && waitA <= waitB && (busyA > busyB || waitA < waitB);
}

/** The policies that are better than ours in one respect and no worse in the other. */
export function dominatorsOfOurs(rows: readonly Row[]): Row[] {
	return rows.filter((row) => !row.ideal && dominates(row, oursOf(rows)));
}

export function proWaitMs({ measures }: Row): number {
	return measures.arriving.pro?.p50Ms ?? Number.POSITIVE_INFINITY;
}
