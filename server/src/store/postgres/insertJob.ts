import { GlassworksError } from "../../domain/errors.ts";
import type { Job, JobStatus, Task, TaskStatus } from "../../domain/jobs/job.ts";
import type { JobDraft, RunDraft, TaskDraft } from "../../domain/jobs/jobStore.ts";
import { overKeyCap } from "../../domain/plans/keyCaps.ts";
import { describeRate } from "../../domain/plans/rate.ts";
import { loraNameTaken } from "../../domain/trainings/checkTraining.ts";
import { skipNow } from "../../domain/workflows/resolveStep.ts";
import type { Workflow } from "../../domain/workflows/workflow.ts";
import { json, type Query, type Session, sql } from "../sql.ts";
import { namingBlobs } from "./namingBlobs.ts";
import type { ReadWorkflow } from "./readWorkflow.ts";

/** A step as it is written: `first` when nothing has to happen before it. */
interface FirstOrLater extends TaskDraft {
	first: boolean;
}

interface Accepted {
	refused?: undefined;
	createdAt: string;
	status: JobStatus;
	/** In the order of pictures and steps. */
	tasks: [id: number, orderKey: number | null, claimable: boolean][];
}

type Answer =
	| { refused: "unauthenticated" }
	| { refused: "moved" }
	| { refused: "rate_limited"; waitS: number }
	| { refused: "over_key_cap"; max: number; used: number }
	| { refused: "key_busy"; max: number; used: number }
	| { refused: "insufficient_credit"; creditMicroUsd: number }
	| Accepted;

/** Part of a statement whose `accepted` holds an answer: whoever wants the result by mail is written down with the job. `isOver`: it is due now. */
export function mailedAs({ id, tenantId, mailTo = null }: JobDraft, isOver = false): Query {
	return sql`mailed as (insert into result_mails (subject_id, tenant_id, address, due_at)
		select ${id}, ${tenantId}, ${mailTo}, case when ${isOver}::boolean then clock_timestamp() end from accepted where ${mailTo}::text is not null and answer->>'refused' is null)`;
}

/** Accepts a job in one round trip: row, runs, tasks, tags, holds and events, or nothing. Null: quota or pools are not what it was planned with. */
export async function insertJob(database: Session, draft: JobDraft, readWorkflow: ReadWorkflow): Promise<Job | null> {
	const workflow = await readWorkflow(database, draft.workflow, draft.workflowVersion);
	if (!workflow) throw new GlassworksError("unknown_workflow", "The workflow is no longer there.");
	const { lists, variants } = variantsOf(draft, workflow);
	const tasks = variants[0] ?? [];
	const { runs, quote, mailTo: _mailTo, ...rest } = draft;
	const sent = {
		...rest,
		quote,
		priceMicroUsd: quote.totalMicroUsd,
		variants,
		lines: linesOf(tasks),
		pools: [...new Set(tasks.map((task) => task.pool))],
		skips: runs.length * tasks.filter((task) => task.skip).length,
		runs: runs.map(({ index, seed, tasks }) => ({ index, seed, variant: lists.indexOf(tasks) })),
	};
	const query = sql`with accepted as materialized (select admit_job(${json(sent)}::jsonb) as answer), ${mailedAs(draft)} select answer from accepted`;
	const [row] = await namingBlobs(() => database.query<{ answer: Answer }>(query)).catch(unlessNameTaken(draft));
	if (!row) throw new Error("admit_job answered nothing");
	const { answer } = row;
	if (answer.refused === undefined) return toJob(draft, variants, lists, answer);
	if (answer.refused === "moved") return null;
	throw refusal(answer, draft);
}

/** The name of a training is unique, see migration 0020. */
const unlessNameTaken =
	({ request }: JobDraft) =>
	(error: unknown): never => {
		const { code, constraint } = error as { code?: unknown; constraint?: unknown };
		throw code === "23505" && constraint === "trainings_names" ? loraNameTaken(String(request.name)) : error;
	};

/** Pictures of a job differ in price at most: steps are looked at once for each price, not once for each picture. */
export function variantsOf(draft: JobDraft, workflow: Workflow): { lists: TaskDraft[][]; variants: FirstOrLater[][] } {
	const lists = [...new Set(draft.runs.map((run) => run.tasks))];
	return { lists, variants: lists.map((tasks) => markFirst(tasks, workflow, draft)) };
}

function refusal(answer: Exclude<Answer, { refused?: undefined } | { refused: "moved" }>, draft: JobDraft): GlassworksError {
	const { quote, rate, plan, runs } = draft;
	if (answer.refused === "unauthenticated") return new GlassworksError("unauthenticated", "This account no longer exists.");
	if (answer.refused === "rate_limited")
		return new GlassworksError("rate_limited", `The plan ${plan} takes ${rate ? describeRate(rate) : "no more"} that ask for pictures.`, {
			...{ limit: "rate", max: rate?.requests ?? 0, per: rate?.per ?? "month", retry_after_s: Math.max(1, answer.waitS) },
		});
	if (answer.refused === "key_busy") {
		const { max, used } = answer;
		const message = `This key may have ${max} unfinished pictures; ${used} are, and ${runs.length} were asked for.`;
		return new GlassworksError("key_busy", message, { cap: "unfinished_pictures", max, used, asked: runs.length, retry_after_s: 5 });
	}
	if (answer.refused === "over_key_cap") {
		const { max, used } = answer;
		const asked = quote.totalMicroUsd;
		const message = `This key may spend $${max / 1e6} a month; $${used / 1e6} is spent or held, and this costs $${asked / 1e6}`;
		return overKeyCap("spend_micro_usd_per_month", message, { max, asked, used });
	}
	return new GlassworksError(
		"insufficient_credit",
		`This costs $${quote.totalMicroUsd / 1e6}; $${answer.creditMicroUsd / 1e6} of credit is left.`,
		{ price_micro_usd: quote.totalMicroUsd, credit_micro_usd: answer.creditMicroUsd },
	);
}

/** Where a picture gets its tags: in each pool in which it starts, by the capability it starts with and all it costs there. */
export function linesOf(tasks: readonly FirstOrLater[]): { pool: string; capability: string; predictedMs: number }[] {
	return [...Map.groupBy(tasks, (task) => task.pool)].flatMap(([pool, inPool]) => {
		const first = inPool.find((task) => task.first);
		const predictedMs = inPool.filter((task) => !task.skip).reduce((sum, task) => sum + task.predictedMs, 0);
		return first ? [{ pool, capability: first.capability, predictedMs }] : [];
	});
}

/** Which steps start the run, and which the request alone already decides to skip. Tasks come in workflow order, which follows needs. */
function markFirst(tasks: readonly TaskDraft[], workflow: Workflow, draft: JobDraft): FirstOrLater[] {
	const skipped = new Set<string>();
	return tasks.map((task) => {
		const step = workflow.steps.find((entry) => entry.id === task.stepId);
		const first = task.needs.every((need) => skipped.has(need));
		const skip = task.skip ?? (first && step ? skipNow(step, { request: draft.request, earlier: {} }) : null);
		if (skip) skipped.add(task.stepId);
		return { ...task, skip, first: first && !skip };
	});
}

/** The job as it now stands in the database, without reading it back. */
export function toJob(draft: JobDraft, variants: readonly FirstOrLater[][], lists: readonly TaskDraft[][], answer: Accepted): Job {
	const createdAt = new Date(answer.createdAt);
	const written = answer.tasks[Symbol.iterator]();
	const { id, tenantId, keyId, workflow, workflowVersion, model, request, metadata, quote, runAfter, plan, weight, runningCap } = draft;
	const deleteAfterS = typeof request.deleteAfterS === "number" ? request.deleteAfterS : null;
	const toTask = (task: FirstOrLater): Task => {
		const [taskId = 0, orderKey = null, claimable = true] = written.next().value ?? [];
		const { needs: _needs, maxAttempts: _max, timeKey: _key, priorMs: _prior, skip: skipReason, first, ...rest } = task;
		const status: TaskStatus = skipReason ? "skipped" : !first ? "waiting" : answer.status === "scheduled" ? "scheduled" : "ready";
		const readyAt = status === "ready" ? createdAt : null;
		const finishedAt = skipReason ? createdAt : null;
		return {
			...rest,
			...untouched,
			requires: task.requires ?? null,
			id: taskId,
			status,
			orderKey,
			claimable,
			skipReason,
			readyAt,
			finishedAt,
		};
	};
	return {
		...{ id, tenantId, keyId, workflow, workflowVersion, model, plan, weight, runningCap, request, metadata, quote, createdAt, runAfter },
		...{ status: answer.status, chargedMicroUsd: 0, startedAt: null, finishedAt: null, error: null },
		...{ deleteAfterS, expiresAt: null },
		runs: draft.runs.map((run: RunDraft) => ({
			...{ index: run.index, seed: run.seed, status: "pending", error: null, deletedAt: null, deletedFor: null, starred: false },
			tasks: (variants[lists.indexOf(run.tasks)] ?? []).map(toTask),
		})),
	};
}

const untouched = {
	attempt: 0,
	notBefore: null,
	passedAt: null,
	progress: 0,
	error: null,
	outputs: {},
	data: {},
	startedAt: null,
} satisfies Partial<Task>;
