import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Call, caller } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

vi.setConfig({ testTimeout: 180_000 });

let app: TestApp;
beforeAll(async () => {
	app = await startTestApp({ GLASSWORKS_ALLOW_PRIVATE_NETWORKS: "127.0.0.2/32" });
}, 300_000);
afterAll(() => app.close());

async function newAccount(scopes = ["read", "generate", "manage"]): Promise<Call> {
	const { tenantId } = await app.createTenant("pro", { creditMicroUsd: 1_000_000 });
	const { body } = await caller(app.url, app.ownerKey)("POST", `/api/v1/keys?tenant=${tenantId}`, { body: { name: "test", scopes } });
	return caller(app.url, body.secret);
}
const allowed = "http://127.0.0.2:9999/hook";

const long = (url: string) => (url.length > 100 ? "an endless address" : url);

test.each(
	[
		["http://127.0.0.1:9999/", "url_blocked"],
		["http://169.254.169.254/latest/meta-data/", "url_blocked"],
		["http://[::1]:9999/", "url_blocked"],
		["http://10.0.0.1/", "url_blocked"],
		["http://user:secret@127.0.0.2/", "url_blocked"],
		["http://127.0.0.2:25/", "url_blocked"],
		["ftp://127.0.0.2/", "url_blocked"],
		["javascript:alert(1)", "url_blocked"],
		["hook", "url_blocked"],
		["", "invalid_request"],
		[`http://127.0.0.2/${"a".repeat(2_000)}`, "invalid_request"],
		["http://nowhere.invalid/", "invalid_request"],
	].map(([url = "", code]) => [long(url), code, url] as const),
)("%j is refused where webhooks are made, changed and named by requests, and the field is told", async (_name, code, url) => {
	const call = await newAccount();
	const { body: made } = await call("POST", "/api/v1/webhooks", { body: { url: allowed } });
	for (const [method, path, body, field] of [
		["POST", "/api/v1/webhooks", { url }, "url"],
		["PATCH", `/api/v1/webhooks/${made.id}`, { url }, "url"],
		["POST", "/api/v1/generations", { prompt: "a red apple", webhook_url: url }, "webhook_url"],
	] as const) {
		const answer = await call(method, path, { body });
		expect([path, answer.status, answer.body.code]).toEqual([path, 422, code]);
		expect((answer.body as unknown as { errors: { path: string[] }[] }).errors.map(({ path: at }) => at)).toContainEqual([field]);
		expect(answer.text).not.toContain("secret@");
	}
	expect((await call("GET", `/api/v1/webhooks/${made.id}`)).body.url).toBe(allowed);
	expect((await call("GET", "/api/v1/jobs")).body.data).toEqual([]);
});

test.each([
	[{ url: allowed, events: [] }, "events"],
	[{ url: allowed, events: ["job.*", "job.exploded"] }, "events"],
	[{ url: allowed, events: "job.*" }, "events"],
	[{ url: allowed, events: ["webhook.test"] }, "events"],
	[{ url: allowed, description: "x".repeat(501) }, "description"],
	[{ url: 7 }, "url"],
	[{}, "url"],
])("a webhook of %j is refused", async (body, field) => {
	const call = await newAccount();
	const { status, body: problem } = await call("POST", "/api/v1/webhooks", { body });
	expect([status, problem.code]).toEqual([422, "invalid_request"]);
	expect((problem as unknown as { errors: { path: string[] }[] }).errors[0]?.path[0]).toBe(field);
});

test("events without an address to send them to are refused", async () => {
	const call = await newAccount();
	const { status, text } = await call("POST", "/api/v1/generations", { body: { prompt: "a pear", webhook_events: ["*"] } });
	expect([status, text]).toEqual([422, expect.stringContaining("webhook_events: needs a webhook_url")]);
});

test("nobody sees, changes or uses another account's webhooks and deliveries", async () => {
	const [mine, other] = [await newAccount(), await newAccount()];
	const { body: made } = await mine("POST", "/api/v1/webhooks", { body: { url: allowed } });
	const { body: sent } = await mine("POST", `/api/v1/webhooks/${made.id}/test`);
	for (const [method, path, body] of [
		["GET", `/api/v1/webhooks/${made.id}`],
		["PATCH", `/api/v1/webhooks/${made.id}`, { enabled: false }],
		["DELETE", `/api/v1/webhooks/${made.id}`],
		["GET", `/api/v1/webhooks/${made.id}/secret`],
		["POST", `/api/v1/webhooks/${made.id}/secret/rotate`],
		["POST", `/api/v1/webhooks/${made.id}/test`],
		["GET", `/api/v1/webhooks/${made.id}/deliveries`],
		["GET", `/api/v1/webhooks/deliveries/${sent.id}`],
		["POST", `/api/v1/webhooks/deliveries/${sent.id}/redeliver`],
	] as const) {
		const answer = await other(method, path, body ? { body } : {});
		expect([path, answer.status, answer.body.code]).toEqual([path, 404, "not_found"]);
	}
	expect((await other("GET", "/api/v1/webhooks")).body.data).toEqual([]);
	expect((await other("GET", "/api/v1/webhooks/deliveries")).body.data).toEqual([]);
	expect((await mine("GET", `/api/v1/webhooks/${made.id}/secret`)).body.secret).toBe(made.secret);
	const [ours, theirs] = await Promise.all([mine, other].map((call) => call("GET", "/api/v1/webhooks/default-secret")));
	expect(ours?.body.secret).not.toBe(theirs?.body.secret);
});

test("a key that may not manage the account sees no webhook and no secret", async () => {
	const call = await newAccount(["read", "generate"]);
	for (const path of ["/api/v1/webhooks", "/api/v1/webhooks/deliveries", "/api/v1/webhooks/default-secret"])
		expect([(await call("GET", path)).status, (await call("GET", path)).body.code]).toEqual([403, "forbidden"]);
	expect((await call("POST", "/api/v1/webhooks", { body: { url: allowed } })).status).toBe(403);
});

test("a webhook that is asked for again under the same key is the same one", async () => {
	const call = await newAccount();
	const headers = { "idempotency-key": "once" };
	const first = await call("POST", "/api/v1/webhooks", { body: { url: allowed }, headers });
	const again = await call("POST", "/api/v1/webhooks", { body: { url: allowed }, headers });
	expect([first.status, again.status, again.text, again.headers.get("idempotency-replayed")]).toEqual([201, 201, first.text, "true"]);
	expect(first.headers.get("location")).toBe(`/api/v1/webhooks/${first.body.id}`);
	expect((await call("POST", "/api/v1/webhooks", { body: { url: `${allowed}2` }, headers })).body.code).toBe("idempotency_key_reused");
	const { body, text } = await call("GET", "/api/v1/webhooks");
	expect(body.data).toHaveLength(1);
	expect(text).not.toContain("whsec_");
});

test("webhooks are listed in pages, newest first, up to fifty", async () => {
	const call = await newAccount();
	const made: string[] = [];
	for (let count = 0; count < 50; count++)
		made.push((await call("POST", "/api/v1/webhooks", { body: { url: allowed, enabled: false } })).body.id);
	const refused = await call("POST", "/api/v1/webhooks", { body: { url: allowed } });
	expect([refused.status, refused.body.code]).toEqual([409, "webhook_limit"]);
	const listed: string[] = [];
	for (let next: string | null = ""; next !== null; ) {
		const { body } = await call("GET", `/api/v1/webhooks?limit=20${next === "" ? "" : `&before=${next}`}`);
		listed.push(...body.data.map(({ id }) => id));
		next = body.next;
	}
	expect(listed).toEqual(made.toReversed());
	expect((await call("DELETE", `/api/v1/webhooks/${made[0]}`)).status).toBe(204);
	expect((await call("GET", `/api/v1/webhooks/${made[0]}`)).status).toBe(404);
	expect((await call("POST", "/api/v1/webhooks", { body: { url: allowed } })).status).toBe(201);
});
