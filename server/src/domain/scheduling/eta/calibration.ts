/**
 * From one number to a range that is right as often as it says: the errors of past forecasts, as ratios actual / point estimate, give
 * the quantiles of the next (split conformal prediction; Vovk, Gammerman and Shafer 2005), the newest weighing most so that a shift of
 * load or speed is followed (Barber, Candes, Ramdas and Tibshirani 2023). @see docs/decisions/0008-eta-prior.md
 */
import { type Observation, quantilesOf } from "./survival.ts";

/** A forecast that was shown, and what became of it. Forecasts of jobs cancelled since are left out. */
export interface Outcome {
	/** Errors differ by plan: later work of heavier plans overtakes the lighter ones. */
	plan: string;
	/** The point estimate it was made from, before calibration. */
	pointMs: number;
	/** The range that was shown. */
	lowMs: number;
	highMs: number;
	/** Time since the forecast was made. */
	ageMs: number;
	/** How long after the forecast the job ended; null while it has not. */
	actualMs: number | null;
}

/** Ratios actual / point estimate: one job in ten ends below `low`, one in two below `middle`, nine in ten below `high`. */
export interface Spread {
	low: number;
	middle: number;
	high: number;
	/** Ended forecasts it was measured on. */
	outcomes: number;
}

/** How often jobs ended within the range they were shown: of the newest `outcomes` forecasts whose range is over. */
export interface Coverage {
	share: number;
	outcomes: number;
}

/** What one pool's past forecasts teach. Plain data: made anew every few seconds and kept in memory. */
export interface Calibration {
	byPlan: ReadonlyMap<string, PlanCalibration>;
	/** All plans and horizons together. */
	pool: Spread | null;
	coverage: Coverage | null;
}

export interface PlanCalibration {
	/** By horizon; where a horizon has too few outcomes, measured with its neighbours; null where that is too few too. */
	byHorizon: readonly (Spread | null)[];
	/** All horizons together. */
	plan: Spread | null;
}

/** Newest outcomes of each pool, plan and horizon that `calibrate` is to be given; older ones hardly weigh. */
export const calibrationWindow = 200;

/** A forecast this many places older than the newest of its kind counts half. */
const halfLife = 50;
/** Fewer ended forecasts than this say nothing of a tenth. */
const fewestEnded = 30;

/** Upper ends of the horizons in milliseconds, about half a decade each; the last horizon has none. */
const horizonEndsMs = [3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, Number.POSITIVE_INFINITY];

/** Which horizon a point estimate belongs to: 0 (below 3 s) to 6 (1,000 s and more). */
export const horizonOf = (pointMs: number): number => horizonEndsMs.findIndex((endMs) => pointMs < endMs);

/** `outcomes`: those of one pool, ended or not, in any order. */
export function calibrate(outcomes: readonly Outcome[]): Calibration {
	const newestFirst = outcomes.toSorted((a, b) => a.ageMs - b.ageMs);
	const plans = [...Map.groupBy(newestFirst, ({ plan }) => plan)];
	return {
		byPlan: new Map(plans.map(([plan, own]) => [plan, calibratePlan(own)])),
		pool: spreadOf(newestFirst),
		coverage: coverageOf(newestFirst),
	};
}

function calibratePlan(newestFirst: readonly Outcome[]): PlanCalibration {
	const horizons = newestFirst.map(({ pointMs }) => horizonOf(pointMs));
	const within = (horizon: number, reach: number): Outcome[] =>
		newestFirst.filter((_, index) => Math.abs((horizons[index] ?? horizon) - horizon) <= reach);
	return {
		byHorizon: horizonEndsMs.map((_, horizon) => spreadOf(within(horizon, 0)) ?? spreadOf(within(horizon, 1))),
		plan: spreadOf(newestFirst),
	};
}

/** null with too few ended outcomes. */
function spreadOf(newestFirst: readonly Outcome[]): Spread | null {
	const ended = newestFirst.filter(({ actualMs }) => actualMs !== null).length;
	if (ended < fewestEnded) return null;
	const observed = newestFirst.map(observe);
	// The conformal correction for the next outcome being one more than those seen. Half of n: jobs of one queue err together.
	const edge = 0.9 / (effectiveCount(observed) / 2);
	const [low = 1, middle = 1, high = 1] = quantilesOf(observed, [Math.max(0.001, 0.1 - edge), 0.5, Math.min(0.999, 0.9 + edge)]);
	return { low, middle, high, outcomes: ended };
}

/** A job that still waits counts with the time it has waited so far, or a shift would only be learnt once the late ones have ended. */
function observe({ actualMs, ageMs, pointMs }: Outcome, rank: number): Observation {
	return { value: (actualMs ?? ageMs) / Math.max(1, pointMs), ended: actualMs !== null, weight: 0.5 ** (rank / halfLife) };
}

/** Kish's effective sample size. */
function effectiveCount(observed: readonly Observation[]): number {
	const sum = observed.reduce((total, { weight }) => total + weight, 0);
	return sum ** 2 / observed.reduce((total, { weight }) => total + weight ** 2, 0);
}

/**
 * The measured coverage; null until some range is over. Only forecasts whose range is over count, as counting whatever has ended would
 * count the early ones first; a job that still waits past its range is a miss.
 */
export function coverageOf(outcomes: readonly Outcome[]): Coverage | null {
	const over = outcomes.filter(({ ageMs, highMs }) => ageMs > highMs);
	if (over.length === 0) return null;
	const kept = over.filter(({ actualMs, lowMs, highMs }) => actualMs !== null && lowMs <= actualMs && actualMs <= highMs);
	return { share: kept.length / over.length, outcomes: over.length };
}
