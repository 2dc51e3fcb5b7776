import { GlassworksApiError } from "../errors/GlassworksApiError.ts";
import { GlassworksConnectionError } from "../errors/GlassworksConnectionError.ts";
import { backoffMs } from "../http/backoffMs.ts";
import { sleep } from "../http/sleep.ts";
import type { Transport } from "../http/transport.ts";
import { jobPath } from "../resources/jobPath.ts";
import type { Batch, BatchEvent, Job, JobEvent, Training } from "../types.ts";
import { isEnded } from "./isEnded.ts";
import { parseEventStream } from "./parseEventStream.ts";

export interface FollowOptions {
	/** Only events after this `seq`. Default: 0, all of them. */
	after?: number;
	signal?: AbortSignal;
	/** Connections in a row that may bring nothing before giving up. Default: 20, about three minutes. */
	maxEmptyConnections?: number;
	/** A connection silent for this many milliseconds is taken for dead. Servers send a comment more often than that. Default: 60,000. */
	idleTimeoutMs?: number;
}

/** The events of one job, in order and each once, until it ends; see followEvents. */
export const followJob = (transport: Transport, id: string, options: FollowOptions = {}): AsyncGenerator<JobEvent, void, undefined> =>
	followEvents<JobEvent>(
		{
			...{ transport, path: jobPath(id, "events"), isLast: isEnd },
			hasEnded: async (signal) => isEnded((await transport.json<Job>(jobPath(id), { signal, maxRetries: 0 })).status),
		},
		options,
	);

/** The events of one training, which is a job; see followEvents. */
export const followTraining = (
	transport: Transport,
	path: string,
	options: FollowOptions = {},
): AsyncGenerator<JobEvent, void, undefined> =>
	followEvents<JobEvent>(
		{
			...{ transport, path: `${path}/events`, isLast: isEnd },
			hasEnded: async (signal) => isEnded((await transport.json<Training>(path, { signal, maxRetries: 0 })).status),
		},
		options,
	);

/** The events of one batch, in order and each once, until it ends; see followEvents. A batch that was tried again goes on after `batch.completed`. */
export const followBatch = (transport: Transport, path: string, options: FollowOptions = {}): AsyncGenerator<BatchEvent, void, undefined> =>
	followEvents<BatchEvent>(
		{
			...{ transport, path: `${path}/events`, isLast: () => false },
			hasEnded: async (signal) => (await transport.json<Batch>(path, { signal, maxRetries: 0 })).finished_at !== null,
		},
		options,
	);

interface Source<E> {
	transport: Transport;
	path: string;
	/** Nothing comes after it. */
	isLast(event: E): boolean;
	hasEnded(signal: AbortSignal | undefined): Promise<boolean>;
}

/**
 * Events in order and each once, until what is followed has ended. A cut connection is taken up again where it broke off.
 * `progress` and `preview` events have no `seq` and are not repeated.
 * @throws {GlassworksApiError} when it is not there or the key may not see it
 * @throws {GlassworksConnectionError} when the server stays away
 */
async function* followEvents<E extends { seq: number | null; type: string }>(
	source: Source<E>,
	options: FollowOptions,
): AsyncGenerator<E, void, undefined> {
	const maxEmpty = options.maxEmptyConnections ?? 20;
	let after = options.after ?? 0;
	let knownEnded = false;
	let retryMs: number | null = null;
	for (let empty = 0; ; empty += 1) {
		let failure: unknown = null;
		try {
			for await (const received of connect(source, after, options)) {
				if (received === "ended") return;
				retryMs = received.retryMs ?? retryMs;
				const event = received.event;
				if (!event || (event.seq !== null && event.seq <= after)) continue;
				empty = -1;
				after = event.seq ?? after;
				yield event;
				if (source.isLast(event)) return;
			}
		} catch (error) {
			options.signal?.throwIfAborted();
			if (!isPassing(error)) throw error;
			failure = error;
		}
		if (failure === null && empty >= 0) {
			// A stream that closes without a word either belongs to what ended before `after`, or met a restarting server.
			if (knownEnded) return;
			knownEnded = await hasEnded(source, options.signal);
			if (knownEnded) continue;
		}
		if (empty >= maxEmpty) throw failure ?? new GlassworksConnectionError("The event stream keeps closing without events.", source.path);
		await sleep(pauseMs(failure, retryMs, empty), options.signal);
	}
}

interface Received<E> {
	/** Null for a block that only said how long to wait. */
	event: E | null;
	retryMs: number | null;
}

/** One connection. `ended`: the server says that nothing is left to hear. */
async function* connect<E>({ transport, path }: Source<E>, after: number, options: FollowOptions): AsyncGenerator<Received<E> | "ended"> {
	const idle = new AbortController();
	const signal = options.signal ? AbortSignal.any([options.signal, idle.signal]) : idle.signal;
	const response = await transport.send(path, {
		headers: { accept: "text/event-stream", ...(after > 0 && { "last-event-id": String(after) }) },
		signal,
		maxRetries: 0,
	});
	if (response.status === 204) return yield "ended";
	if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream"))
		throw new GlassworksConnectionError("The server did not answer with an event stream.", response.url);
	try {
		for await (const { data, retryMs } of parseEventStream(watched(response.body, idle, options.idleTimeoutMs ?? 60_000)))
			yield { event: data === "" ? null : readEvent<E>(data, response.url), retryMs };
	} catch (error) {
		options.signal?.throwIfAborted();
		if (error instanceof GlassworksConnectionError) throw error;
		throw new GlassworksConnectionError("The event stream was cut.", response.url, error);
	}
}

/** Passes bytes on and ends a connection that has gone silent, as after a laptop slept. */
function watched(body: ReadableStream<Uint8Array>, idle: AbortController, idleTimeoutMs: number): ReadableStream<Uint8Array> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const restart = () => {
		clearTimeout(timer);
		timer = setTimeout(() => idle.abort(new Error("silent for too long")), idleTimeoutMs);
	};
	const reader = body.getReader();
	restart();
	return new ReadableStream({
		async pull(controller) {
			try {
				const { done, value } = await reader.read();
				if (!done) {
					restart();
					return controller.enqueue(value);
				}
				clearTimeout(timer);
				controller.close();
			} catch (error) {
				clearTimeout(timer);
				controller.error(error);
			}
		},
		async cancel(reason) {
			clearTimeout(timer);
			await reader.cancel(reason);
		},
	});
}

function readEvent<E>(data: string, url: string): E {
	try {
		return JSON.parse(data) as E;
	} catch (error) {
		throw new GlassworksConnectionError("The event stream carried something that is not JSON.", url, error);
	}
}

function isEnd(event: JobEvent): boolean {
	return event.type.startsWith("job.") && isEnded(event.type.slice("job.".length));
}

/** Worth connecting again: the network, a busy or a restarting server. */
function isPassing(error: unknown): boolean {
	if (error instanceof GlassworksConnectionError) return true;
	return error instanceof GlassworksApiError && (error.status === 429 || error.status >= 500);
}

async function hasEnded<E>(source: Source<E>, signal: AbortSignal | undefined): Promise<boolean> {
	try {
		return await source.hasEnded(signal);
	} catch (error) {
		signal?.throwIfAborted();
		if (!isPassing(error)) throw error;
		return false;
	}
}

function pauseMs(failure: unknown, retryMs: number | null, empty: number): number {
	if (failure instanceof GlassworksApiError && failure.retryAfterMs !== null) return Math.min(failure.retryAfterMs, 60_000);
	// The first reconnection is quick; a server that stays away is asked ever less often.
	return (retryMs ?? 200) + backoffMs(Math.max(0, empty), { baseMs: 250, maxMs: 15_000 });
}
