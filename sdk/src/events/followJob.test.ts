import { afterEach, describe, expect, test } from "vitest";
import { json, problem, type Reply, startTestServer, stream } from "../../test/testServer.ts";
import { createClient } from "../client.ts";
import type { JobEvent } from "../types.ts";
import type { FollowOptions } from "./followJob.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0)) await cleanup();
});

const sse = (seq: number | null, type: string) =>
	`${seq === null ? "" : `id: ${seq}\n`}event: ${type}\ndata: ${JSON.stringify({ job_id: "job_1", seq, type, created_at: "2026-01-01T00:00:00Z", data: {} })}\n\n`;
const quick = "retry: 1\n\n";

async function follow(replies: Reply[], options: FollowOptions = {}) {
	const server = await startTestServer(...replies);
	cleanups.push(server.close);
	const client = createClient({ baseUrl: server.url });
	const types: string[] = [];
	const events: JobEvent[] = [];
	for await (const event of client.jobs.events("job_1", options)) {
		events.push(event);
		types.push(event.seq === null ? event.type : `${event.seq} ${event.type}`);
	}
	return { types, events, seen: server.seen };
}

describe("following a job", () => {
	test("hears every event once although the connection is cut in the middle of one", async () => {
		const whole = quick + sse(1, "job.created") + sse(2, "job.started") + sse(null, "progress");
		const { types, seen } = await follow([
			stream([whole.slice(0, 60), whole.slice(60), sse(3, "step.finished").slice(0, 30)], "cut"),
			stream([sse(2, "job.started"), sse(3, "step.finished")]),
			stream([sse(4, "job.succeeded"), sse(5, "job.never")]),
		]);
		expect(types).toEqual(["1 job.created", "2 job.started", "progress", "3 step.finished", "4 job.succeeded"]);
		expect(seen.map((request) => request.headers["last-event-id"])).toEqual([undefined, "2", "3"]);
	});

	test("starts after the event the caller saw last", async () => {
		const { types, seen } = await follow([stream([sse(7, "job.started"), sse(8, "job.failed")])], { after: 7 });
		expect(types).toEqual(["8 job.failed"]);
		expect(seen[0]?.headers["last-event-id"]).toBe("7");
	});

	test("outlives a restarting server", async () => {
		const { types, seen } = await follow([
			stream([quick, sse(1, "job.created")]),
			problem(503, "unavailable", { "retry-after": "0" }),
			(response) => response.destroy(),
			stream([sse(2, "job.cancelled")]),
		]);
		expect(types).toEqual(["1 job.created", "2 job.cancelled"]);
		expect(seen).toHaveLength(4);
	});

	test("ends when the job had already ended and nothing is left to hear", async () => {
		const { types, seen } = await follow([stream([quick]), json({ id: "job_1", status: "succeeded" }), stream([])], { after: 9 });
		expect(types).toEqual([]);
		expect(seen.map((request) => request.path)).toEqual(["/api/v1/jobs/job_1/events", "/api/v1/jobs/job_1", "/api/v1/jobs/job_1/events"]);
	});

	test("ends when the server says that nothing is left to hear", async () => {
		const { types, seen } = await follow([(response) => response.writeHead(204).end()], { after: 9 });
		expect(types).toEqual([]);
		expect(seen).toHaveLength(1);
	});

	test("hears an end that came between the stream and the question", async () => {
		const { types } = await follow([stream([quick]), json({ id: "job_1", status: "succeeded" }), stream([sse(10, "job.succeeded")])], {
			after: 9,
		});
		expect(types).toEqual(["10 job.succeeded"]);
	});

	test("of somebody else says not found at once", async () => {
		await expect(follow([problem(404, "not_found")])).rejects.toMatchObject({ code: "not_found" });
	});

	test("gives up on a server that stays away", async () => {
		await expect(follow([stream([quick]), (response) => response.destroy()], { maxEmptyConnections: 2 })).rejects.toMatchObject({
			name: "GlassworksConnectionError",
		});
	});

	test("takes up a connection that went silent", async () => {
		const silent: Reply = (response) =>
			void response.writeHead(200, { "content-type": "text/event-stream" }).write(quick + sse(1, "job.created"));
		const { types } = await follow([silent, stream([sse(2, "job.partial")])], { idleTimeoutMs: 100 });
		expect(types).toEqual(["1 job.created", "2 job.partial"]);
	});

	test("stops when aborted, and frees the connection", async () => {
		let closed = false;
		const open: Reply = (response) => {
			response.on("close", () => {
				closed = true;
			});
			response.writeHead(200, { "content-type": "text/event-stream" }).write(sse(1, "job.created"));
		};
		const controller = new AbortController();
		const server = await startTestServer(open);
		cleanups.push(server.close);
		const events = createClient({ baseUrl: server.url }).jobs.events("job_1", { signal: controller.signal });
		await events.next();
		const next = events.next();
		controller.abort();
		await expect(next).rejects.toMatchObject({ name: "AbortError" });
		await expect.poll(() => closed).toBe(true);
	});

	test("a page that is no event stream is an error, not silence", async () => {
		await expect(follow([json({})], { maxEmptyConnections: 0 })).rejects.toThrow("event stream");
	});
});

test("waiting reports the job at once and after each event, and resolves with how it ended", async () => {
	const job = (status: string) => ({ id: "job_1", status });
	const server = await startTestServer(
		json(job("queued")),
		stream([sse(1, "job.started"), sse(null, "progress"), sse(2, "job.partial")]),
		json(job("running")),
		json(job("partial")),
	);
	cleanups.push(server.close);
	const heard: string[] = [];
	const ended = await createClient({ baseUrl: server.url }).jobs.wait("job_1", {
		onUpdate: (now, event) => heard.push(`${now.status} ${event?.type ?? "-"}`),
	});
	expect(ended.status).toBe("partial");
	expect(heard).toEqual(["queued -", "running job.started", "running progress", "partial job.partial"]);
});
