import type { ModelRegistry } from "../engines/registry.ts";
import type { JsonObject } from "../json.ts";
import type { Capability, Picture, StepKind, StepProgress } from "../ports.ts";
import type { Failure } from "./job.ts";
import type { Lease } from "./jobStore.ts";
import type { WorkerOffer } from "./workerStore.ts";

/** A resolved task in a worker's hands. Pictures are read by role through the source. */
export interface Work {
	lease: Lease;
	kind: StepKind;
	model: string;
	params: JsonObject;
	inputRoles: string[];
	/** Files that are no pictures. Read by role through the source, when the engine asks. */
	fileRoles: string[];
}

export type WorkOutcome =
	| { kind: "succeeded"; data: JsonObject; ms: number }
	| { kind: "failed"; failure: Failure; retryable: boolean }
	| { kind: "released" };

export interface WorkerTerms {
	workerId: string;
	name: string;
	pools: string[];
	leaseMs: number;
	heartbeatMs: number;
	/** What our model names mean to engines. */
	registry: ModelRegistry;
	/** The server does not know the description of nodes that the offer named: `publishNodes` is asked for. */
	wantsNodes: boolean;
}

/**
 * Where a worker gets its work. Two implementations: in the server's own process, and over HTTPS (/api/worker/v1).
 * Every method that names a lease throws GlassworksError `lease_lost` once the task is cancelled or given to another attempt.
 */
export interface TaskSource {
	/** Says who and what this worker is; again every heartbeat. @throws {GlassworksError} unauthenticated when revoked */
	hello(now: WorkerOffer): Promise<WorkerTerms>;
	/** The description of nodes that has this digest. */
	publishNodes(digest: string, nodes: JsonObject): Promise<void>;
	/** Waits up to `waitMs` for work; an empty list is normal. */
	claim(
		request: { pool: string; capabilities: readonly Capability[]; loadedModel: string | null; slots: number; waitMs: number },
		signal: AbortSignal,
	): Promise<Work[]>;
	/** Extends the lease and tells followers. */
	progress(lease: Lease, progress: StepProgress): Promise<void>;
	preview(lease: Lease, preview: Picture): Promise<void>;
	readInput(work: Work, role: string): Promise<Picture>;
	/** @throws {GlassworksError} also model_missing: the file was deleted since */
	readFile(work: Work, role: string): Promise<Uint8Array>;
	/** Durable before it returns. */
	writeOutput(lease: Lease, role: string, picture: Picture): Promise<void>;
	/** The same of a file that is no picture. */
	writeFile(lease: Lease, role: string, bytes: Uint8Array): Promise<void>;
	finish(lease: Lease, outcome: WorkOutcome): Promise<void>;
	/** Calls back when a task of this process must stop at once. Lossy: `progress` tells too. */
	onStop(listener: (taskId: number) => void): () => void;
}
