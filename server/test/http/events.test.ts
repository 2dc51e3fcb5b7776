import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTestApp } from "../support/testApp.ts";
import { type Call, caller, readEvents } from "./call.ts";

// A busy machine draws slowly.
vi.setConfig({ testTimeout: 180_000 });

let running: Awaited<ReturnType<typeof startTestApp>>;
let call: Call;
let headers: Record<string, string>;
beforeAll(async () => {
	running = await startTestApp();
	call = caller(running.url, running.ownerKey);
	headers = { authorization: `Bearer ${running.ownerKey}` };
});
afterAll(() => running?.close());

const ask = async (body: object = {}) =>
	(await call("POST", "/api/v1/generations", { body: { prompt: "a fish", steps: 4, width: 64, height: 64, upscale: false, ...body } }))
		.body;
const later = () => ({ run_after: new Date(Date.now() + 3_600_000).toISOString() });

test("a job's events come in order, without gaps, and end with it", async () => {
	const job = await ask({ count: 2 });
	const events = await readEvents(job.links.events, headers);
	const durable = events.filter((event) => event.id !== null);
	expect(durable.map((event) => event.id)).toEqual(durable.map((_, index) => index + 1));
	expect(durable[0]?.type).toBe("job.created");
	expect(durable.at(-1)?.type).toBe("job.succeeded");
	expect(durable.filter((event) => event.type === "image.succeeded")).toHaveLength(2);
	for (const event of durable) expect(event.data).toMatchObject({ job_id: job.id, seq: event.id, type: event.type });
	for (const event of events.filter((event) => event.id === null)) {
		const data =
			event.type === "waiting"
				? { as_of: expect.any(String), pool: expect.any(String), eta: expect.anything() }
				: { n: expect.any(Number) };
		expect(["waiting", "progress", "preview"]).toContain(event.type);
		expect(event.data).toMatchObject({ job_id: job.id, seq: null, data });
	}
	expect(events.map((event) => event.type)).toContain("waiting");
});

test("a reader who lost the connection resumes after the last event it had", async () => {
	const job = await ask();
	const all = (await readEvents(job.links.events, headers)).filter((event) => event.id !== null);
	const rest = await readEvents(job.links.events, { ...headers, "last-event-id": "2" });
	expect(rest).toEqual(all.slice(2));
	expect(await readEvents(`${job.links.events}?after=3`, headers)).toEqual(all.slice(3));
	const done = await fetch(job.links.events, { headers: { ...headers, "last-event-id": String(all.length) } });
	expect(done.status).toBe(204);
});

test("whatever a client accepts, it gets events", async () => {
	const job = await ask(later());
	for (const accept of ["application/json, text/event-stream", "text/event-stream", "*/*"]) {
		const gone = new AbortController();
		const response = await fetch(job.links.events, { headers: { ...headers, accept }, signal: gone.signal });
		expect(response.headers.get("content-type")).toContain("text/event-stream");
		gone.abort();
	}
	await call("POST", `/api/v1/jobs/${job.id}/cancel`);
});

test("one key holds ten streams, the next must wait, and a closed one makes room", async () => {
	const tenant = await running.createTenant("starter", { creditMicroUsd: 0 });
	const asTenant = caller(running.url, tenant.key);
	const job = (
		await asTenant("POST", "/api/v1/generations", { body: { prompt: "a fish", width: 64, height: 64, upscale: false, ...later() } })
	).body;
	const streams = Array.from({ length: 10 }, () => new AbortController());
	const open = (signal: AbortSignal) => fetch(job.links.events, { headers: { authorization: `Bearer ${tenant.key}` }, signal });
	for (const stream of streams) expect((await open(stream.signal)).status).toBe(200);
	const refused = await open(AbortSignal.timeout(10_000));
	expect(refused.status).toBe(429);
	expect(refused.headers.get("retry-after")).toBe("5");
	expect(await refused.json()).toMatchObject({ code: "rate_limited" });
	streams[0]?.abort();
	await expect
		.poll(async () => {
			const extra = new AbortController();
			const { status } = await open(extra.signal);
			extra.abort();
			return status;
		})
		.toBe(200);
	for (const stream of streams) stream.abort();
});

test("a follower sees a cancellation at once", async () => {
	const job = await ask(later());
	const reading = readEvents(job.links.events, headers);
	await call("POST", `/api/v1/jobs/${job.id}/cancel`);
	expect((await reading).at(-1)?.type).toBe("job.cancelled");
});

test("streams end when the server stops, so that it can stop", async () => {
	const other = await startTestApp();
	const asked = await caller(other.url, other.ownerKey)("POST", "/api/v1/generations", {
		body: { prompt: "a fish", width: 64, height: 64, ...later() },
	});
	const reading = readEvents(asked.body.links.events, { authorization: `Bearer ${other.ownerKey}` }, () => false);
	await expect.poll(() => fetch(`${other.url}/healthz`).then((response) => response.status)).toBe(200);
	await other.close();
	expect((await reading).map((event) => event.type)).toContain("job.created");
});
