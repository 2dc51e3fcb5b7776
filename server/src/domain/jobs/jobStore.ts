import type { JsonObject } from "../json.ts";
import type { QuotaUnit } from "../plans/operatorConfig.ts";
import type { Rate } from "../plans/rate.ts";
import type { Capability, StepKind } from "../ports.ts";
import type { Quote } from "../pricing/quote.ts";
import type { RequestWebhook } from "../webhooks/eventTypes.ts";
import type { BlobRef, Failure, Job, JobEvent, JobStatus, SkipReason, Task } from "./job.ts";
import type { Waiting } from "./queueView.ts";

/** A job as planned, before it is accepted. */
export interface JobDraft {
	id: string;
	tenantId: string;
	keyId: string | null;
	/** As WorkflowRecord.id. */
	workflow: string;
	workflowVersion: number;
	model: string;
	request: JsonObject;
	metadata: Record<string, string>;
	quote: Quote;
	/** Share of the pool; from the plan. */
	weight: number;
	plan: string;
	/** Pictures of the tenant at once; from the plan. Null: no cap. */
	runningCap: number | null;
	/** What the pictures draw from the plan's quota. */
	quotas: QuotaDraw[];
	/** The plan's rate, where it is one by the calendar; absent or null: none to count here. */
	rate?: Rate | null;
	runAfter: Date | null;
	runs: RunDraft[];
	/** Set when the request carried an Idempotency-Key: bound to the job in the same transaction. */
	idempotencyKey: string | null;
	/** The job whose result it gets, which must still be there: then nothing is run, held or drawn. */
	cachedFrom?: string | null;
	/** Who else is told of it; absent: only the tenant's endpoints. */
	webhook?: RequestWebhook | null;
	/** Whom its results are mailed to; absent: nobody. */
	mailTo?: string | null;
}
/** How many units of a monthly quota a job draws, and what it was reckoned from. */
export interface QuotaDraw {
	unit: QuotaUnit;
	/** The month, UTC, as 2026-11. */
	period: string;
	limit: number;
	/** What its pictures could use. */
	wanted: number;
	/** min(wanted, what was left when it was priced). */
	drawn: number;
}
export interface RunDraft {
	index: number;
	seed: number;
	tasks: TaskDraft[];
}
export interface TaskDraft {
	stepId: string;
	kind: StepKind;
	model: string;
	capability: Capability;
	pool: string;
	optional: boolean;
	needs: string[];
	predictedMs: number;
	/** What its time is learnt under; left out: it is not. */
	timeKey?: string;
	priorMs?: number;
	/** Before discount and quota. */
	listMicroUsd: number;
	/** What is taken when it is done. */
	priceMicroUsd: number;
	/** One of each is taken from the quota when it is done. */
	quotaUnits: QuotaUnit[];
	maxAttempts: number;
	/** What its worker must be able to do besides the capability; left out or null: nothing. See domain/engines/requirements.ts. */
	requires?: string[] | null;
	/** Set: it will not run, and this is why. */
	skip: SkipReason | null;
}

/** Proof of the right to write about a task. A write with an old attempt is refused with `lease_lost`. */
export interface Lease {
	taskId: number;
	attempt: number;
	workerId: string;
}

export interface ClaimRequest {
	workerId: string;
	pool: string;
	capabilities: readonly Capability[];
	/** The model in memory: what placement goes by. */
	loadedModel: string | null;
	/** At most this many tasks. */
	slots: number;
}

/** A task in a worker's hands, with all that resolving its step needs. */
export interface ClaimedTask {
	lease: Lease;
	jobId: string;
	tenantId: string;
	task: Task;
	workflow: string;
	workflowVersion: number;
	request: JsonObject;
	run: { index: number; seed: number };
	/** Ended steps of the same run, by step id. */
	earlier: Record<string, EndedStep>;
}
/** Whose work a lease is about. */
export interface LeasedStep {
	tenantId: string;
	jobId: string;
	stepId: string;
	runIndex: number;
}
/** What later steps can refer to. A skipped step has no outputs. */
export interface EndedStep {
	outputs: Record<string, BlobRef>;
	data: JsonObject;
}

export type TaskOutcome =
	| { kind: "succeeded"; outputs: Record<string, BlobRef>; data: JsonObject; ms: number }
	| { kind: "failed"; failure: Failure; retryable: boolean; delayMs: number }
	/** Given back unharmed (shutdown): does not count as an attempt. */
	| { kind: "released" };

export interface JobPage {
	jobs: Job[];
	/** Pass as `before` for the next page; null at the end. */
	next: string | null;
}

/** Jobs, tasks, ledger and events: the truth. Every method is one transaction; the database's clock rules. */
export interface JobStore {
	/**
	 * All or nothing: job, runs, tasks, tags, ledger holds, events. Null, with nothing written, when the quota or the pools are no longer what
	 * the draft was made with: plan it again. @throws {GlassworksError} insufficient_credit, rate_limited, over_key_cap, key_busy
	 */
	submit(draft: JobDraft): Promise<Job | null>;
	/** Takes the first tasks of the pool's order that placement allows. Never hands out what the worker cannot run. */
	claim(request: ClaimRequest): Promise<ClaimedTask[]>;
	/** Extends the lease. @throws {GlassworksError} lease_lost when the task was cancelled or given to another. */
	heartbeat(lease: Lease, progress: number): Promise<LeasedStep>;
	/** Is this lease still good? For uploads and downloads of the leased task. @throws {GlassworksError} lease_lost */
	checkLease(lease: Lease): Promise<LeasedStep>;
	/** Ends one attempt and does all that follows: next steps, settlement, events. @throws {GlassworksError} lease_lost */
	finish(lease: Lease, outcome: TaskOutcome): Promise<FinishEffects>;
	/** Ends a job now; running steps lose their lease. Cancelling twice is fine. @throws {GlassworksError} not_found, job_not_cancellable */
	cancel(tenantId: string, jobId: string): Promise<FinishEffects>;
	/** Releases due scheduled work, ends lapsed leases, skips optional steps nobody can run or that wait too long, measures forecasts. */
	housekeep(): Promise<FinishEffects>;
	/** @throws {GlassworksError} not_found, for another tenant's job too; job_deleted */
	get(tenantId: string, jobId: string): Promise<Job>;
	/** Those of them that are the tenant's, in no order. */
	getMany(tenantId: string, jobIds: readonly string[]): Promise<Job[]>;
	/** Newest first; not those that are trainings. */
	list(tenantId: string, page: { limit: number; before: string | null; status: JobStatus | "open" | null }): Promise<JobPage>;
	/** Events with seq above `after`, in order. @throws {GlassworksError} not_found */
	events(tenantId: string, jobId: string, after: number, limit: number): Promise<JobEvent[]>;
	/** Where a job would stand if it were accepted now; nothing is written. Null: there is nothing to wait for. */
	foresee(draft: Omit<JobDraft, "id" | "idempotencyKey">): Promise<Waiting | null>;
	/** Where each unfinished job's next task stands. Ended jobs are absent. */
	waiting(jobs: readonly Job[]): Promise<Map<string, Waiting>>;
}

/** Whom to wake after a transaction: jobs whose followers look again, pools whose workers do, tasks that must stop. */
export interface FinishEffects {
	jobIds: string[];
	pools: string[];
	stoppedTaskIds: number[];
}
