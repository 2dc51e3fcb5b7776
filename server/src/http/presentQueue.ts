import type { QueueBody } from "../contract/queue.ts";
import type { Depth, PoolSnapshot, QueueSnapshot } from "../domain/jobs/queueSnapshot.ts";

export function presentQueue(snapshot: QueueSnapshot): QueueBody {
	return { as_of: snapshot.asOf.toISOString(), pools: snapshot.pools.map(presentPool) };
}

function presentPool(entry: PoolSnapshot): QueueBody["pools"][number] {
	return {
		pool: entry.pool,
		base: entry.base,
		dedicated: entry.isDedicated,
		paused: entry.isPaused,
		...presentDepth(entry.depth),
		models: entry.models.map((model) => ({
			model: model.model,
			...presentDepth(model),
			capable_workers: model.capableWorkers,
			loaded_on: model.loadedOn,
		})),
		plans: entry.plans.map((plan) => ({ plan: plan.plan, ...presentDepth(plan) })),
		missing: entry.missing,
		workers: entry.workers.length,
		fleet: entry.workers.map((worker) => ({
			label: worker.label,
			state: worker.state,
			slots: worker.slots,
			loaded_model: worker.loadedModel,
			running: worker.running.map(({ capability, progress, elapsedMs }) => ({ capability, progress, elapsed_ms: Math.round(elapsedMs) })),
		})),
		done_per_minute: { last_5_minutes: round(entry.donePerMinute.last5), last_60_minutes: round(entry.donePerMinute.last60) },
		oldest_wait_ms: entry.oldestWaitMs === null ? null : Math.round(entry.oldestWaitMs),
		shed_last_hour: entry.shedLastHour,
		wanted_workers: entry.wantedWorkers,
		warnings: entry.warnings,
	};
}

function presentDepth({ waiting, running, capped, unrunnable }: Depth) {
	return { ready: waiting, running, capped, unrunnable };
}

const round = (value: number): number => Math.round(value * 100) / 100;
