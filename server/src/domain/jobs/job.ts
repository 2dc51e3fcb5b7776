import type { ErrorCode } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { QuotaUnit } from "../plans/operatorConfig.ts";
import type { Capability, MediaType, StepKind } from "../ports.ts";
import type { Quote } from "../pricing/quote.ts";

/** `partial`: it ended, some pictures succeeded and some failed. */
export type JobStatus = "scheduled" | "queued" | "running" | "succeeded" | "partial" | "failed" | "cancelled";
export const endedJobStatuses: readonly JobStatus[] = ["succeeded", "partial", "failed", "cancelled"];

export type RunStatus = "pending" | "succeeded" | "failed" | "cancelled";

/**
 * waiting: an earlier step is not done · scheduled: not before the job's run_after · ready: claimable, tagged ·
 * running: leased · done · skipped: kept its input, see skipReason · failed · cancelled
 */
export type TaskStatus = "waiting" | "scheduled" | "ready" | "running" | "done" | "skipped" | "failed" | "cancelled";

/** `cached`: an earlier job of the same request made it; its outputs are here all the same. */
export type SkipReason = "model_missing" | "no_faces" | "plan" | "not_wanted" | "step_failed" | "overload" | "cached";

/** A stored picture: where its bytes lie and what they are. */
export interface BlobRef {
	sha256: string;
	mediaType: MediaType;
	widthPx: number;
	heightPx: number;
	bytes: number;
}

export interface Failure {
	code: ErrorCode;
	/** Safe to show to the tenant. */
	message: string;
}

/** One accepted request. */
export interface Job {
	id: string;
	tenantId: string;
	keyId: string | null;
	status: JobStatus;
	/** As WorkflowRecord.id. */
	workflow: string;
	workflowVersion: number;
	model: string;
	/** The tenant's plan, its share of a pool, and how many of its pictures run at once (null: no cap). */
	plan: string;
	weight: number;
	runningCap: number | null;
	/** The request as accepted, defaults filled in; what the recipe and a re-run are made of. */
	request: JsonObject;
	metadata: Record<string, string>;
	quote: Quote;
	/** What was really taken, in micro-dollars. */
	chargedMicroUsd: number;
	createdAt: Date;
	runAfter: Date | null;
	startedAt: Date | null;
	finishedAt: Date | null;
	error: Failure | null;
	/** Its pictures are deleted so many seconds after its end; null: they are kept. */
	deleteAfterS: number | null;
	/** When that is; null: not ended, or kept. */
	expiresAt: Date | null;
	runs: ImageRun[];
}

/** One picture of a job. */
export interface ImageRun {
	index: number;
	seed: number;
	status: RunStatus;
	error: Failure | null;
	/** Its picture is gone: its tenant deleted it, or its time was up. */
	deletedAt: Date | null;
	deletedFor: "request" | "retention" | null;
	starred: boolean;
	tasks: Task[];
}

/** One step of one run: the unit a worker claims. */
export interface Task {
	id: number;
	stepId: string;
	kind: StepKind;
	model: string;
	capability: Capability;
	pool: string;
	status: TaskStatus;
	optional: boolean;
	attempt: number;
	predictedMs: number;
	/** Before discount and quota. */
	listMicroUsd: number;
	/** What is taken when it is done. */
	priceMicroUsd: number;
	/** One of each is taken from the quota when it is done. */
	quotaUnits: QuotaUnit[];
	/** Place in the pool's total order; null until ready. */
	orderKey: number | null;
	/** False: in line, but its tenant already makes as many pictures at once as its plan allows. */
	claimable: boolean;
	/** When a claim first passed it over for a model that was loaded; null: never. */
	passedAt: Date | null;
	notBefore: Date | null;
	/** What its worker must be able to do besides the capability; null: nothing. */
	requires: string[] | null;
	/** 0 to 1, as last reported. */
	progress: number;
	skipReason: SkipReason | null;
	error: Failure | null;
	outputs: Record<string, BlobRef>;
	data: JsonObject;
	readyAt: Date | null;
	startedAt: Date | null;
	finishedAt: Date | null;
}

/** Append-only; written in the transaction that makes it true. `seq` starts at 1 and has no gaps within a job. */
export interface JobEvent {
	jobId: string;
	seq: number;
	type: JobEventType;
	data: JsonObject;
	createdAt: Date;
}
export type JobEventType =
	| "job.created"
	| "job.released"
	| "job.started"
	| "job.succeeded"
	| "job.partial"
	| "job.failed"
	| "job.cancelled"
	| "step.started"
	| "step.finished"
	| "step.skipped"
	| "step.retrying"
	| "image.succeeded"
	| "image.failed";
