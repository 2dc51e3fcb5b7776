import { type ErrorCode, errorTable, GlassworksError } from "../domain/errors.ts";

export interface Outgoing {
	method: "GET" | "POST" | "PUT" | "DELETE";
	headers: Record<string, string>;
	body?: string | Uint8Array<ArrayBuffer>;
	/** Until the whole answer is here. */
	timeoutMs: number;
	signal?: AbortSignal;
	/** A longer answer is refused. Default: 4 MiB. */
	maxBytes?: number;
}

/**
 * One request, its answer read whole. Redirects are not followed: a token is for one server.
 * @throws {GlassworksError} the code the server gave, or unavailable when no usable answer came
 */
export async function sendRequest(url: URL, request: Outgoing): Promise<{ bytes: Uint8Array }> {
	const { method, headers, body, timeoutMs, signal, maxBytes = 4 * 1_048_576 } = request;
	const timeout = AbortSignal.timeout(timeoutMs);
	try {
		const response = await fetch(url, {
			method,
			headers,
			body,
			redirect: "error",
			signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
		});
		const bytes = await readBody(response, maxBytes);
		if (response.ok) return { bytes };
		throw toError(response.status, bytes, url);
	} catch (error) {
		if (error instanceof GlassworksError) throw error;
		const why = timeout.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error);
		const unavailable = new GlassworksError("unavailable", `${url.origin} could not be reached: ${why}.`);
		unavailable.cause = error;
		throw unavailable;
	}
}

/** Whether the address stays on this machine. */
export function isLoopback(url: URL): boolean {
	return url.hostname === "localhost" || url.hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(url.hostname);
}

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of response.body ?? []) {
		length += chunk.byteLength;
		if (length > maxBytes) throw new GlassworksError("body_too_large", `The answer is longer than ${maxBytes} bytes.`);
		chunks.push(chunk);
	}
	return Buffer.concat(chunks, length);
}

/** What the server said was wrong. A proxy's own page has no code: then the status decides. */
function toError(status: number, bytes: Uint8Array, url: URL): GlassworksError {
	const problem = readProblem(bytes);
	if (problem) return new GlassworksError(problem.code, problem.detail);
	if (status === 401) return new GlassworksError("unauthenticated", "The server does not know this token.");
	if (status === 404)
		return new GlassworksError(
			"not_found",
			`There is nothing at ${url.origin}${url.pathname}. Is this the address of a Glassworks server?`,
		);
	return new GlassworksError(status >= 500 || status === 429 ? "unavailable" : "internal", `The server answered with status ${status}.`);
}

function readProblem(bytes: Uint8Array): { code: ErrorCode; detail: string } | null {
	try {
		const { code, detail } = JSON.parse(new TextDecoder().decode(bytes)) as { code?: unknown; detail?: unknown };
		return typeof code === "string" && Object.hasOwn(errorTable, code)
			? { code: code as ErrorCode, detail: typeof detail === "string" ? detail : code }
			: null;
	} catch {
		return null;
	}
}

/** fetch hides the reason in `cause`. */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	return error.cause instanceof Error && error.cause.message ? error.cause.message : error.message;
}
