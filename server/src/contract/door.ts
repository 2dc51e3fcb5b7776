import type { z } from "zod";
import type { OperatorConfig, Principal, Scope } from "../domain/plans/operatorConfig.ts";
import type { Picture } from "../domain/ports.ts";
import type { createEdit } from "./edit.ts";
import type { createGeneration } from "./generation.ts";
import type { JobBody, jobEvent } from "./job.ts";
import type { asset } from "./picture.ts";
import type { runWorkflow, workflowSummary } from "./workflow.ts";

export type GenerationBody = z.input<typeof createGeneration>;
export type EditBody = z.input<typeof createEdit>;
export type RunBody = z.input<typeof runWorkflow>;
export type WorkflowBody = z.infer<typeof workflowSummary>;
export type AssetBody = z.infer<typeof asset>;
export type JobEventBody = z.infer<typeof jobEvent>;

/** On a job whose webhook is told in a dialect's own shape: that dialect's name. */
export const webhookShape = "webhook:shape";

/** What can be asked for, in the words of the native API. */
export type Asked =
	| { kind: "generation"; body: GenerationBody }
	| { kind: "edit"; body: EditBody }
	| { kind: "run"; workflow: string; body: RunBody };

/** The native API as calls that speak its wire: all that a dialect is made of. http/door.ts builds it. */
export interface Door {
	/** Where clients reach this server, without a slash at the end. */
	publicUrl(): string;
	version: string;
	operator: OperatorConfig;
	/** Pictures of callers, in bytes. */
	maxPictureBytes: number;
	/** Aborted when the server is about to close. */
	stopping: AbortSignal;
	/** `counted`: how many requests for pictures were counted against the plan's rate already; none, where left out. */
	enter(principal: Principal, counted?: number): Caller;
	/** Whoever holds a link that `Caller.sign` made. @throws {GlassworksError} expired, forbidden */
	enterSigned(path: string, query: string): Promise<{ caller: Caller; claims: Record<string, string> }>;
}

/** What one caller may do. Everything throws GlassworksError as the native API answers; another tenant's things are not found. */
export interface Caller {
	tenantId: string;
	/** @throws {GlassworksError} forbidden, without the scope */
	needScope(scope: Scope): void;
	/** Accepts a job and counts it against the plan's rate. `once`: an Idempotency-Key, and what must be the same when it is sent again. */
	accept(asked: Asked, once?: { key: string; content: unknown } | null): Promise<JobBody>;
	job(id: string): Promise<JobBody>;
	jobs(page: { limit: number; before: string | null }): Promise<{ data: JobBody[]; next: string | null }>;
	cancel(id: string): Promise<JobBody>;
	/** Durable events, from the first. */
	events(id: string): Promise<JobEventBody[]>;
	/** Hands on every event, durable and passing, until the job has ended or `signal` is aborted. */
	follow(id: string, onEvent: (event: JobEventBody) => void, signal: AbortSignal): Promise<void>;
	/** A finished picture's bytes. */
	picture(jobId: string, n: number): Promise<{ bytes: Uint8Array; mediaType: string }>;
	/** Checks and keeps a picture; `as`: the id that was reserved for it. */
	upload(bytes: Uint8Array, as?: string): Promise<AssetBody>;
	/** The id and address that a picture will have once it is uploaded. */
	reserve(): { id: string; url: string };
	asset(id: string): Promise<AssetBody>;
	/** Kept pictures, newest first. */
	assets(page: { limit: number; before: string | null }): Promise<{ data: AssetBody[]; next: string | null }>;
	deleteAsset(id: string): Promise<void>;
	/** The account's own, newest first; those that ship stand before the first page. */
	workflows(before: string | null): Promise<{ data: WorkflowBody[]; next: string | null }>;
	/** Null: none of that name that this caller may run. */
	workflow(name: string): Promise<WorkflowBody | null>;
	/** Another encoding of a picture. */
	encode(bytes: Uint8Array, format: "png" | "jpeg" | "webp"): Promise<Picture>;
	/** What signs the messages to addresses that requests name. */
	webhookSecret(): Promise<string>;
	/** A path that works without a key for a day, with claims that cannot be changed. */
	sign(path: string, claims: Record<string, string>): string;
}
