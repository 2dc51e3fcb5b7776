import type { Queue } from "@glassworks/sdk";

export interface Line {
	name: string;
	ready: number;
	running: number;
	/** Of the workers that take work: those that can run it, and those with it in memory. */
	capable: number;
	loadedOn: number;
}

/** Plans over all pools, the longest line first. */
export const byPlan = (queue: Queue): Line[] =>
	merge(queue.pools.flatMap(({ plans }) => plans.map((plan) => ({ ...plan, name: plan.plan, capable: 0, loadedOn: 0 }))));

/** Models over all pools, the longest line first. */
export const byModel = (queue: Queue): Line[] =>
	merge(
		queue.pools.flatMap(({ models }) =>
			models.map((model) => ({ ...model, name: model.model, capable: model.capable_workers, loadedOn: model.loaded_on })),
		),
	);

function merge(lines: readonly Line[]): Line[] {
	const byName = new Map<string, Line>();
	for (const { name, ready, running, capable, loadedOn } of lines) {
		const sum = byName.get(name) ?? { name, ready: 0, running: 0, capable: 0, loadedOn: 0 };
		byName.set(name, {
			name,
			ready: sum.ready + ready,
			running: sum.running + running,
			capable: sum.capable + capable,
			loadedOn: sum.loadedOn + loadedOn,
		});
	}
	return [...byName.values()].sort((a, b) => b.ready + b.running - a.ready - a.running || a.name.localeCompare(b.name));
}
