import { GlassworksError } from "../domain/errors.ts";
import type { App } from "./ports.ts";

const mebibyte = 1024 * 1024;

/** Bodies smaller than this are not counted. */
const smallBytes = mebibyte;

export interface BodyLimits {
	/** Of all requests that are being read or worked on. */
	totalBytes: number;
	/** Of one account's, so that slow uploads of one do not keep everybody else out. */
	accountBytes: number;
}

const usual: BodyLimits = { totalBytes: 384 * mebibyte, accountBytes: 128 * mebibyte };

/** To be set up behind the authentication of some routes. */
export type LimitBodies = (app: App) => void;

/**
 * Large bodies are kept in memory until their request is answered: no more of them are taken in at once than fit, over all routes that are
 * given this. What a client says it sends counts before it is read; where it does not say, as much as the route takes.
 */
export function createBodyLimits({ totalBytes, accountBytes }: BodyLimits = usual): LimitBodies {
	const held = new Map<string, number>();
	let total = 0;

	function take(tenantId: string, bytes: number): void {
		const own = held.get(tenantId) ?? 0;
		// One body is taken in whatever its size: the route's own limit says what is too large.
		const isTooMuch = (now: number, most: number) => now > 0 && now + bytes > most;
		if (isTooMuch(own, accountBytes) || isTooMuch(total, totalBytes))
			throw new GlassworksError("unavailable", "Too many large bodies are being taken in. Try again shortly.", { retry_after_s: 2 });
		total += bytes;
		held.set(tenantId, own + bytes);
	}

	function give(tenantId: string, bytes: number): void {
		total -= bytes;
		const left = (held.get(tenantId) ?? 0) - bytes;
		if (left > 0) held.set(tenantId, left);
		else held.delete(tenantId);
	}

	return (app) => {
		app.addHook("onRequest", async (request, reply) => {
			const bytes = bodyBytes(request.headers, request.routeOptions.bodyLimit ?? 0);
			if (bytes <= smallBytes) return;
			const tenantId = request.principal?.tenantId ?? "";
			take(tenantId, bytes);
			reply.raw.once("close", () => give(tenantId, bytes));
		});
	};
}

/** Never more than the route reads. */
function bodyBytes(headers: { "content-length"?: string; "transfer-encoding"?: string }, mostBytes: number): number {
	if (headers["transfer-encoding"] !== undefined) return mostBytes;
	const told = Number(headers["content-length"] ?? 0);
	return Number.isFinite(told) ? Math.min(told, mostBytes) : 0;
}
