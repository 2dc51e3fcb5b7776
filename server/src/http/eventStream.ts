import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";

/** One server-sent event, framed. `data` is sent as one line of JSON, so it cannot end the frame early. */
export function frame(event: { id?: number; type: string; data: object }): string {
	const id = event.id === undefined ? "" : `id: ${event.id}\n`;
	return `${id}event: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`;
}

const farewellMs = 5_000;
/** Unsent beyond this, the reader lags. What was sent a moment ago is still unsent too: some events must not count as a lag. */
const lagBytes = 64 * 1_024;

/** The writing side of one stream of server-sent events. */
export interface EventStream {
	/** Must arrive: a reader too slow for it is dropped, and resumes with Last-Event-ID. */
	send(text: string): void;
	/** May be lost: left out when the reader lags. */
	sendIfQuick(text: string): void;
	end(): void;
	/** Aborted once nobody reads any more. */
	readonly closed: AbortSignal;
}

/** Takes over the response. `bufferBytes`: how far the reader may lag. */
export function openEventStream(reply: FastifyReply, options: { heartbeatMs: number; bufferBytes: number }): EventStream {
	reply
		.header("content-type", "text/event-stream; charset=utf-8")
		.header("cache-control", "no-cache, no-transform")
		.header("x-accel-buffering", "no");
	const headers = Object.entries(reply.getHeaders()).filter(
		(entry): entry is [string, string | number | string[]] => entry[1] !== undefined,
	);
	reply.hijack();
	const { raw } = reply;
	raw.writeHead(200, Object.fromEntries(headers));
	raw.flushHeaders();
	const closed = new AbortController();
	const heartbeat = setInterval(() => stream.send(": still here\n\n"), options.heartbeatMs);
	let farewell: NodeJS.Timeout | undefined;
	raw.on("close", () => {
		clearInterval(heartbeat);
		clearTimeout(farewell);
		closed.abort();
	});
	raw.on("error", () => raw.destroy());
	// Whoever hung up before we began will not tell again.
	if (raw.destroyed) {
		clearInterval(heartbeat);
		closed.abort();
	}
	const stream: EventStream = {
		send(text) {
			if (!isOpen(raw)) return;
			if (raw.writableLength + text.length > options.bufferBytes) raw.destroy();
			else raw.write(text);
		},
		sendIfQuick(text) {
			if (isOpen(raw) && raw.writableLength < lagBytes) raw.write(text);
		},
		end() {
			clearInterval(heartbeat);
			if (!isOpen(raw)) return;
			raw.end();
			// A reader that takes nothing must not keep the server from closing.
			farewell = setTimeout(() => raw.destroy(), farewellMs);
		},
		closed: closed.signal,
	};
	return stream;
}

function isOpen(raw: ServerResponse): boolean {
	return !raw.writableEnded && !raw.destroyed;
}
