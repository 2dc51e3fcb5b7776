import { afterEach, describe, expect, test } from "vitest";
import { cut, json, problem, type Reply, startTestServer } from "../../test/testServer.ts";
import { createClient } from "../client.ts";
import { GlassworksApiError } from "../errors/GlassworksApiError.ts";
import { GlassworksConnectionError } from "../errors/GlassworksConnectionError.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(...replies: Reply[]) {
	const server = await startTestServer(...replies);
	cleanups.push(server.close);
	return { server, client: createClient({ baseUrl: server.url, apiKey: "gw_key" }) };
}

describe("a request that met no answer", () => {
	test("is sent again with the same idempotency key, so that one call makes one job", async () => {
		const { server, client } = await serve(cut, problem(503, "unavailable", { "retry-after": "0" }), json({ id: "job_1" }, 202));
		const job = await client.generations.create({ prompt: "a fox" });
		expect(job.id).toBe("job_1");
		const keys = server.seen.map((request) => request.headers["idempotency-key"]);
		expect(keys).toHaveLength(3);
		expect(new Set(keys).size).toBe(1);
		expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
		expect(new Set(server.seen.map((request) => request.body))).toEqual(new Set(['{"prompt":"a fox"}']));
	});

	test("two calls have two idempotency keys", async () => {
		const { server, client } = await serve(json({}));
		await client.generations.create({ prompt: "a fox" });
		await client.generations.create({ prompt: "a fox" });
		expect(server.seen[0]?.headers["idempotency-key"]).not.toBe(server.seen[1]?.headers["idempotency-key"]);
	});

	test("is given up after three more tries, with the address and without its query", async () => {
		const { server } = await serve(cut);
		const client = createClient({ baseUrl: server.url, fetch: (input, init) => fetch(input, init) });
		const error = await client.jobs.list({ limit: 5 }).catch((caught: unknown) => caught);
		expect(error).toBeInstanceOf(GlassworksConnectionError);
		expect((error as GlassworksConnectionError).url).toBe(`${server.url}/api/v1/jobs`);
		expect(server.seen).toHaveLength(4);
	});

	test("an answer cut in the middle of its JSON is asked for again", async () => {
		const half: Reply = (response) => {
			response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
			response.write('{"id":');
			setTimeout(() => response.destroy(), 20);
		};
		const { server, client } = await serve(half, json({ id: "job_1" }));
		expect((await client.jobs.get("job_1")).id).toBe("job_1");
		expect(server.seen).toHaveLength(2);
	});
});

describe("a refusal", () => {
	test("carries the code, the wrong fields, the request id and whatever else the server said", async () => {
		const { server, client } = await serve(problem(422, "invalid_request"));
		const error = await client.generations.create({ prompt: "" }).catch((caught: unknown) => caught);
		expect(error).toBeInstanceOf(GlassworksApiError);
		expect(error).toMatchObject({
			status: 422,
			code: "invalid_request",
			detail: "because invalid_request",
			message: "because invalid_request",
			fields: [{ path: ["image", "url"], message: "one that exists" }],
			requestId: "req_1",
			data: { max: 4 },
		});
		expect(server.seen).toHaveLength(1);
	});

	test("a proxy's HTML page is a refusal with its status as the code", async () => {
		const page: Reply = (response) =>
			response.writeHead(404, { "content-type": "text/html", "x-request-id": "edge-7" }).end("<h1>gone</h1>");
		const { client } = await serve(page);
		await expect(client.queue.get()).rejects.toMatchObject({
			name: "GlassworksApiError",
			code: "http_404",
			requestId: "edge-7",
			fields: [],
		});
	});

	test("a pause longer than a minute is not waited out: the caller gets the error and the time", async () => {
		const { server, client } = await serve(problem(429, "rate_limited", { "retry-after": "3600" }));
		await expect(client.quotes.create({ prompt: "a fox" })).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: 3_600_000 });
		expect(server.seen).toHaveLength(1);
	});

	test("a page that is not JSON says that this is no Glassworks server, once", async () => {
		const page: Reply = (response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>");
		const { server, client } = await serve(page);
		await expect(client.models.list()).rejects.toThrow(/not JSON.*baseUrl/);
		expect(server.seen).toHaveLength(1);
	});
});

describe("the key", () => {
	test("goes to the server and never to another host that keeps pictures", async () => {
		const { server: storage } = await serve((response) => response.writeHead(200, { "content-type": "image/png" }).end("png"));
		const job = { id: "job_1", images: [{ n: 0, status: "succeeded", url: `${storage.url}/a.png?signature=s`, original_url: null }] };
		const { server, client } = await serve(json(job));
		const picture = await client.images.download("job_1");
		expect(picture).toEqual({ bytes: new TextEncoder().encode("png"), mediaType: "image/png" });
		expect(server.seen[0]?.headers.authorization).toBe("Bearer gw_key");
		expect(storage.seen[0]?.headers.authorization).toBeUndefined();
	});

	test("with characters no header takes is refused without being printed", () => {
		expect(() => createClient({ baseUrl: "http://127.0.0.1", apiKey: "secret\nkey" })).toThrow(/^(?!.*secret).*apiKey/);
	});
});

test("a base address with a path keeps it", async () => {
	const { server } = await serve(json({ data: [] }));
	await createClient({ baseUrl: `${server.url}/images` }).models.list();
	expect(server.seen[0]?.path).toBe("/images/api/v1/models");
});

test("a base address that is none is refused when the client is made", () => {
	expect(() => createClient({ baseUrl: "localhost" })).toThrow(TypeError);
});

test("a job id cannot reach another route", async () => {
	const { server, client } = await serve(json({}));
	await client.jobs.get("../session?x=1");
	expect(server.seen[0]?.path).toBe("/api/v1/jobs/..%2Fsession%3Fx%3D1");
});

test("cancelling a job whose cancellation already worked returns it", async () => {
	const { client } = await serve(cut, problem(409, "job_not_cancellable"), json({ id: "job_1", status: "cancelled" }));
	expect((await client.jobs.cancel("job_1")).status).toBe("cancelled");
});

test("cancelling a job that had succeeded says so", async () => {
	const { client } = await serve(problem(409, "job_not_cancellable"), json({ id: "job_1", status: "succeeded" }));
	await expect(client.jobs.cancel("job_1")).rejects.toMatchObject({ code: "job_not_cancellable" });
});

test("iterating goes through every page once", async () => {
	const { server, client } = await serve(json({ data: [{ id: "c" }, { id: "b" }], next: "b" }), json({ data: [{ id: "a" }], next: null }));
	const ids: string[] = [];
	for await (const job of client.jobs.iterate({ limit: 2 })) ids.push(job.id);
	expect(ids).toEqual(["c", "b", "a"]);
	expect(server.seen.map((request) => request.path)).toEqual(["/api/v1/jobs?limit=2", "/api/v1/jobs?limit=2&before=b"]);
});

test("an aborted call rejects with the abort and is not sent again", async () => {
	const { server, client } = await serve(() => {});
	const controller = new AbortController();
	const call = client.jobs.get("job_1", { signal: controller.signal });
	await expect.poll(() => server.seen.length).toBe(1);
	controller.abort();
	await expect(call).rejects.toMatchObject({ name: "AbortError" });
	expect(server.seen).toHaveLength(1);
});

test("an expired picture link is renewed", async () => {
	const job = (url: string) => ({ id: "job_1", images: [{ n: 0, status: "succeeded", url, original_url: null }] });
	const { server, client } = await serve(problem(410, "expired"), json(job("/new")), (response) =>
		response.writeHead(200, { "content-type": "image/webp" }).end("w"),
	);
	const picture = await client.images.download(job("/old") as never);
	expect(picture.mediaType).toBe("image/webp");
	expect(server.seen.map((request) => request.path)).toEqual(["/old", "/api/v1/jobs/job_1", "/new"]);
});

test("asking for a picture that is not there says which", async () => {
	const { client } = await serve(json({ id: "job_1", images: [] }));
	await expect(client.images.download("job_1", 3)).rejects.toThrow("job_1 has no picture 3.");
});
