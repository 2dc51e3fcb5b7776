import { estimateMs } from "../../server/src/domain/scheduling/eta/estimate.ts";
import { createRandom } from "../simulation/random.ts";
import { simulate } from "../simulation/simulate.ts";
import type { Outcome, Policy, QueueView, SimulatedTask } from "../simulation/world.ts";
import { Forecaster, type Shown } from "./forecaster.ts";
import { createLoad, shiftAt } from "./load.ts";
import { ObservedPool } from "./observedPool.ts";
import { createHordeStyle, createMeanRate } from "./peers.ts";

/** One forecast beside what came of it. */
export interface Replayed extends Shown {
	/** null: had not ended when the simulation did. */
	actualMs: number | null;
	/** What the peers say; only asked at submit, as they know nothing of a running task. */
	meanRateMs: number | null;
	hordeMs: number | null;
}

export interface Replay {
	forecasts: Replayed[];
	outcome: Outcome;
}

/** Shift in the middle. Every task is forecast at submit, and again at about one random later moment of its life. */
export function replay(options: { hours: number; seed: number; policy: Policy }): Replay {
	const durationMs = options.hours * 3_600_000;
	const world = createLoad();
	const pool = new ObservedPool(world.models.map(({ name }) => name));
	const [meanRate, horde] = [createMeanRate(), createHordeStyle(new Map(world.models.map(({ name, runMs }) => [name, runMs])))];
	const forecaster = new Forecaster();
	const peers = new Map<Shown, { meanRateMs: number; hordeMs: number }>();
	const random = createRandom(options.seed + 77);
	const show = (task: SimulatedTask, view: QueueView, atSubmit: boolean): Shown => {
		const pointMs = estimateMs([pool.describe(task, view)]) ?? Number.NaN;
		return forecaster.show(task, pointMs, view.nowMs, atSubmit);
	};
	const outcome = simulate({
		world,
		durationMs,
		seed: options.seed,
		order: "fair",
		policy: options.policy,
		predictMs: (model) => pool.runMs(model),
		changes: [shiftAt(durationMs / 2)],
		hooks: {
			onSubmit(task, view) {
				peers.set(show(task, view, true), { meanRateMs: meanRate.predictMs(task, view), hordeMs: horde.predictMs(task, view) });
			},
			onEnd(task, view) {
				for (const known of [pool, meanRate, horde]) known.noteEnd(task, view.nowMs);
				const open = [...[...view.waiting.values()].flat(), ...view.workers.flatMap((worker) => worker.task ?? [])];
				const seen = open[Math.floor(random.uniform() * open.length)];
				if (seen) show(seen, view, false);
			},
		},
	});
	const forecasts = forecaster.shown.map((shown): Replayed => {
		const actualMs = shown.task.endedMs === null ? null : shown.task.endedMs - shown.atMs;
		const { meanRateMs = null, hordeMs = null } = peers.get(shown) ?? {};
		return { ...shown, actualMs, meanRateMs, hordeMs };
	});
	return { forecasts, outcome };
}
