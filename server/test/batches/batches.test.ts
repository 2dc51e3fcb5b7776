import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { BatchBody, BatchItemBody } from "../../src/contract/batch.ts";
import { type Answer, type Call, caller, uploadPicture } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { finishedBatch, small } from "./support.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

let running: TestApp;
let tenant: { tenantId: string; key: string };
let call: Call;

beforeAll(async () => {
	running = await startTestApp();
	tenant = await running.createTenant("starter", { creditMicroUsd: 10_000_000 });
	call = caller(running.url, tenant.key);
});
afterAll(() => running.close());

const batchOf = ({ body }: Answer) => body as unknown as BatchBody;
const itemsOf = async (id: string, query = "") =>
	(await call("GET", `/api/v1/batches/${id}/items${query}`)).body as unknown as { data: BatchItemBody[]; next: string | null };

test("prompts become pictures, in the order they were sent, and the bill is the quote", async () => {
	const body = { name: "fruit", items: ["an apple", "a pear", { prompt: "a plum", seed: 5 }], defaults: small };
	const quote = await call("POST", "/api/v1/batches/quotes", { body });
	expect([quote.status, quote.body]).toMatchObject([200, { items: 3, pictures: 3, discount_percent: 0 }]);
	const sent = await call("POST", "/api/v1/batches", { body });
	expect([sent.status, sent.text]).toMatchObject([201, expect.anything()]);
	expect(sent.headers.get("location")).toBe(`/api/v1/batches/${sent.body.id}`);
	const done = await finishedBatch(call, batchOf(sent).id);
	expect(done).toMatchObject({ status: "completed", progress: 1, counts: { succeeded: 3 }, pictures: { asked: 3, done: 3 }, eta: null });
	expect(done.charged_micro_usd).toBe(done.quote.total_micro_usd);
	expect([done.set_aside_micro_usd, done.in_jobs_micro_usd]).toEqual([0, 0]);
	const { data } = await itemsOf(done.id);
	expect(data.map(({ index, request }) => [index, request.prompt])).toEqual([
		[0, "an apple"],
		[1, "a pear"],
		[2, "a plum"],
	]);
	const image = data[2]?.images[0];
	expect(image).toMatchObject({ seed: 5, media_type: "image/png" });
	expect((await fetch(image?.url ?? "")).status).toBe(200);
});

test("a matrix makes every combination, and says how many when there are too many", async () => {
	const matrix = { prompt: ["a cat", "a dog"], seed: [1, 2, 3] };
	const sent = await call("POST", "/api/v1/batches", { body: { matrix, defaults: { ...small, model: "embedded" } } });
	expect(batchOf(sent)).toMatchObject({ items: 6 });
	const { data } = await itemsOf(batchOf(sent).id);
	expect(data.map(({ request }) => `${request.prompt} ${request.seed}`)).toEqual([
		"a cat 1",
		"a cat 2",
		"a cat 3",
		"a dog 1",
		"a dog 2",
		"a dog 3",
	]);
	await call("POST", `/api/v1/batches/${batchOf(sent).id}/cancel`);

	const thousand = Array.from({ length: 1_000 }, (_, n) => n);
	const huge = { matrix: { seed: thousand, steps: thousand, prompt: thousand.map(String) } };
	const refused = await call("POST", "/api/v1/batches", { body: huge });
	expect(refused.body).toMatchObject({ status: 422, code: "invalid_request", errors: [{ path: ["matrix"] }] });
	expect(refused.text).toContain("1000000000");
});

test("a picture that waiting items start from is kept though its upload is deleted, and goes with the last that needs it", async () => {
	const png = await sharp({ create: { width: 64, height: 64, channels: 3, background: "teal" } })
		.png()
		.toBuffer();
	const image = await uploadPicture(call, png);
	const later = new Date(Date.now() + 86_400_000).toISOString();
	// The one is in what all items have alike, the other is an item's own.
	const alike = { defaults: { ...small, image }, items: ["a leaf", "a tree"], at: later };
	const own = { defaults: small, items: [{ prompt: "a leaf", image }, "a tree"], at: later };
	const sent = [];
	for (const body of [alike, own]) sent.push(await call("POST", "/api/v1/batches", { body }));
	for (const { status, text } of sent) expect(status, text).toBe(201);
	expect((await call("DELETE", `/api/v1/assets/${image.asset_id}`)).body).toMatchObject({ bytes: "shared" });
	const cancel = async (id = "") => {
		await call("POST", `/api/v1/batches/${id}/cancel`);
		await finishedBatch(call, id);
	};
	await cancel(sent[0]?.body.id);
	const again = await uploadPicture(call, png);
	expect((await call("DELETE", `/api/v1/assets/${again.asset_id}`)).body).toMatchObject({ bytes: "shared" });
	await cancel(sent[1]?.body.id);
	const last = await uploadPicture(call, png);
	expect((await call("DELETE", `/api/v1/assets/${last.asset_id}`)).body).toMatchObject({ bytes: "removed" });
});
