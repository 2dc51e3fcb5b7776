import { describe, expect, test } from "vitest";
import { parseEventStream, type StreamedEvent } from "./parseEventStream.ts";

async function parse(bytes: Uint8Array, cuts: number[]): Promise<StreamedEvent[]> {
	const edges = [0, ...cuts, bytes.length];
	const body = new ReadableStream<Uint8Array>({
		start(controller) {
			for (let i = 1; i < edges.length; i += 1) controller.enqueue(bytes.slice(edges[i - 1], edges[i]));
			controller.close();
		},
	});
	const events: StreamedEvent[] = [];
	for await (const event of parseEventStream(body)) events.push(event);
	return events;
}

const text =
	': hello\r\n\r\nid: 1\nevent: job.created\ndata: {"a":"é🦊"}\n\nretry: 250\n\nid:2\rdata: x\rdata: y\r\rdata\n\nid: 3\ndata: never ended\n';
const expected: StreamedEvent[] = [
	{ id: "1", event: "job.created", data: '{"a":"é🦊"}', retryMs: null },
	{ id: null, event: "message", data: "", retryMs: 250 },
	{ id: "2", event: "message", data: "x\ny", retryMs: null },
	{ id: null, event: "message", data: "", retryMs: null },
];

describe("an event stream", () => {
	test("reads the same wherever it is cut, even inside a character or a line end", async () => {
		const bytes = new TextEncoder().encode(text);
		expect(await parse(bytes, [])).toEqual(expected);
		for (let at = 1; at < bytes.length; at += 1) expect(await parse(bytes, [at])).toEqual(expected);
		expect(
			await parse(
				bytes,
				Array.from({ length: bytes.length - 1 }, (_, index) => index + 1),
			),
		).toEqual(expected);
	});

	test("that never ends a line is refused instead of filling the memory", async () => {
		const chunk = new TextEncoder().encode("x".repeat(1_000_000));
		const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(chunk) });
		await expect(parseEventStream(endless).next()).rejects.toThrow("too long");
	});
});
