import { type Calibration, type Coverage, horizonOf, type Spread } from "./calibration.ts";

/** When a job ends, in milliseconds from now: one in ten before `p10Ms`, one in two before `p50Ms`, nine in ten before `p90Ms`. */
export interface Forecast {
	p10Ms: number;
	p50Ms: number;
	p90Ms: number;
	/** How it was made, in words a user can read: an estimate never looks better than it is. */
	method: string;
	/** Measured lately on the ranges shown in this pool; null until some of them are over. */
	coverage: Coverage | null;
}

/** Used until enough was measured. Half and 1.8 times; 250 ms for what every job costs beside its work. */
const prior = { low: 0.5, middle: 1, high: 1.8, extraMs: 250 };

/** The range around a point estimate of `estimateMs`, for a job of this plan. */
export function forecast(pointMs: number, plan: string, calibration: Calibration): Forecast {
	const { spread, basis } = findSpread(pointMs, plan, calibration);
	const { low, middle, high } = spread ?? prior;
	return {
		p10Ms: Math.floor(pointMs * low),
		p50Ms: Math.round(pointMs * middle),
		p90Ms: Math.ceil(pointMs * high + (spread ? 0 : prior.extraMs)),
		method: `work ahead over live workers; ${basis}`,
		coverage: calibration.coverage,
	};
}

function findSpread(pointMs: number, plan: string, { byPlan, pool }: Calibration): { spread: Spread | null; basis: string } {
	const own = byPlan.get(plan);
	const alike = own?.byHorizon[horizonOf(pointMs)];
	if (alike) return { spread: alike, basis: `range measured on the last ${alike.outcomes} like it` };
	const wide = own?.plan ?? pool;
	if (wide) return { spread: wide, basis: `range measured on the last ${wide.outcomes} of all lengths, too few were like it` };
	return { spread: null, basis: "the range is a prior, not yet measured" };
}
