import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApp } from "../support/testApp.ts";
import { type Call, caller } from "./call.ts";

let running: Awaited<ReturnType<typeof startTestApp>>;
let owner: Call;
let other: { tenantId: string; key: string };
let asOther: Call;
beforeAll(async () => {
	running = await startTestApp();
	owner = caller(running.url, running.ownerKey);
	other = await running.createTenant("starter", { creditMicroUsd: 1_000_000 });
	asOther = caller(running.url, other.key);
});
afterAll(() => running?.close());

async function signIn(key: string): Promise<{ cookie: string; header: string }> {
	const { status, headers } = await caller(running.url, null)("POST", "/api/v1/session", { body: { key } });
	expect(status).toBe(201);
	const header = headers.get("set-cookie") ?? "";
	return { header, cookie: header.split(";")[0] ?? "" };
}

test("another tenant's pictures are no picture to start from", async () => {
	const job = (
		await owner("POST", "/api/v1/generations", { body: { prompt: "secret plans", width: 64, height: 64, steps: 1, upscale: false } })
	).body;
	const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
	const asset = (await owner("POST", "/api/v1/assets", { raw: new Uint8Array(png), headers: { "content-type": "image/png" } })).body;
	expect(asset.id).toEqual(expect.any(String));
	const asStart = (image: object) => asOther("POST", "/api/v1/generations", { body: { prompt: "x", image } });
	expect((await asStart({ asset_id: asset.id })).body).toMatchObject({ code: "not_found" });
	expect((await asStart({ job_id: job.id })).body).toMatchObject({ code: "not_found" });
	expect((await asOther("GET", "/api/v1/jobs")).body.data).toEqual([]);
	expect((await owner("GET", `/api/v1/jobs/${job.id}`)).body.status).not.toBe("cancelled");
});

test("the queue is shown to everybody, and shows nobody", async () => {
	const seen = await caller(running.url, null)("GET", "/api/v1/queue");
	expect(seen.status).toBe(200);
	expect(seen.body.pools.map((pool) => pool.pool)).toEqual(["enhance", "gpu"]);
	// Plans are shown; the owner's has the name of its tenant.
	for (const secret of ["secret plans", other.tenantId, "built-in", "job_"]) expect(seen.text).not.toContain(secret);
});

test("a key works as Bearer, as Key and as the password of HTTP Basic", async () => {
	for (const authorization of [`Bearer ${other.key}`, `Key ${other.key}`, `Basic ${Buffer.from(`me:${other.key}`).toString("base64")}`])
		expect((await caller(running.url, null)("GET", "/api/v1/session", { headers: { authorization } })).body).toMatchObject({
			tenant_id: other.tenantId,
			plan: "starter",
		});
});

test("a key nobody made opens nothing", async () => {
	for (const key of [`gw_${randomBytes(32).toString("base64url")}`, other.key.slice(0, -1), `${other.key}x`, "gw_' or 1=1 --"])
		expect((await caller(running.url, key)("GET", "/api/v1/jobs")).body).toMatchObject({ status: 401, code: "unauthenticated" });
});

test("signing in gives a cookie that no script reads and that ends on signing out", async () => {
	const { cookie, header } = await signIn(other.key);
	expect(header).toMatch(/HttpOnly/i);
	expect(header).toMatch(/SameSite=Strict/i);
	expect(header).not.toContain(other.key);
	const browser = caller(running.url, null);
	const here = { cookie, "sec-fetch-site": "same-origin" };
	expect((await browser("GET", "/api/v1/session", { headers: { cookie } })).body).toMatchObject({ tenant_id: other.tenantId });
	expect((await browser("DELETE", "/api/v1/session", { headers: here })).status).toBe(204);
	expect((await browser("GET", "/api/v1/session", { headers: { cookie } })).status).toBe(401);
});

test("another site's page cannot spend a signed-in visitor's credit", async () => {
	const { cookie } = await signIn(other.key);
	const body = { prompt: "a fish", width: 64, height: 64, upscale: false, run_after: new Date(Date.now() + 3_600_000).toISOString() };
	const send = async (headers: Record<string, string>) =>
		(await caller(running.url, null)("POST", "/api/v1/generations", { body, headers: { cookie, ...headers } })).status;
	expect(await send({})).toBe(403);
	expect(await send({ origin: "https://evil.test" })).toBe(403);
	expect(await send({ "sec-fetch-site": "cross-site", origin: running.url })).toBe(403);
	expect(await send({ "sec-fetch-site": "same-site" })).toBe(403);
	expect(await send({ origin: running.url })).toBe(202);
	expect(await send({ "sec-fetch-site": "same-origin" })).toBe(202);
});

test("a wrong key signs nobody in", async () => {
	expect((await caller(running.url, null)("POST", "/api/v1/session", { body: { key: "gw_wrong" } })).body).toMatchObject({
		code: "unauthenticated",
	});
});

test("the account shows plan, limits and credit", async () => {
	expect((await asOther("GET", "/api/v1/account")).body).toMatchObject({
		tenant_id: other.tenantId,
		plan: "starter",
		credit_micro_usd: 1_000_000,
		limits: { max_side: 768, upscale: false },
	});
});

test("a key made over the API works until it is revoked, and never does more than its maker", async () => {
	const made = await owner("POST", "/api/v1/keys", { body: { name: "reader", scopes: ["read"] } });
	expect(made.status).toBe(201);
	const reader = caller(running.url, made.body.secret);
	expect((await reader("GET", "/api/v1/session")).body.scopes).toEqual(["read"]);
	expect((await reader("POST", "/api/v1/quotes", { body: { prompt: "x" } })).body).toMatchObject({ status: 403, code: "forbidden" });
	expect((await reader("POST", "/api/v1/keys", { body: { name: "more" } })).body).toMatchObject({ code: "forbidden" });
	const listed = (await owner("GET", "/api/v1/keys")).body.data.find((key: { id: string }) => key.id === made.body.key.id);
	expect(listed).toMatchObject({ name: "reader", prefix: made.body.secret.slice(0, 8), revoked_at: null });
	expect((await owner("GET", "/api/v1/keys")).text).not.toContain(made.body.secret);
	const { cookie } = await signIn(made.body.secret);
	expect((await owner("POST", `/api/v1/keys/${made.body.key.id}/revoke`)).status).toBe(204);
	expect((await reader("GET", "/api/v1/session")).status).toBe(401);
	expect((await caller(running.url, null)("GET", "/api/v1/session", { headers: { cookie } })).status).toBe(401);
});

test("a key past its day opens nothing", async () => {
	const made = await owner("POST", "/api/v1/keys", { body: { name: "old", expires_at: "2020-01-01T00:00:00Z" } });
	expect((await caller(running.url, made.body.secret)("GET", "/api/v1/session")).status).toBe(401);
});

test("a worker's token and a key never open each other's routes", async () => {
	const made = await owner("POST", "/api/v1/workers", { body: { name: "gpu box", pools: ["gpu"], capabilities: ["generate:embedded"] } });
	expect(made.body).toMatchObject({
		worker: { name: "gpu box", kind: "remote", pools: ["gpu"], allowed: ["generate:embedded"] },
		token: expect.stringMatching(/^gwt_/),
	});
	const asWorker = caller(running.url, made.body.token);
	const hello = { capabilities: ["generate:embedded", "upscale:x"], loadedModel: null, slots: 1 };
	expect((await asWorker("POST", "/api/worker/v1/hello", { body: hello })).body).toMatchObject({
		workerId: made.body.worker.id,
		name: "gpu box",
		pools: ["gpu"],
	});
	expect((await asWorker("GET", "/api/v1/jobs")).status).toBe(401);
	expect((await owner("POST", "/api/worker/v1/hello", { body: hello })).status).toBe(401);
	const claim = { pool: "enhance", capabilities: [], loadedModel: null, slots: 1 };
	expect((await asWorker("POST", "/api/worker/v1/claims", { body: claim })).body).toMatchObject({ status: 403, code: "forbidden" });
	expect((await owner("GET", "/api/v1/workers")).body.data).toEqual(
		expect.arrayContaining([expect.objectContaining({ name: "gpu box", capabilities: ["generate:embedded"] })]),
	);
	expect((await asOther("GET", "/api/v1/workers")).body).toMatchObject({ code: "forbidden" });
	expect((await owner("POST", `/api/v1/workers/${made.body.worker.id}/revoke`)).status).toBe(204);
	expect((await asWorker("POST", "/api/worker/v1/hello", { body: hello })).status).toBe(401);
	expect((await owner("POST", "/api/v1/workers", { body: { name: "x", pools: ["none"] } })).body).toMatchObject({
		code: "invalid_request",
		errors: [{ path: ["pools", 0] }],
	});
});
