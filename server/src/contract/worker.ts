import { z } from "zod";
import { emptyRegistry, modelRegistry } from "../domain/engines/registry.ts";
import { traits } from "../domain/engines/traits.ts";
import { stepKinds } from "../domain/ports.ts";
import { jsonObject } from "./common.ts";

/** The protocol between a remote worker and the server: /api/worker/v1, authorised by the worker's token. */
export const capability = z.templateLiteral([z.enum(stepKinds), ":", z.string()]);

const digest = z.string().regex(/^[0-9a-f]{64}$/);

export const hello = z.strictObject({
	capabilities: z.array(capability).max(500),
	traits: z.record(capability, traits).default({}),
	/** Of the files behind a capability; one that is absent: unknown. */
	digests: z.record(capability, digest).default({}),
	/** Of its description of ComfyUI's nodes; null: it has none. */
	nodesDigest: digest.nullable().default(null),
	/** Why engines of it offer nothing now; null: all of them answer. */
	trouble: z.string().max(500).nullable().default(null),
	loadedModel: z.string().nullable(),
	slots: z.int().min(1).max(64),
});
export const welcome = z.object({
	workerId: z.string(),
	name: z.string(),
	pools: z.array(z.string()),
	leaseMs: z.int(),
	heartbeatMs: z.int(),
	/** Servers of before there were engines say neither. */
	registry: modelRegistry.default(emptyRegistry),
	wantsNodes: z.boolean().default(false),
});
/** What GET /object_info of a ComfyUI answers. */
export const publishNodes = z.strictObject({ digest, nodes: jsonObject });

export const claim = z.strictObject({
	pool: z.string(),
	capabilities: z.array(capability).max(500),
	loadedModel: z.string().nullable(),
	slots: z.int().min(1).max(64),
	/** How long the answer may wait for work. */
	waitMs: z.int().min(0).max(25_000).default(0),
});

/** A resolved step; each input is fetched, with the worker's token, from its signed `url`: a path on the server the work came from, valid for this lease only. */
export const work = z.object({
	taskId: z.int(),
	attempt: z.int(),
	kind: z.enum(stepKinds),
	model: z.string(),
	params: jsonObject,
	inputs: z.record(z.string(), z.object({ url: z.string(), mediaType: z.string(), widthPx: z.int(), heightPx: z.int() })),
	/** Files that are no pictures; servers of before say none. */
	files: z.record(z.string(), z.object({ url: z.string() })).default({}),
});
export const works = z.object({ tasks: z.array(work) });
export type WorkBody = z.infer<typeof work>;

export const beat = z.strictObject({
	attempt: z.int(),
	fraction: z.number().min(0).max(1),
	step: z.int().optional(),
	steps: z.int().optional(),
	/** Of a training. */
	loss: z.number().optional(),
});

export const outputs = z.record(z.string().regex(/^[a-z0-9_]{1,32}$/), z.string().regex(/^[0-9a-f]{64}$/));
/** What PUT .../outputs/:role stored: the bytes may differ from those sent, since metadata is dropped. */
export const uploaded = z.object({ sha256: z.string(), mediaType: z.string(), widthPx: z.int(), heightPx: z.int(), bytes: z.int() });

/** What PUT .../files/:role stored. */
export const uploadedFile = z.object({ sha256: z.string(), mediaType: z.string(), bytes: z.int() });

/** A week: no step takes longer, and times go into forecasts. */
const longestMs = 7 * 24 * 3_600_000;

export const finish = z.discriminatedUnion("kind", [
	/** `outputs`: role to the sha256 that PUT .../outputs/:role answered. */
	z.strictObject({ kind: z.literal("succeeded"), attempt: z.int(), outputs, data: jsonObject, ms: z.number().min(0).max(longestMs) }),
	z.strictObject({ kind: z.literal("failed"), attempt: z.int(), code: z.string(), message: z.string().max(500), retryable: z.boolean() }),
	z.strictObject({ kind: z.literal("released"), attempt: z.int() }),
]);
