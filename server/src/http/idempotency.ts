import type { FastifyReply, FastifyRequest } from "fastify";
import { GlassworksError, isRetryable } from "../domain/errors.ts";
import type { IdempotencyStore } from "../domain/jobs/idempotencyStore.ts";
import { canonicalJson } from "../domain/json.ts";
import { sha256Hex } from "./sign.ts";

declare module "fastify" {
	interface FastifyRequest {
		/** The body as it came, before defaults were filled in. */
		sentBody: unknown;
	}
}

interface Answer {
	status: number;
	/** JSON, exactly as sent. */
	body: string;
}

/** The request's Idempotency-Key; null: it has none. @throws {GlassworksError} invalid_request */
export function idempotencyKey(request: FastifyRequest): string | null {
	const key = request.headers["idempotency-key"];
	if (key === undefined) return null;
	if (typeof key === "string" && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
	const message = "must be 1 to 255 printable ASCII characters without spaces";
	throw new GlassworksError("invalid_request", `Idempotency-Key: ${message}.`, {}, [{ path: ["Idempotency-Key"], message }]);
}

/** How one kind of request is accepted and answered. */
export interface Acceptance<T> {
	/** Accepts the request, binding it to the key. Throws when it refuses. */
	accept(key: string | null): Promise<T>;
	/** What was accepted before under the key, when its answer was lost. */
	find(jobId: string): Promise<T>;
	answer(accepted: T): Promise<Answer>;
}

/**
 * Accepts at most once for this tenant, key and body; repeats get the first answer, and the header `idempotency-replayed`.
 * A request that was refused frees its key. One that broke keeps it reserved: it may have been accepted.
 * @throws {GlassworksError} idempotency_key_reused, idempotency_in_flight, and whatever accepting throws
 */
export async function answerOnce<T>(
	store: IdempotencyStore,
	request: FastifyRequest,
	reply: FastifyReply,
	tenantId: string,
	actions: Acceptance<T>,
): Promise<Answer> {
	const key = idempotencyKey(request);
	if (key === null) return actions.answer(await actions.accept(null));
	const replay = await store.begin(tenantId, key, bodyHash(request));
	if (replay.kind !== "new") reply.header("idempotency-replayed", "true");
	if (replay.kind === "replay") return { status: replay.status, body: replay.body };
	const accepted = replay.kind === "accepted" ? await actions.find(replay.jobId) : await acceptOrAbandon(store, tenantId, key, actions);
	const answer = await actions.answer(accepted);
	await store.complete(tenantId, key, answer.status, answer.body);
	return answer;
}

async function acceptOrAbandon<T>(store: IdempotencyStore, tenantId: string, key: string, actions: Acceptance<T>): Promise<T> {
	try {
		return await actions.accept(key);
	} catch (error) {
		if (error instanceof GlassworksError && !isRetryable(error.code)) await store.abandon(tenantId, key);
		throw error;
	}
}

function bodyHash(request: FastifyRequest): string {
	return sha256Hex(`${request.method} ${request.url.split("?")[0]}\n${canonicalJson(request.sentBody)}`);
}
