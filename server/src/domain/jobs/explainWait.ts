import { modelOf } from "../scheduling/modelOf.ts";
import type { Job, Task } from "./job.ts";
import type { Waiting } from "./queueView.ts";
import { type Shortfall, sayRequirements } from "./shortfall.ts";

/** A live worker of the task's pool that takes work. */
export interface WaitWorker {
	id: string;
	loadedModel: string | null;
	slots: number;
	running: readonly unknown[];
}

interface Situation {
	job: Job;
	/** First in line of the job, or what it waits for. Not running. */
	task: Task;
	workers: readonly WaitWorker[];
	/** Ids of those that can run it, or why nobody can. */
	able: { workers: readonly string[]; shortfall: Shortfall | null };
	/** Runnable tasks before it. */
	ahead: number;
	isPaused: boolean;
	now: Date;
}

type Reason = NonNullable<Waiting["reason"]>;

/** Why a job's next task is not being run, the strongest reason first, with its data and what would help. */
export function explainWait(situation: Situation): Reason {
	const { job, task, workers, able, ahead, isPaused, now } = situation;
	const { pool, capability } = task;
	if (task.status === "scheduled")
		return because("scheduled", { run_after: job.runAfter?.toISOString() ?? null }, "Submit without run_after to start now.", null);
	if (able.shortfall) return nobodyCan(situation, able.shortfall);
	const capable = workers.filter(({ id }) => able.workers.includes(id));
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

function nobodyCan({ task, workers }: Situation, { missing, lacking }: Shortfall): Reason {
	const { pool, capability, model } = task;
	const requires = lacking.length > 0 ? lacking : (task.requires ?? []);
	const helpOperator = {
		worker: `Start a worker in the pool ${pool}.`,
		model: `Install ${model} on a worker of the pool ${pool}.`,
		ability:
			lacking.length > 0
				? `Install what is missing on a worker that has ${model}: missing ${sayRequirements(lacking)}.`
				: `One worker that has ${model} with all of this: ${sayRequirements(requires)}.`,
	};
	return because(
		"no_capable_worker",
		{ pool, capability, missing, workers: workers.length, ...(missing === "ability" ? { requires: [...requires] } : {}) },
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
