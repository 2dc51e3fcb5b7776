import type { FastifyRequest } from "fastify";
import type { Caller } from "../../contract/door.ts";
import { GlassworksError } from "../../domain/errors.ts";

/** Who asks. Only for routes that let nobody else in. */
export function callerOf(request: FastifyRequest): Caller {
	if (!request.caller) throw new GlassworksError("unauthenticated", "No key was sent.");
	return request.caller;
}

/** A request's Idempotency-Key, with what must be the same when it is sent again. None of the clients sends one by itself. */
export function onceOf(request: FastifyRequest, content: unknown): { key: string; content: unknown } | null {
	const key = request.headers["idempotency-key"];
	if (key === undefined) return null;
	if (typeof key === "string" && /^[\x21-\x7e]{1,255}$/.test(key)) return { key, content: [request.url.split("?")[0], content] };
	const message = "must be 1 to 255 printable ASCII characters without spaces";
	throw new GlassworksError("invalid_request", `Idempotency-Key: ${message}.`, {}, [{ path: ["Idempotency-Key"], message }]);
}
