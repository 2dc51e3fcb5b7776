import type { GlassworksApiError } from "../errors/GlassworksApiError.ts";
import { GlassworksConnectionError } from "../errors/GlassworksConnectionError.ts";
import { readProblem } from "../errors/readProblem.ts";
import { backoffMs } from "./backoffMs.ts";
import { sleep } from "./sleep.ts";

export interface TransportOptions {
	/** Where the server is: `https://images.example.com`, with its path prefix if it has one. */
	baseUrl: string;
	/** Sent as a bearer token. Left out in a browser that has a session cookie. */
	apiKey?: string;
	/** Used instead of the global `fetch`. */
	fetch?: typeof globalThis.fetch;
	/** How many times a request that met no answer, 429 or 503 is sent again. Default: 3. */
	maxRetries?: number;
	/** Milliseconds until an answer must have come. Event streams and downloads are only held to it until their headers. Default: 60,000. */
	timeoutMs?: number;
}

export interface RequestOptions {
	method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	query?: Record<string, string | number | boolean | undefined>;
	/** Sent as JSON. */
	json?: unknown;
	/** Sent as it is. */
	body?: Blob | FormData | Uint8Array<ArrayBuffer>;
	headers?: Record<string, string>;
	signal?: AbortSignal;
	/** Default: the client's. Event streams handle their own retries and pass 0. */
	maxRetries?: number;
}

/** Sends requests and nothing else: addresses, key, retries, errors. */
export interface Transport {
	/** @throws {GlassworksApiError} for any answer that is not 2xx. @throws {GlassworksConnectionError} */
	send(path: string, options?: RequestOptions): Promise<Response>;
	/** As `send`, reading the answer as JSON. An empty answer is undefined. */
	json<T>(path: string, options?: RequestOptions): Promise<T>;
}

/** Statuses that another attempt may not meet. 409 only with the code that says the first attempt is still being answered. */
const transientStatuses = new Set([429, 502, 503, 504]);
/** A server that asks for a longer pause than this is believed, and the error is handed to the caller. */
const longestPauseMs = 60_000;

export function createTransport(options: TransportOptions): Transport {
	const base = readBase(options.baseUrl);
	const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
	const timeoutMs = options.timeoutMs ?? 60_000;
	const apiKey = readKey(options.apiKey);

	/** One try: the answer as `read` makes it, or why there is none. Throws only what sending again cannot mend. */
	async function attempt<T>(
		url: URL,
		request: RequestOptions,
		read: (response: Response) => Promise<T>,
	): Promise<{ value: T } | { failure: Failure }> {
		const timeout = new AbortController();
		const timer = setTimeout(() => timeout.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
		const signal = request.signal ? AbortSignal.any([request.signal, timeout.signal]) : timeout.signal;
		try {
			const response = await fetch(url, {
				method: request.method ?? "GET",
				headers: headersOf(url, request),
				body: bodyOf(request),
				signal,
			});
			return response.ok ? { value: await read(response) } : { failure: await readProblem(response) };
		} catch (error) {
			request.signal?.throwIfAborted();
			if (error instanceof NotGlassworks) throw new GlassworksConnectionError(error.message, place(url), error.cause);
			return { failure: new GlassworksConnectionError(`No answer from ${url.origin}: ${reasonOf(error)}.`, place(url), error) };
		} finally {
			clearTimeout(timer);
		}
	}

	function headersOf(url: URL, request: RequestOptions): Headers {
		const headers = new Headers(request.headers);
		// A signed picture address may lie with another host: it must never see the key.
		if (apiKey && url.origin === base.origin) headers.set("authorization", `Bearer ${apiKey}`);
		if (request.json !== undefined) headers.set("content-type", "application/json");
		if (!headers.has("accept")) headers.set("accept", "application/json");
		return headers;
	}

	async function sendAndRead<T>(path: string, request: RequestOptions, read: (response: Response) => Promise<T>): Promise<T> {
		const url = addressOf(base, path, request.query);
		const maxRetries = request.maxRetries ?? options.maxRetries ?? 3;
		for (let retries = 0; ; retries += 1) {
			const answer = await attempt(url, request, read);
			if ("value" in answer) return answer.value;
			const pauseMs = pauseBefore(answer.failure, retries);
			if (retries >= maxRetries || pauseMs === null) throw answer.failure;
			await sleep(pauseMs, request.signal);
		}
	}

	return {
		send: (path, request = {}) => sendAndRead(path, request, async (response) => response),
		json: <T>(path: string, request: RequestOptions = {}) => sendAndRead<T>(path, request, readJson),
	};
}

type Failure = GlassworksApiError | GlassworksConnectionError;

/** An answer that is no JSON: asking again would not help. */
class NotGlassworks extends Error {}

async function readJson<T>(response: Response): Promise<T> {
	const text = await response.text();
	if (text === "") return undefined as T;
	try {
		return JSON.parse(text) as T;
	} catch (cause) {
		throw new NotGlassworks("The answer is not JSON. Is baseUrl the address of a Glassworks server?", { cause });
	}
}

/** An address without its query, which may carry a signature. */
function place(url: URL): string {
	return `${url.origin}${url.pathname}`;
}

/** How long to wait before sending again, in milliseconds; null when that would not help. */
function pauseBefore(failure: Failure, retries: number): number | null {
	const backoff = backoffMs(retries, { baseMs: 500, maxMs: 8_000 });
	if (failure instanceof GlassworksConnectionError) return backoff;
	if (!transientStatuses.has(failure.status) && failure.code !== "idempotency_in_flight") return null;
	if (failure.retryAfterMs !== null && failure.retryAfterMs > longestPauseMs) return null;
	return failure.retryAfterMs ?? backoff;
}

function readBase(baseUrl: string): URL {
	if (!URL.canParse(baseUrl)) throw new TypeError(`baseUrl must be an absolute address such as http://127.0.0.1:4000; got "${baseUrl}".`);
	const base = new URL(baseUrl);
	if (!base.pathname.endsWith("/")) base.pathname += "/";
	return base;
}

/** Checked here because a header error would print the key. Whitespace around it is from a file or a paste. */
function readKey(apiKey: string | undefined): string | undefined {
	const key = apiKey?.trim();
	if (key && !/^[\x21-\x7e]+$/.test(key)) throw new TypeError("apiKey has characters that no key has: was something else pasted?");
	return key;
}

/** Absolute addresses stay as they are; the others lie below the base, which may have a path of its own. */
function addressOf(base: URL, path: string, query: RequestOptions["query"] = {}): URL {
	const url = URL.canParse(path) ? new URL(path) : new URL(path.replace(/^\/+/, ""), base);
	for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
	return url;
}

function bodyOf(request: RequestOptions): string | Blob | FormData | Uint8Array<ArrayBuffer> | undefined {
	return request.json === undefined ? request.body : JSON.stringify(request.json);
}

/** Node hides why a fetch failed in `cause`. */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const cause = error.cause;
	return cause instanceof Error && cause.message ? cause.message : error.message;
}
