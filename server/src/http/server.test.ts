import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recipes } from "../../test/http/routeRecipes.ts";
import { brand } from "../domain/plans/brand.ts";
import { createMemoryRateLimiter } from "../limits/rateLimiter.ts";
import { createMetrics } from "./metrics.ts";
import { defaultHttpLimits, type HttpPorts } from "./ports.ts";
import { createHttpServer } from "./server.ts";

// What is refused at the door never reaches the stores behind it, so this server has none.
const token = "local-token-that-is-long-enough-for-a-test";
let app: FastifyInstance;
let webDir: string;
const never = { requests: 1_000_000, per: "minute" };

beforeAll(async () => {
	webDir = await mkdtemp(join(tmpdir(), "studio-"));
	await mkdir(join(webDir, "assets"));
	await writeFile(join(webDir, "index.html"), "<!doctype html><title>studio</title>");
	await writeFile(join(webDir, "assets", "index-abc.js"), "export {};");
	await writeFile(join(webDir, ".env"), "SECRET=1");
	app = await createHttpServer({
		config: {
			publicUrl: () => "https://pictures.test",
			version: "1.2.3",
			proxies: 0,
			liveForMs: 30_000,
			leaseMs: 30_000,
			heartbeatMs: 10_000,
			limits: defaultHttpLimits,
		},
		webDir,
		log: false,
		metrics: createMetrics(),
		dialects: [],
		operator: { brand: brand.parse({}), plans: {}, limits: { strangers: never, signIns: never } },
		limiter: createMemoryRateLimiter(),
		workflows: { shipped: () => [] },
		queue: { snapshot: async () => ({ asOf: new Date(0), pools: [] }) },
		localToken: token,
		localPrincipal: { tenantId: "owner", plan: "owner", keyId: null, userId: null, scopes: ["read", "generate"] },
		signingKey: new Uint8Array(32),
		ready: async () => ({ ok: false, checks: { database: "down" } }),
	} as unknown as HttpPorts);
	await app.ready();
});
afterAll(async () => {
	await app.close();
	await rm(webDir, { recursive: true });
});

const asOwner = (options: InjectOptions) => app.inject({ ...options, headers: { authorization: `Bearer ${token}`, ...options.headers } });
const postJson = (payload: string, headers: Record<string, string> = {}) =>
	asOwner({ method: "POST", url: "/api/v1/generations", payload, headers: { "content-type": "application/json", ...headers } });

test("no route of the API answers without a key but those that are for everybody", async () => {
	const routes = app.listedRoutes.filter(({ url }) => url.startsWith("/api/"));
	expect(routes.length).toBeGreaterThan(30);
	const open: string[] = [];
	for (const { method, url } of routes) {
		const answer = await app.inject({ method: method as "GET", url: url.replaceAll(/:\w+/g, "1") });
		if (answer.statusCode === 401) expect(answer.headers["www-authenticate"]).toContain("Bearer");
		else open.push(`${method} ${url}`);
	}
	const meant = Object.keys(recipes).filter((route) => recipes[route]?.for === "open" && route.includes(" /api/"));
	expect(open.filter((route) => !route.startsWith("HEAD")).sort()).toEqual(meant.sort());
});

test("a worker's routes take no key, and the local token is no worker", async () => {
	const answer = await asOwner({ method: "POST", url: "/api/worker/v1/hello", payload: {} });
	expect(answer.statusCode).toBe(401);
});

test("a link with a wrong signature opens nothing", async () => {
	for (const url of ["/api/v1/jobs/j/images/0", "/api/v1/assets/a/content"]) {
		expect((await app.inject(`${url}?tenant=owner&expires=99999999999&signature=x`)).json()).toMatchObject({
			status: 403,
			code: "forbidden",
		});
		expect((await app.inject(`${url}?tenant=owner&expires=99999999999&signature=x&signature=y`)).statusCode).toBe(401);
	}
});

test("every refusal is a problem with a stable code, the request's id and a place to read about it", async () => {
	const answer = await app.inject({ url: "/api/v1/jobs", headers: { "x-request-id": "mine-1" } });
	expect(answer.headers["content-type"]).toContain("application/problem+json");
	expect(answer.headers["x-request-id"]).toBe("mine-1");
	expect(answer.json()).toEqual({
		type: "https://pictures.test/docs/errors#unauthenticated",
		title: "Unauthenticated",
		status: 401,
		code: "unauthenticated",
		detail: expect.any(String),
		errors: [],
		request_id: "mine-1",
	});
	expect((await app.inject({ url: "/docs/errors" })).body).toContain('id="unauthenticated"');
});

test("a request id that could forge a log line is replaced", async () => {
	const answer = await app.inject({ url: "/healthz", headers: { "x-request-id": 'a b"}' } });
	expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
});

test("a body that cannot be read is said to be so", async () => {
	for (const payload of ["", "{", "nonsense", '{"__proto__":{"x":1},"prompt":"x"}', "[".repeat(1_000) + "]".repeat(1_000)])
		expect((await postJson(payload)).json(), payload).toMatchObject({ status: 400, code: "malformed_body" });
	expect((await postJson("a=1", { "content-type": "application/x-www-form-urlencoded" })).json()).toMatchObject({
		status: 415,
		code: "unsupported_media_type",
	});
	expect((await postJson("hello", { "content-type": "text/plain" })).json()).toMatchObject({ status: 415, code: "unsupported_media_type" });
	expect((await postJson(JSON.stringify({ prompt: "x".repeat(300_000) }))).json()).toMatchObject({
		status: 413,
		code: "body_too_large",
		max: 262_144,
	});
});

test("a wrong field is named, with what would be right", async () => {
	expect((await postJson('{"prompt":"x","count":"3"}')).json()).toMatchObject({
		status: 422,
		code: "invalid_request",
		detail: "count: expected number, received string.",
		errors: [{ path: ["count"], message: "expected number, received string" }],
	});
	expect((await postJson('{"prompt":"x\\u0000y"}')).json()).toMatchObject({ code: "invalid_request", errors: [{ path: ["prompt"] }] });
	expect((await postJson('{"prompt":"x"}', { "idempotency-key": "x".repeat(256) })).json()).toMatchObject({
		errors: [{ path: ["Idempotency-Key"] }],
	});
	expect((await asOwner({ url: "/api/v1/jobs?limit=0" })).json()).toMatchObject({ code: "invalid_request", errors: [{ path: ["limit"] }] });
	expect((await asOwner({ url: "/api/v1/jobs?before=%00" })).json()).toMatchObject({
		code: "invalid_request",
		errors: [{ path: ["before"] }],
	});
	expect((await asOwner({ url: "/api/v1/jobs/j/events", headers: { "last-event-id": "x" } })).json()).toMatchObject({
		errors: [{ path: ["Last-Event-ID"] }],
	});
});

test("an address that cannot exist is not found, never a server error", async () => {
	for (const url of [
		"/api/v1/jobs/%00",
		"/api/v1/jobs/%zz",
		`/api/v1/jobs/${"x".repeat(500)}`,
		"/api/v1/jobs/a%2Fb",
		"/api/v1/nope",
		"/nope",
	]) {
		const answer = await asOwner({ url });
		expect(answer.json(), url).toMatchObject({ status: 404, code: "not_found" });
		expect(answer.headers["content-type"]).toContain("application/problem+json");
	}
});

test("a wrong method is answered with the right ones", async () => {
	const answer = await asOwner({ method: "PUT", url: "/api/v1/session" });
	expect(answer.json()).toMatchObject({ status: 405, code: "method_not_allowed" });
	expect(answer.headers.allow).toBe("DELETE, GET, HEAD, POST");
});

test("an upload that is no picture or no form is refused before anything is kept", async () => {
	const post = (payload: string, contentType: string) =>
		asOwner({ method: "POST", url: "/api/v1/assets", payload, headers: { "content-type": contentType } });
	expect((await post("x", "text/plain")).json()).toMatchObject({ code: "unsupported_media_type" });
	expect((await post("{}", "application/json")).json()).toMatchObject({ code: "unsupported_media_type" });
	expect((await post("--b\r\ncontent-disp", "multipart/form-data; boundary=b")).json()).toMatchObject({ code: "malformed_body" });
	expect((await post("x", "multipart/form-data")).json()).toMatchObject({ code: "malformed_body" });
	const otherField = '--b\r\ncontent-disposition: form-data; name="other"; filename="a.png"\r\n\r\nx\r\n--b--\r\n';
	expect((await post(otherField, "multipart/form-data; boundary=b")).json()).toMatchObject({
		code: "invalid_request",
		errors: [{ path: ["file"] }],
	});
});

test("another site's page cannot sign a visitor in", async () => {
	const signIn = async (headers: Record<string, string>) =>
		(
			await app.inject({
				method: "POST",
				url: "/api/v1/session",
				payload: { key: "gw_wrong" },
				headers: { host: "pictures.test", ...headers },
			})
		).json().code;
	expect(await signIn({ origin: "https://evil.test" })).toBe("forbidden");
	expect(await signIn({ origin: "null" })).toBe("forbidden");
	expect(await signIn({ "sec-fetch-site": "cross-site" })).toBe("forbidden");
	expect(await signIn({ "sec-fetch-site": "same-site", origin: "https://pictures.test" })).toBe("forbidden");
	expect(await signIn({})).toBe("unauthenticated");
	expect(await signIn({ origin: "https://pictures.test" })).toBe("unauthenticated");
	expect(await signIn({ "sec-fetch-site": "same-origin", origin: "https://pictures.test" })).toBe("unauthenticated");
});

test("the studio's pages load under a policy that runs only this server's scripts", async () => {
	for (const url of ["/", "/gallery/42?x=1", "/index.html"]) {
		const page = await app.inject({ url, headers: { accept: "text/html,application/xhtml+xml" } });
		expect(page.body).toContain("<title>studio</title>");
		expect(page.headers["content-security-policy"]).toContain(
			"script-src 'self'; style-src 'self'; img-src 'self' data: blob: https://pictures.test",
		);
		expect(page.headers["content-security-policy"]).not.toContain("unsafe");
		expect(page.headers["cache-control"]).toBe("no-cache");
		expect(page.headers["x-content-type-options"]).toBe("nosniff");
	}
	expect((await app.inject("/assets/index-abc.js")).headers["cache-control"]).toContain("immutable");
	for (const url of ["/.env", "/assets/gone.js", "/api/v1/nope"])
		expect((await app.inject({ url, headers: { accept: "text/html" } })).statusCode, url).toBe(404);
});

test("health and readiness are told to anybody", async () => {
	expect((await app.inject("/healthz")).json()).toEqual({ status: "ok", version: "1.2.3" });
	const ready = await app.inject("/readyz");
	expect(ready.statusCode).toBe(503);
	expect(ready.json()).toEqual({ status: "unavailable", checks: { database: "down" } });
});

test("the API reference works without any other site", async () => {
	expect((await app.inject("/openapi.json")).json()).toMatchObject({ openapi: "3.1.0", servers: [{ url: "https://pictures.test" }] });
	const page = await app.inject("/docs/");
	const addresses = page.body.match(/(?:src|href)="[^"]+"/g) ?? [];
	expect(addresses.length).toBeGreaterThan(0);
	for (const address of addresses) expect(address).not.toMatch(/"(https?:)?\/\//);
	expect(page.headers["content-security-policy"]).toContain("default-src 'self'");
	expect((await app.inject("/docs/js/scalar.js")).body.length).toBeGreaterThan(1_000_000);
});
