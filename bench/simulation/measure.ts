import type { Outcome, SimulatedTask } from "./world.ts";

export interface Quantiles {
	p50Ms: number;
	p95Ms: number;
	tasks: number;
}

export interface Measures {
	/** Share of the workers' time spent running, not loading and not idle. */
	busy: number;
	swaps: number;
	/** Submit to start of the run (a load counts as waiting), per plan, of tenants that are not always backlogged. */
	arriving: Record<string, Quantiles>;
	/** The same for backlogged tenants: their own queue, so by Little's law little more than their throughput. */
	backlogged: Record<string, Quantiles>;
	/** Jain's index of service over the backlogged tenants of a plan; the worst plan and run. 1 is even; null: no such tenants. */
	jain: number | null;
	/** Service per backlogged tenant, pro over starter, on predicted cost at claim; null where either is missing. */
	proToStarter: number | null;
	longestPassOverMs: number;
}

/** Figures of simulations that differ only in their seed, pooled; leaves out what was submitted or claimed before `warmupMs`. */
export function measure(outcomes: readonly Outcome[], warmupMs: number): Measures {
	const waits = outcomes.flatMap((outcome) => waitsAfter(outcome, warmupMs));
	const services = outcomes.map((outcome) => sumService(outcome, warmupMs));
	return {
		busy: meanOf(outcomes.map((outcome) => busyShare(outcome, warmupMs))),
		swaps: meanOf(outcomes.map(({ swaps }) => swaps)),
		arriving: waitsByPlan(waits.filter(({ task }) => !isBacklogged(task))),
		backlogged: waitsByPlan(waits.filter(({ task }) => isBacklogged(task))),
		jain: smallest(services.flatMap((plans) => [...plans.values()].map((tenants) => jainIndex([...tenants.values()])))),
		proToStarter: meanRatio(services),
		longestPassOverMs: Math.max(...outcomes.map(({ longestPassOverMs }) => longestPassOverMs)),
	};
}

function isBacklogged({ tenant }: SimulatedTask): boolean {
	return tenant.arrivals.kind === "backlogged";
}

function busyShare({ tasks, durationMs, workers }: Outcome, warmupMs: number): number {
	let sumMs = 0;
	for (const { startedMs, endedMs } of tasks) {
		if (startedMs !== null) sumMs += Math.max(0, (endedMs ?? durationMs) - Math.max(startedMs, warmupMs));
	}
	return sumMs / (workers * (durationMs - warmupMs));
}

interface Wait {
	task: SimulatedTask;
	waitMs: number;
}

/** A task that never started has waited until the end: leaving it out would flatter whoever starves. */
function waitsAfter({ tasks, durationMs }: Outcome, warmupMs: number): Wait[] {
	const counted = tasks.filter((task) => task.submittedMs >= warmupMs);
	return counted.map((task) => ({ task, waitMs: (task.startedMs ?? durationMs) - task.submittedMs }));
}

function waitsByPlan(waits: readonly Wait[]): Record<string, Quantiles> {
	const byPlan = Map.groupBy(waits, ({ task }) => task.tenant.plan);
	return Object.fromEntries(
		[...byPlan].map(([plan, ofPlan]) => {
			const sorted = ofPlan.map(({ waitMs }) => waitMs).sort((a, b) => a - b);
			return [plan, { p50Ms: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95), tasks: sorted.length }];
		}),
	);
}

/** Predicted milliseconds of service per backlogged tenant, per plan. */
function sumService({ tasks }: Outcome, warmupMs: number): Map<string, Map<string, number>> {
	const byPlan = new Map<string, Map<string, number>>();
	for (const task of tasks) {
		const { tenant, predictedMs, claimedMs } = task;
		if (claimedMs === null || claimedMs < warmupMs || !isBacklogged(task)) continue;
		const tenants = byPlan.get(tenant.plan) ?? new Map<string, number>();
		byPlan.set(tenant.plan, tenants.set(tenant.name, (tenants.get(tenant.name) ?? 0) + predictedMs));
	}
	return byPlan;
}

function meanRatio(services: readonly Map<string, Map<string, number>>[]): number | null {
	const [pro, starter] = ["pro", "starter"].map((plan) => meanOf(services.flatMap((plans) => [...(plans.get(plan)?.values() ?? [])])));
	return pro === undefined || starter === undefined || Number.isNaN(pro / starter) ? null : pro / starter;
}

function quantile(sorted: readonly number[], share: number): number {
	return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function jainIndex(values: readonly number[]): number {
	const sum = values.reduce((total, value) => total + value, 0);
	const squares = values.reduce((total, value) => total + value * value, 0);
	return (sum * sum) / (values.length * squares);
}

function smallest(values: readonly number[]): number | null {
	return values.length === 0 ? null : Math.min(...values);
}

function meanOf(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
