import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";

const heartbeatMs = 10_000;

/** Answers with server-sent events as they come; in between a comment, so that proxies and clients keep the connection. */
export function sendEvents(reply: FastifyReply, events: AsyncGenerator<string>): FastifyReply {
	return reply
		.type("text/event-stream; charset=utf-8")
		.header("cache-control", "no-cache, no-transform")
		.header("x-accel-buffering", "no")
		.send(Readable.from(withHeartbeat(events), { objectMode: false }));
}

async function* withHeartbeat(events: AsyncGenerator<string>): AsyncGenerator<string> {
	try {
		// Headers leave with the first bytes, and say what may be long before anything happens: the job, its place and its price.
		yield ": accepted\n\n";
		for (let next = events.next(); ; ) {
			const come = await Promise.race([next, quiet()]);
			if (come === "quiet") {
				yield ": still here\n\n";
				continue;
			}
			if (come.done) return;
			yield come.value;
			next = events.next();
		}
	} finally {
		await events.return(undefined);
	}
}

function quiet(): Promise<"quiet"> {
	return new Promise((resolve) => {
		setTimeout(() => resolve("quiet"), heartbeatMs).unref();
	});
}

/** One event. `data` is one line of JSON, or text whose lines are sent as lines. */
export function event({ type, data, id }: { type?: string; data: object | string; id?: string }): string {
	const text = typeof data === "string" ? data.replaceAll("\n", "\ndata: ") : JSON.stringify(data);
	return `${id === undefined ? "" : `id: ${id}\n`}${type === undefined ? "" : `event: ${type}\n`}data: ${text}\n\n`;
}
