import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Call, caller, finished } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { until } from "../support/until.ts";
import { startReceiver, verify } from "./receiver.ts";

// A busy machine draws slowly.
vi.setConfig({ testTimeout: 180_000 });

let app: TestApp;
beforeAll(async () => {
	const priced = fileURLToPath(new URL("../support/priced.config.ts", import.meta.url));
	app = await startTestApp({ GLASSWORKS_ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8", GLASSWORKS_CONFIG: priced });
}, 300_000);
afterAll(() => app.close());

interface Endpoint {
	id: string;
	secret: string;
	enabled: boolean;
	disabled_by: string | null;
	failing_since: string | null;
	events: string[];
	url: string;
}
interface Delivery {
	id: string;
	webhook_id: string | null;
	status: string;
	next_attempt_at: string | null;
	event: { id: string; type: string; subject: string };
	attempts: { number: number; status: number | null; note: string | null; answer: string | null; duration_ms: number }[];
}

/** An account with a key that may manage it. */
async function newAccount(plan = "pro"): Promise<{ call: Call; key: string }> {
	const { tenantId } = await app.createTenant(plan, { creditMicroUsd: 1_000_000 });
	const { body } = await caller(app.url, app.ownerKey)("POST", `/api/v1/keys?tenant=${tenantId}`, {
		body: { name: "test", scopes: ["read", "generate", "manage"] },
	});
	return { call: caller(app.url, body.secret), key: body.secret };
}
const as = <T>(body: unknown): T => body as T;
const small = { width: 64, height: 64, steps: 1, upscale: false, restore_faces: false };
const apple = { prompt: "a red apple", ...small };

async function addWebhook(call: Call, body: object): Promise<Endpoint> {
	const answer = await call("POST", "/api/v1/webhooks", { body });
	if (answer.status !== 201) throw new Error(answer.text);
	return as<Endpoint>(answer.body);
}
const deliveriesTo = async (call: Call, id: string, query = "") =>
	as<Delivery[]>((await call("GET", `/api/v1/webhooks/${id}/deliveries${query}`)).body.data);

test("an account is told of its job, signed, with links that open its pictures and without its prompt", async () => {
	const { call, key } = await newAccount();
	const receiver = await startReceiver();
	const { id, secret } = await addWebhook(call, { url: `${receiver.url}hook?x=1`, events: ["job.*"] });
	expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
	const { body: job } = await call("POST", "/api/v1/generations", { body: { ...apple, count: 2, metadata: { order: "7" } } });
	const done = await finished(call, key, job);
	const told = await until(() => (receiver.messages.length >= 2 ? receiver.messages : null));
	expect(told.map(({ type }) => type).sort()).toEqual(["job.started", "job.succeeded"]);
	const message = told.find(({ type }) => type === "job.succeeded");
	if (!message) throw new Error("not told");
	expect(verify(message, secret)).toMatchObject({
		type: "job.succeeded",
		data: { id: job.id, status: "succeeded", metadata: { order: "7" } },
	});
	expect(message.path).toBe("/hook?x=1");
	expect(message.headers).toMatchObject({ "content-type": "application/json", "user-agent": "Glassworks" });
	expect(message.body).not.toContain("apple");
	expect(Object.keys(message.data).sort()).toEqual(
		"charged_micro_usd created_at error finished_at id images links metadata model object started_at status workflow".split(" "),
	);
	for (const image of message.data.images ?? []) expect((await fetch(image.url ?? "")).headers.get("content-type")).toBe("image/png");
	expect(message.data.images).toHaveLength(2);
	expect(done.status).toBe("succeeded");
	const log = await until(async () => {
		const found = await deliveriesTo(call, id);
		return found.every(({ status }) => status === "delivered") ? found : null;
	});
	expect(log.map(({ event }) => event.id).sort()).toEqual(told.map(({ id: message }) => message).sort());
	expect(log[0]?.attempts).toMatchObject([{ number: 1, status: 204, note: null, answer: "" }]);
});

test("a request's own address is told how it ended, signed with the account's default secret", async () => {
	const { call, key } = await newAccount();
	const receiver = await startReceiver();
	const own = await startReceiver();
	const { body: job } = await call("POST", "/api/v1/generations", { body: { ...apple, webhook_url: receiver.url } });
	const run = await call("POST", "/api/v1/workflows/picture/runs", {
		body: { inputs: { prompt: "a pear", width: 64, height: 64 }, webhook_url: own.url, webhook_events: ["job.*"] },
	});
	expect(run.status).toBe(202);
	await finished(call, key, job);
	await finished(call, key, run.body);
	await until(() => receiver.messages.length >= 1 && own.messages.length >= 2);
	const { secret } = (await call("GET", "/api/v1/webhooks/default-secret")).body;
	expect(receiver.messages.map(({ type, data }) => [type, data.id])).toEqual([["job.succeeded", job.id]]);
	expect(own.messages.map(({ type }) => type).sort()).toEqual(["job.started", "job.succeeded"]);
	for (const message of [...receiver.messages, ...own.messages]) verify(message, secret);
	expect((await call("GET", `/api/v1/jobs/${job.id}`)).text).not.toContain(receiver.url);
	const log = as<Delivery[]>((await call("GET", `/api/v1/webhooks/deliveries?subject=${job.id}`)).body.data);
	expect(log).toMatchObject([{ webhook_id: null, event: { subject: job.id } }]);
});

test("a message that failed is sent again under the same id, newly signed", async () => {
	const { call } = await newAccount();
	const receiver = await startReceiver((_message, nth) => ({
		status: nth === 1 ? 500 : 200,
		body: nth === 1 ? "x".repeat(20_000) : "thanks",
	}));
	const { id, secret } = await addWebhook(call, { url: receiver.url });
	const { body: job } = await call("POST", "/api/v1/generations", { body: { ...apple, run_after: "2099-01-01T00:00:00Z" } });
	await call("POST", `/api/v1/jobs/${job.id}/cancel`);
	const [first, second] = await until(() => (receiver.messages.length >= 2 ? receiver.messages : null));
	if (!first || !second) throw new Error("not told twice");
	expect(second.id).toBe(first.id);
	expect(second.body).toBe(first.body);
	expect(second.headers["webhook-timestamp"]).not.toBe(first.headers["webhook-timestamp"]);
	verify(second, secret);
	const [delivery] = await until(async () => {
		const found = await deliveriesTo(call, id, "?status=delivered");
		return found.length > 0 ? found : null;
	});
	expect(delivery?.attempts.map(({ status, note }) => [status, note])).toEqual([
		[500, "The receiver answered with status 500; only 2xx counts as received."],
		[200, null],
	]);
	expect(delivery?.attempts[0]?.answer).toHaveLength(1_000);
	const whole = as<Delivery>((await call("GET", `/api/v1/webhooks/deliveries/${delivery?.id}`)).body);
	expect(whole.attempts.map(({ answer }) => answer?.length)).toEqual([16_384, 6]);
	expect(as<Endpoint>((await call("GET", `/api/v1/webhooks/${id}`)).body).failing_since).toBeNull();
});

test("a receiver that is gone is told nothing more until it is enabled again", async () => {
	const { call } = await newAccount();
	const receiver = await startReceiver(() => ({ status: 410 }));
	const { id } = await addWebhook(call, { url: receiver.url });
	const other = await addWebhook(call, { url: receiver.url, events: ["batch.*"] });
	await call("POST", `/api/v1/webhooks/${id}/test`);
	await until(async () => as<Endpoint>((await call("GET", `/api/v1/webhooks/${id}`)).body).disabled_by === "gone");
	const refused = await call("POST", `/api/v1/webhooks/${id}/test`);
	expect([refused.status, refused.body.code]).toEqual([409, "webhook_disabled"]);
	const [delivery] = await deliveriesTo(call, id);
	expect(delivery).toMatchObject({ status: "failed", next_attempt_at: null, attempts: [{ status: 410 }] });
	expect((await call("POST", `/api/v1/webhooks/deliveries/${delivery?.id}/redeliver`)).body.code).toBe("webhook_disabled");
	const enabled = as<Endpoint>((await call("PATCH", `/api/v1/webhooks/${id}`, { body: { enabled: true } })).body);
	expect(enabled).toMatchObject({ enabled: true, disabled_by: null, failing_since: null });
	expect(as<Endpoint>((await call("GET", `/api/v1/webhooks/${other.id}`)).body).enabled).toBe(true);
});

test("an address of a request that is gone is told nothing more of it", async () => {
	const { call } = await newAccount();
	const [gone, other] = [await startReceiver(() => ({ status: 410 })), await startReceiver()];
	const body = { items: ["a"], defaults: small, at: "2099-01-01T00:00:00Z", webhook_events: ["batch.*"] };
	const { id } = (await call("POST", "/api/v1/batches", { body: { ...body, webhook_url: gone.url } })).body;
	const { id: kept } = (await call("POST", "/api/v1/batches", { body: { ...body, webhook_url: other.url } })).body;
	await until(async () => as<{ webhook_url: unknown }>((await call("GET", `/api/v1/batches/${id}`)).body).webhook_url === null);
	for (const each of [id, kept]) await call("POST", `/api/v1/batches/${each}/cancel`);
	// What was told to the other after it was told first: nothing can still be on its way.
	await until(() => other.messages.some(({ type }) => type === "batch.cancelled"));
	expect(gone.messages.map(({ type }) => type)).toEqual(["batch.created"]);
	const log = as<Delivery[]>((await call("GET", `/api/v1/webhooks/deliveries?subject=${id}`)).body.data);
	expect(log).toMatchObject([{ webhook_id: null, status: "failed", attempts: [{ status: 410 }] }]);
});

test("an account is told once that its month is nearly drawn and once that it is, with what it had", async () => {
	const { call } = await newAccount("free");
	const receiver = await startReceiver();
	const { secret } = await addWebhook(call, { url: receiver.url, events: ["quota.*"] });
	for (let nth = 1; nth <= 5; nth++) {
		const { status, text } = await call("POST", "/api/v1/generations", { body: { ...apple, run_after: "2099-01-01T00:00:00Z" } });
		expect(status, text).toBe(202);
		if (nth === 4) await until(() => receiver.messages.length === 1);
	}
	await until(() => receiver.messages.length === 2);
	expect(receiver.messages.map(({ type, data }) => [type, data.unit, data.limit, data.drawn])).toEqual([
		["quota.warning", "image", 5, 4],
		["quota.exhausted", "image", 5, 5],
	]);
	for (const message of receiver.messages) verify(message, secret);
});

test("a redirect is not followed, and the log says what to do", async () => {
	const { call } = await newAccount();
	const secretPlace = await startReceiver();
	const receiver = await startReceiver(() => ({ status: 307, headers: { location: secretPlace.url } }));
	const { id } = await addWebhook(call, { url: receiver.url });
	await call("POST", `/api/v1/webhooks/${id}/test`);
	const [delivery] = await until(async () => {
		const found = await deliveriesTo(call, id, "?status=failed");
		return found.length > 0 ? found : null;
	});
	expect(delivery?.attempts[0]?.note).toBe("The address redirects (307). Redirects are not followed: register the address it leads to.");
	expect(secretPlace.messages).toEqual([]);
});

test("a failed test is not repeated; sent again by hand it has a schedule of its own", async () => {
	const { call } = await newAccount();
	let isUp = false;
	const receiver = await startReceiver(() => ({ status: isUp ? 200 : 500 }));
	const { id } = await addWebhook(call, { url: receiver.url });
	const { status, body: test } = await call("POST", `/api/v1/webhooks/${id}/test`);
	expect(status).toBe(202);
	const path = `/api/v1/webhooks/deliveries/${test.id}`;
	await until(async () => (await call("GET", path)).body.status === "failed");
	isUp = true;
	expect((await call("POST", `${path}/redeliver`)).status).toBe(202);
	await until(async () => (await call("GET", path)).body.status === "delivered");
	expect(receiver.messages.map(({ type }) => type)).toEqual(["webhook.test", "webhook.test"]);
	expect(new Set(receiver.messages.map(({ id: message }) => message)).size).toBe(1);
	expect(as<Delivery>((await call("GET", path)).body).attempts.map(({ number, status: answered }) => [number, answered])).toEqual([
		[1, 500],
		[2, 200],
	]);
});

test("after a rotation messages carry two signatures, of the new secret and of the one before", async () => {
	const { call } = await newAccount();
	const receiver = await startReceiver();
	const { id, secret: old } = await addWebhook(call, { url: receiver.url });
	const { body: rotated } = await call("POST", `/api/v1/webhooks/${id}/secret/rotate`);
	expect(rotated.secret).not.toBe(old);
	expect((await call("GET", `/api/v1/webhooks/${id}/secret`)).body).toEqual(rotated);
	await call("POST", `/api/v1/webhooks/${id}/test`);
	const [message] = await until(() => (receiver.messages.length > 0 ? receiver.messages : null));
	if (!message) throw new Error("not told");
	verify(message, rotated.secret);
	verify(message, old);
	expect(message.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
});
