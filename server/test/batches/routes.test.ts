import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { BatchBody, BatchItemBody } from "../../src/contract/batch.ts";
import { type Call, caller } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { batchWhen, small } from "./support.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

let running: TestApp;
let owner: Call;
let call: Call;
let other: Call;
let key: string;

beforeAll(async () => {
	running = await startTestApp();
	owner = caller(running.url, running.ownerKey);
	({ key } = await running.createTenant("starter", { creditMicroUsd: 10_000_000 }));
	call = caller(running.url, key);
	other = caller(running.url, (await running.createTenant("starter", { creditMicroUsd: 0 })).key);
});
afterAll(() => running.close());

const far = new Date(Date.now() + 86_400_000).toISOString();
const create = async (body: object, headers: Record<string, string> = {}) => {
	const { status, text, headers: answered } = await call("POST", "/api/v1/batches", { body, headers });
	return {
		status,
		headers: answered,
		body: JSON.parse(text) as BatchBody & { code: string; errors: { path: unknown[] }[]; refused_items: number; detail: string },
	};
};

test("10,000 prompts are accepted at once, shown as scheduled, and cancelled", async () => {
	const items = Array.from({ length: 10_000 }, (_, n) => `a picture with the number ${n} in it`);
	const { status, body } = await create({ items, defaults: small, at: far });
	expect([status, body]).toMatchObject([
		201,
		{ status: "scheduled", items: 10_000, counts: { waiting: 10_000 }, waiting: { reason: "scheduled", until: far } },
	]);
	const page = (await call("GET", `/api/v1/batches/${body.id}/items?limit=100&before=8999`)).body as unknown as {
		data: BatchItemBody[];
		next: string;
	};
	expect([page.data[0]?.request.prompt, page.next]).toEqual(["a picture with the number 9000 in it", "9099"]);
	const cancelled = (await call("POST", `/api/v1/batches/${body.id}/cancel`)).body as unknown as BatchBody;
	expect(cancelled).toMatchObject({ status: "cancelled", counts: { cancelled: 10_000 }, set_aside_micro_usd: 0 });
	expect((await call("POST", `/api/v1/batches/${body.id}/resume`)).body).toMatchObject({ status: 409, code: "batch_ended" });
	expect((await create({ items: [...items, "one more"] })).body).toMatchObject({
		code: "invalid_request",
		detail: expect.stringContaining("10001"),
	});
});

test("a batch sent again with its Idempotency-Key is the same batch", async () => {
	const headers = { "idempotency-key": "again" };
	const first = await create({ items: ["a"], at: far, defaults: small }, headers);
	const second = await create({ items: ["a"], at: far, defaults: small }, headers);
	expect([second.body, second.headers.get("idempotency-replayed")]).toEqual([first.body, "true"]);
	expect((await create({ items: ["b"], at: far }, headers)).body.code).toBe("idempotency_key_reused");
});

test("CSV is taken as it is and as a form, and its rows are named as spreadsheets count them", async () => {
	const csv = "prompt,seed,width,height,upscale\na red apple,1,64,64,no\na pear,2,64,64,no\n";
	const sent = await call("POST", `/api/v1/batches?name=fruit&at=${encodeURIComponent(far)}`, {
		raw: new TextEncoder().encode(csv),
		headers: { "content-type": "text/csv" },
	});
	expect([sent.status, sent.body]).toMatchObject([201, { name: "fruit", items: 2 }]);
	const form = new FormData();
	form.set("options", JSON.stringify({ name: "form", at: far, defaults: small, budget_micro_usd: 5 }));
	form.set("file", new Blob([csv], { type: "text/csv" }), "x.csv");
	const answer = await fetch(`${running.url}/api/v1/batches`, { method: "POST", body: form, headers: { authorization: `Bearer ${key}` } });
	expect([answer.status, await answer.json()]).toMatchObject([201, { name: "form", items: 2, budget_micro_usd: 5 }]);
	const wrong = "prompt,seed,width\na,1,64\nb,2,63\nc,-1,64\n";
	const refused = await call("POST", "/api/v1/batches/quotes", {
		raw: new TextEncoder().encode(wrong),
		headers: { "content-type": "text/csv" },
	});
	expect(refused.body).toMatchObject({
		status: 422,
		refused_items: 2,
		errors: [{ path: ["rows", 3, "width"] }, { path: ["rows", 4, "seed"] }],
	});
});

test("every item that is wrong is named where it was written, whatever is wrong with it", async () => {
	const items = [
		"fine",
		"",
		{ prompt: "x", steps: 999 },
		{ prompt: "x", sise: 3 },
		{ inputs: { a: 1 }, workflow: "none" },
		{ prompt: "x", run_after: far },
	];
	const { body } = await create({ items });
	expect(body).toMatchObject({ code: "invalid_request", refused_items: 5 });
	expect(body.errors.map(({ path }) => path.slice(0, 3).join("."))).toEqual([
		"items.1.prompt",
		"items.2.steps",
		"items.3.sise",
		"items.4",
		"items.5.run_after",
	]);
	expect((await create({ items: [{ prompt: "x", model: "nope" }] })).body).toMatchObject({
		code: "unknown_model",
		errors: [{ path: ["items", 0, "model"] }],
	});
	for (const body of [
		{},
		{ items: [] },
		{ items: ["a"], matrix: { prompt: ["a"] } },
		{ items: "a" },
		{ matrix: {} },
		{ items: ["a"], at: "soon" },
		{ items: ["a"], budget_micro_usd: -1 },
		{ items: ["a"], webhook_url: "http://127.0.0.1/x" },
	])
		expect((await create(body)).status, JSON.stringify(body)).toBe(422);
	expect((await call("POST", "/api/v1/batches")).body.code).toBe("malformed_body");
});

test("runs of a workflow are items too, from a matrix over its inputs", async () => {
	const matrix = { "inputs.prompt": ["a cat", "a dog"], "inputs.seed": [1, 2] };
	const { status, body } = await create({ matrix, defaults: { workflow: "portrait" }, at: far });
	expect([status, body.items]).toEqual([201, 4]);
	const page = (await call("GET", `/api/v1/batches/${body.id}/items`)).body as unknown as { data: BatchItemBody[] };
	expect(page.data.map(({ request }) => [request.prompt ?? (request.inputs as { prompt?: string })?.prompt])).toEqual([
		["a cat"],
		["a cat"],
		["a dog"],
		["a dog"],
	]);
});

test("another tenant finds no batch, whatever it asks", async () => {
	const { body } = await create({ items: ["secret plans"], at: far, defaults: small });
	const at = `/api/v1/batches/${body.id}`;
	for (const [method, path] of [
		["GET", at],
		["GET", `${at}/items`],
		["GET", `${at}/zip`],
		["POST", `${at}/cancel`],
		["POST", `${at}/pause`],
		["POST", `${at}/resume`],
		["POST", `${at}/retry`],
	] as const) {
		const answer = await other(method, path);
		expect([path, answer.status, answer.body.code]).toEqual([path, 404, "not_found"]);
		expect(answer.text).not.toContain("secret plans");
	}
	expect((await other("GET", "/api/v1/batches")).body.data).toEqual([]);
});

test("polling with an ETag costs nothing while nothing changes; a pause is seen, and resuming goes on to the end", async () => {
	const { body } = await create({ items: ["a fish", "a fish"], defaults: small, at: far });
	const seen = await call("GET", `/api/v1/batches/${body.id}`);
	const headers = { "if-none-match": seen.headers.get("etag") ?? "" };
	expect((await call("GET", `/api/v1/batches/${body.id}`, { headers })).status).toBe(304);
	expect((await call("POST", `/api/v1/batches/${body.id}/pause`)).body).toMatchObject({ status: "paused", waiting: { reason: "asked" } });
	expect((await call("GET", `/api/v1/batches/${body.id}`, { headers })).status).toBe(200);
	const now = await create({ items: ["a fish"], defaults: small });
	await batchWhen(call, now.body.id, (batch) => batch.counts.succeeded === 1);
	expect((await owner("GET", "/api/v1/ledger/verification")).body).toMatchObject({ ok: true });
});
