import type { SimulatedTask } from "./world.ts";

/** The waiting tasks, per model, in the pool's one total order: `(orderKey, id)`. */
export interface WaitingTasks {
	byModel: ReadonlyMap<string, readonly SimulatedTask[]>;
	add(task: SimulatedTask): void;
	remove(task: SimulatedTask): void;
	head(model: string): SimulatedTask | undefined;
	/** Predicted run time of the model's tasks that precede this one; of all of them when there is none. */
	sumBefore(model: string, task: SimulatedTask | undefined): number;
}

export function isBefore(a: { orderKey: number; id: number }, b: { orderKey: number; id: number }): boolean {
	return a.orderKey < b.orderKey || (a.orderKey === b.orderKey && a.id < b.id);
}

export function createWaitingTasks(models: readonly string[]): WaitingTasks {
	const queues = new Map<string, SimulatedTask[]>(models.map((model) => [model, []]));
	const workMs = new Map<string, number>();
	const queueOf = (model: string): SimulatedTask[] => {
		const queue = queues.get(model);
		if (!queue) throw new RangeError(`no such model: ${model}`);
		return queue;
	};
	const addWork = (model: string, ms: number): void => void workMs.set(model, (workMs.get(model) ?? 0) + ms);
	return {
		byModel: queues,
		add(task) {
			const queue = queueOf(task.model);
			queue.splice(placeOf(queue, task), 0, task);
			addWork(task.model, task.predictedMs);
		},
		remove(task) {
			const queue = queueOf(task.model);
			queue.splice(placeOf(queue, task), 1);
			addWork(task.model, -task.predictedMs);
		},
		head: (model) => queueOf(model)[0],
		sumBefore: (model, task) => (task ? sumBefore(queueOf(model), task) : (workMs.get(model) ?? 0)),
	};
}

/** Where the task is, or belongs. */
function placeOf(queue: readonly SimulatedTask[], task: SimulatedTask): number {
	let [low, high] = [0, queue.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		const other = queue[middle];
		if (other && isBefore(other, task)) low = middle + 1;
		else high = middle;
	}
	return low;
}

function sumBefore(queue: readonly SimulatedTask[], task: SimulatedTask): number {
	let sumMs = 0;
	for (const other of queue) {
		if (!isBefore(other, task)) break;
		sumMs += other.predictedMs;
	}
	return sumMs;
}
