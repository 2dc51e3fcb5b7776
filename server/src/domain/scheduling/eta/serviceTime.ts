/**
 * How long a step runs, learnt from what ran. Loading a model is learnt by the same functions under keys of its own, so that a run
 * never includes a load. @see docs/decisions/0008-eta-prior.md
 */

/** A running median: what one row of the table of service times holds. `value` is in milliseconds, or a ratio where said so. */
export interface RunningMedian {
	value: number;
	samples: number;
}

/** Least weight of a new sample: about the last 13 samples count, so a change of speed is learnt within them. */
const leastGain = 0.15;
/** How far one sample counts at most once the median is known, in natural log units: a run of 100x the median moves it by 6 %. */
const clip = 0.4;
/** A coarser level counts as much as this many samples of a finer one. */
const coarserSamples = 1;

/**
 * The median after one more sample: a Huber estimate of location in log space (the median where noise is symmetric there), with a
 * gain of 1 / n that never falls below `leastGain`. One UPDATE does the same, with the row as `s` and the sample as `excluded.value`:
 *
 *     value = s.value * exp(greatest(0.15, 1.0 / (s.samples + 1))
 *       * least(greatest(0.4, 3.0 / (s.samples + 1)), greatest(-greatest(0.4, 3.0 / (s.samples + 1)), ln(excluded.value / s.value)))),
 *     samples = s.samples + 1
 */
export function learn(state: RunningMedian | null, sample: number): RunningMedian {
	const seen = Math.max(sample, Number.MIN_VALUE);
	if (!state || state.samples === 0) return { value: seen, samples: 1 };
	const samples = state.samples + 1;
	const reach = Math.max(clip, 3 / samples);
	const surprise = Math.min(reach, Math.max(-reach, Math.log(seen / state.value)));
	return { value: state.value * Math.exp(Math.max(leastGain, 1 / samples) * surprise), samples };
}

/** What is known about a run, from coarse to fine. Each is null until its first sample. */
export interface ServiceTimes {
	/** Of the capability, any size and steps: a ratio, measured time / prior. */
	capability: RunningMedian | null;
	/** Of the capability, size and steps on any worker: milliseconds. */
	request: RunningMedian | null;
	/** The same on one worker: milliseconds. */
	worker: RunningMedian | null;
}

/** Predicted run time in milliseconds, at least 1. Each finer level takes over as its samples grow; without any it is the prior. */
export function predictMs(known: Partial<ServiceTimes>, priorMs: number): number {
	const byCapability = priorMs * blend(known.capability, 1);
	const byRequest = blend(known.request, byCapability);
	return Math.max(1, blend(known.worker, byRequest));
}

/** Geometric mean of a level and the coarser one, weighted by samples. */
function blend(level: RunningMedian | null | undefined, coarser: number): number {
	if (!level || level.samples === 0) return coarser;
	const share = level.samples / (level.samples + coarserSamples);
	return level.value ** share * coarser ** (1 - share);
}

/** Of the usual picture's time: what any other takes too, however small. Reading the text, decoding, moving files. */
const fixedShare = 0.15;

/**
 * The operator's guess for a model's default picture, scaled to another one: diffusion takes time in proportion to pixels and steps, beside a part
 * that is always the same. Without it what tiny pictures take would be held against large ones many hundred times over.
 */
export function scalePriorMs(priorMs: number, asked: RequestSize, usual: RequestSize): number {
	const scale = (asked.widthPx * asked.heightPx * asked.steps) / (usual.widthPx * usual.heightPx * usual.steps);
	return priorMs * (fixedShare + (1 - fixedShare) * scale);
}

export interface RequestSize {
	widthPx: number;
	heightPx: number;
	steps: number;
}
