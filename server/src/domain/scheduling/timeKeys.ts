import type { Capability } from "../ports.ts";
import { predictMs, type RequestSize, type RunningMedian, scalePriorMs } from "./eta/serviceTime.ts";

/** Measured times by key. */
export type TimeTable = ReadonlyMap<string, RunningMedian>;

/** Names under which times are learnt, from coarse to fine. `timeKey` is a task's own: capability, size and steps. */
export const timeKeys = {
	ratio: (capability: string) => `ratio ${capability}`,
	run: (timeKey: string) => `run ${timeKey}`,
	runOn: (timeKey: string, worker: string) => `run ${timeKey} on ${worker}`,
	load: (model: string) => `load ${model}`,
};

/** What a task is expected to take, and where that is learnt. */
export interface TaskTime {
	timeKey: string;
	/** The operator's guess, scaled to this size and these steps. */
	priorMs: number;
	/** Rounded up. */
	predictedMs: number;
}

/**
 * `asked` is the picture the task works on; `usual` the one `guessMs` was given for. Drawing takes time by pixels and steps,
 * upscaling to pixels, the rest is guessed to take the same for every picture. `work` tells apart what one capability runs for different
 * workflows.
 */
export function timeTask(
	capability: Capability,
	asked: RequestSize,
	usual: RequestSize,
	guessMs: number,
	times: TimeTable,
	work: string | null = null,
): TaskTime {
	const draws = ["generate:", "inpaint:", "train_lora:"].some((kind) => capability.startsWith(kind));
	const grows = draws || capability.startsWith("upscale:");
	const steps = draws ? asked.steps : usual.steps;
	const priorMs = grows ? scalePriorMs(guessMs, { ...asked, steps }, usual) : guessMs;
	const timeKey = [capability, ...(work === null ? [] : [work]), sizeBucket(asked), ...(draws ? [stepsBucket(asked.steps)] : [])].join(" ");
	const known = { capability: times.get(timeKeys.ratio(capability)) ?? null, request: times.get(timeKeys.run(timeKey)) ?? null };
	return { timeKey, priorMs: Math.max(1, Math.round(priorMs)), predictedMs: Math.ceil(predictMs(known, priorMs)) };
}

/** Side of the square with as many pixels, in steps of a quarter of a doubling. */
function sizeBucket({ widthPx, heightPx }: RequestSize): string {
	return `${Math.round(2 ** (Math.round(2 * Math.log2(widthPx * heightPx)) / 4))}px`;
}

const stepEnds = [2, 4, 6, 8, 12, 16, 20, 25, 30, 40, 50, 75, 100];

function stepsBucket(steps: number): string {
	// Trainings have more than any picture.
	const end = stepEnds.find((each) => steps <= each) ?? (steps <= 150 ? 150 : 2 ** Math.ceil(Math.log2(steps)));
	return `${end} steps`;
}
