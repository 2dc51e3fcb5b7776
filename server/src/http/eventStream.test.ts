import { once } from "node:events";
import { connect } from "node:net";
import { type FastifyInstance, fastify } from "fastify";
import { afterEach, expect, test } from "vitest";
import { type EventStream, frame, openEventStream } from "./eventStream.ts";

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

async function serve(
	run: (stream: EventStream) => Promise<void>,
	options = { heartbeatMs: 60_000, bufferBytes: 100_000 },
): Promise<string> {
	app = fastify();
	app.get("/", async (_request, reply) => {
		await run(openEventStream(reply.header("x-request-id", "r1"), options));
		return reply;
	});
	return app.listen({ port: 0, host: "127.0.0.1" });
}

test("an event is framed so that its text cannot end it early", () => {
	expect(frame({ id: 3, type: "job.created", data: { text: "a\n\nevent: x" } })).toBe(
		'id: 3\nevent: job.created\ndata: {"text":"a\\n\\nevent: x"}\n\n',
	);
	expect(frame({ type: "progress", data: {} })).toBe("event: progress\ndata: {}\n\n");
});

test("a stream carries events, keeps the request's headers and ends", async () => {
	const url = await serve(async (stream) => {
		stream.send("a");
		stream.send("b");
		stream.end();
		stream.send("late");
	});
	const response = await fetch(url);
	expect(response.headers.get("content-type")).toContain("text/event-stream");
	expect(response.headers.get("x-request-id")).toBe("r1");
	expect(await response.text()).toBe("ab");
});

test("what may be lost is not lost behind an event that was sent the moment before", async () => {
	const url = await serve(async (stream) => {
		stream.send("event");
		stream.sendIfQuick("place");
		stream.send("x".repeat(70_000));
		stream.sendIfQuick("preview");
		stream.end();
	});
	const text = await (await fetch(url)).text();
	expect(text).toContain("eventplace");
	expect(text).not.toContain("preview");
});

test("a quiet stream is kept open by comments", async () => {
	const url = await serve(async (stream) => once(stream.closed, "abort").then(() => undefined), { heartbeatMs: 10, bufferBytes: 1_000 });
	const response = await fetch(url);
	const reader = response.body?.getReader();
	const first = await reader?.read();
	expect(new TextDecoder().decode(first?.value)).toContain(": still here");
	await reader?.cancel();
});

test("a reader that never reads is dropped, and the server holds no more than the limit for it", async () => {
	let sent = 0;
	const ended = Promise.withResolvers<void>();
	const url = await serve(async (stream) => {
		const text = "x".repeat(50_000);
		while (!stream.closed.aborted && sent < 100_000_000) {
			stream.send(text);
			sent += text.length;
			await new Promise((resolve) => setImmediate(resolve));
		}
		ended.resolve();
	});
	const socket = connect(Number(new URL(url).port), "127.0.0.1");
	socket.on("error", () => {});
	socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	socket.pause();
	await ended.promise;
	expect(sent).toBeLessThan(100_000_000);
	socket.destroy();
});
