import { isBefore } from "../simulation/waitingTasks.ts";
import type { QueueView, SimulatedTask } from "../simulation/world.ts";

/** A way to say at submit when a task will have ended. */
export interface Peer {
	noteEnd(task: SimulatedTask, nowMs: number): void;
	predictMs(task: SimulatedTask, view: QueueView): number;
}

const WINDOW_MS = 300_000;

/** Tasks up to and with ours, over tasks ended per millisecond in the last five minutes. */
export function createMeanRate(): Peer {
	let ends: number[] = [];
	return {
		noteEnd: (_task, nowMs) => void ends.push(nowMs),
		predictMs(task, view) {
			ends = ends.filter((endMs) => endMs > view.nowMs - WINDOW_MS);
			const ahead = countByModel(task, view).reduce((sum, { count }) => sum + count, 0);
			return ((ahead + 1) * WINDOW_MS) / Math.max(1, ends.length);
		},
	};
}

/**
 * As AI Horde estimates, by its public source: work units (megapixel-steps) waiting up to and with ours, all models in priority order,
 * over the mean speed of each worker's last 20 pictures times the active workers, or times the pictures waiting if those are fewer.
 * Speed counts from the moment a worker took the task. Kinder than the original: `units` are each model's true mean run time before
 * the shift, where megapixel-steps know nothing of how heavy a model is.
 */
export function createHordeStyle(units: ReadonlyMap<string, number>): Peer {
	const speeds = new Map<string, number[]>();
	return {
		noteEnd({ model, worker, claimedMs }, nowMs) {
			if (worker === null || claimedMs === null) return;
			speeds.set(worker, [...(speeds.get(worker) ?? []), (units.get(model) ?? 1) / (nowMs - claimedMs)].slice(-20));
		},
		predictMs(task, view) {
			const ahead = [...countByModel(task, view), { model: task.model, count: 1 }];
			const work = ahead.reduce((sum, { model, count }) => sum + count * (units.get(model) ?? 1), 0);
			const workers = Math.min(
				view.workers.length,
				ahead.reduce((sum, { count }) => sum + count, 0),
			);
			const seen = [...speeds.values()].flat();
			const meanSpeed = seen.length === 0 ? 1 : seen.reduce((sum, speed) => sum + speed, 0) / seen.length;
			return work / (meanSpeed * workers);
		},
	};
}

function countByModel(task: SimulatedTask, view: QueueView): { model: string; count: number }[] {
	return [...view.waiting].map(([model, tasks]) => ({ model, count: tasks.findLastIndex((other) => isBefore(other, task)) + 1 }));
}
