import { meets } from "../engines/requirements.ts";
import { modelOf } from "../scheduling/modelOf.ts";
import type { Job, Task } from "./job.ts";
import type { Waiting } from "./queueView.ts";

/** A live worker of the task's pool that takes work. */
export interface WaitWorker {
	capabilities: readonly string[];
	/** What it can do beyond the plain step, by capability. */
	abilities?: Readonly<Record<string, readonly string[]>>;
	loadedModel: string | null;
	slots: number;
	running: readonly unknown[];
}

interface Situation {
	job: Job;
	/** First in line of the job, or what it waits for. Not running. */
	task: Task;
	workers: readonly WaitWorker[];
	/** Runnable tasks before it. */
	ahead: number;
	isPaused: boolean;
	now: Date;
}

type Reason = NonNullable<Waiting["reason"]>;

/** Why a job's next task is not being run, the strongest reason first, with its data and what would help. */
export function explainWait(situation: Situation): Reason {
	const { job, task, workers, ahead, isPaused, now } = situation;
	const { pool, capability } = task;
	if (task.status === "scheduled")
		return because("scheduled", { run_after: job.runAfter?.toISOString() ?? null }, "Submit without run_after to start now.", null);
	const capable = workers.filter(
		(worker) => worker.capabilities.includes(capability) && meets(worker.abilities?.[capability], task.requires),
	);
	if (capable.length === 0) return nobodyCan(situation);
	if (isPaused) return because("pool_paused", { pool }, null, `Resume it: glassworks pools resume ${pool}`);
	if (task.status === "waiting") return because("dependency", { step: task.stepId }, null, null);
	if (task.notBefore && task.notBefore > now)
		return because(
			"retry_backoff",
			{ attempt: task.attempt, not_before: task.notBefore.toISOString(), code: task.error?.code ?? null },
			null,
			"The worker's log says what failed.",
		);
	if (!task.claimable)
		return because(
			"plan_concurrency_cap",
			{ plan: job.plan, running_at_once: job.runningCap ?? 0 },
			"It starts when one of your pictures ends; a larger plan runs more at once.",
			null,
		);
	const model = modelOf(capability);
	const holders = capable.filter((worker) => worker.loadedModel === model).length;
	if (task.passedAt || (ahead === 0 && holders === 0 && capable.some(isFree)))
		return because(
			"model_loading",
			{ model, loaded_on: holders, workers: capable.length, passed_over_ms: task.passedAt ? now.getTime() - task.passedAt.getTime() : 0 },
			"A model that is loaded now would start sooner.",
			`Another worker that holds ${model}.`,
		);
	if (ahead > 0) return fairShare(situation, { model, holders, capable: capable.length });
	return because("workers_busy", { pool, workers: capable.length, loaded_on: holders }, null, `Another worker in the pool ${pool}.`);
}

function because(code: Reason["code"], data: Reason["data"], user: string | null, operator: string | null): Reason {
	return { code, data, help: { user, operator } };
}

function nobodyCan({ task, workers }: Situation): Reason {
	const { pool, capability, model } = task;
	const missing =
		workers.length === 0 ? "worker" : workers.some((worker) => worker.capabilities.includes(capability)) ? "ability" : "model";
	const helpOperator = {
		worker: `Start a worker in the pool ${pool}.`,
		model: `Install ${model} on a worker of the pool ${pool}.`,
		ability: `One worker that has ${task.requires?.join(", ")} together with ${model}.`,
	};
	return because(
		"no_capable_worker",
		{ pool, capability, missing, workers: workers.length, ...(missing === "ability" ? { requires: task.requires } : {}) },
		"Another model, see GET /api/v1/models for those that can run now.",
		helpOperator[missing],
	);
}

function fairShare(
	{ job, task, ahead }: Situation,
	{ model, holders, capable }: { model: string; holders: number; capable: number },
): Reason {
	return because(
		"fair_share_turn",
		{ ahead, plan: job.plan, weight: job.weight, model, loaded_on: holders, workers: capable },
		"A plan with a larger share, or a time when less is waiting (run_after).",
		`More workers in the pool ${task.pool}.`,
	);
}

const isFree = (worker: WaitWorker): boolean => worker.running.length < worker.slots;
