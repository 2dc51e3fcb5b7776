import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApp } from "../support/testApp.ts";
import { type Call, caller, download, finished, readEvents } from "./call.ts";

let running: Awaited<ReturnType<typeof startTestApp>>;
let call: Call;
let key: string;
beforeAll(async () => {
	running = await startTestApp();
	key = running.ownerKey;
	call = caller(running.url, key);
});
afterAll(() => running?.close());

const small = { prompt: "a red apple", steps: 2, width: 64, height: 64, seed: 7, upscale: false, restore_faces: false };

test("a prompt becomes a picture with its seed, size and recipe", async () => {
	const accepted = await call("POST", "/api/v1/generations", { body: { ...small, count: 2, metadata: { order: "42" } } });
	expect(accepted.status).toBe(202);
	expect(accepted.headers.get("location")).toBe(`/api/v1/jobs/${accepted.body.id}`);
	expect(accepted.body).toMatchObject({ object: "job", workflow: "picture", model: "embedded", metadata: { order: "42" } });
	const job = await finished(call, key, accepted.body);
	expect(job).toMatchObject({
		status: "succeeded",
		progress: 1,
		waiting: null,
		error: null,
		request: { prompt: "a red apple", width: 64, negative_prompt: "", upscale: false },
	});
	expect(job.images.map((image: { seed: number }) => image.seed)).toEqual([7, 8]);
	for (const image of job.images) {
		expect(image).toMatchObject({
			status: "succeeded",
			width: 64,
			height: 64,
			media_type: "image/png",
			progress: 1,
			step: null,
			error: null,
		});
		expect(image.recipe).toMatchObject({ workflow: "picture", seed: image.seed, settings: { prompt: "a red apple" } });
		expect(image.understood_as).toEqual(expect.any(String));
		expect(image.notice).toContain("clip-art");
		expect(image.skipped.map((skip: { step: string; reason: string }) => `${skip.step} ${skip.reason}`)).toContain("upscale not_wanted");
		const { bytes } = await download(image.url ?? "");
		expect(bytes.byteLength).toBe(image.bytes);
		expect(await sharp(bytes).metadata()).toMatchObject({ width: 64, height: 64, format: "png" });
	}
});

test("a seed beyond the largest starts again at zero", async () => {
	const { body } = await call("POST", "/api/v1/generations", { body: { ...small, seed: 4_294_967_295, count: 2 } });
	expect(body.images.map((image: { seed: number }) => image.seed)).toEqual([4_294_967_295, 0]);
	await call("POST", `/api/v1/jobs/${body.id}/cancel`);
});

test("a request repeated under one Idempotency-Key is one job, answered with the same bytes", async () => {
	const headers = { "idempotency-key": "order-1" };
	const answers = [];
	for (const body of [small, small, Object.fromEntries(Object.entries(small).reverse())])
		answers.push(await call("POST", "/api/v1/generations", { body, headers }));
	expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
	expect(answers.map((answer) => answer.status)).toEqual([202, 202, 202]);
	expect(answers.map((answer) => answer.headers.get("idempotency-replayed"))).toEqual([null, "true", "true"]);
	expect(answers[1]?.headers.get("location")).toBe(answers[0]?.headers.get("location"));
	const reused = await call("POST", "/api/v1/generations", { body: { ...small, seed: 8 }, headers });
	expect(reused.body).toMatchObject({ status: 422, code: "idempotency_key_reused" });
});

test("ten clients that send one Idempotency-Key at once get one job", async () => {
	const send = () => call("POST", "/api/v1/generations", { body: small, headers: { "idempotency-key": "race-1" } });
	const answers = await Promise.all(Array.from({ length: 10 }, send));
	const accepted = answers.filter((answer) => answer.status === 202);
	expect(new Set(accepted.map((answer) => answer.body.id)).size).toBe(1);
	for (const answer of answers) expect(answer.status === 202 || answer.body.code === "idempotency_in_flight").toBe(true);
	expect((await send()).body.id).toBe(accepted[0]?.body.id);
});

test("a refused request frees its Idempotency-Key", async () => {
	const headers = { "idempotency-key": "refused-1" };
	expect((await call("POST", "/api/v1/generations", { body: { ...small, model: "none" }, headers })).body).toMatchObject({
		code: "unknown_model",
		errors: [{ path: ["model"] }],
	});
	expect((await call("POST", "/api/v1/generations", { body: small, headers })).status).toBe(202);
});

test("a quote says the price and what would be skipped, and accepts nothing", async () => {
	const before = (await call("GET", "/api/v1/jobs")).body.data.length;
	const { status, body } = await call("POST", "/api/v1/quotes", { body: small });
	expect(status).toBe(200);
	expect(body.lines[0]).toMatchObject({ step: "generate", count: 1 });
	expect(body.skipped.map((skip: { step: string }) => skip.step)).toEqual(expect.arrayContaining(["upscale", "restore_faces"]));
	expect((await call("GET", "/api/v1/jobs")).body.data.length).toBe(before);
});

test("what plan and credit do not allow is refused with what would be right", async () => {
	const free = await running.createTenant("free", { creditMicroUsd: 0 });
	const asFree = caller(running.url, free.key);
	expect((await asFree("POST", "/api/v1/generations", { body: { ...small, width: 1_024, height: 64 } })).body.code).toMatch(
		/size_over_plan|unsupported_by_model/,
	);
	expect((await asFree("POST", "/api/v1/generations", { body: { ...small, steps: 40 } })).body).toMatchObject({
		code: "steps_over_plan",
		max: 30,
		asked: 40,
	});
	expect((await asFree("GET", "/api/v1/account")).body).toMatchObject({
		plan: "free",
		credit_micro_usd: 0,
		held_micro_usd: 0,
		limits: { max_side: 512, upscale: false },
	});
});

test("a ControlNet that would end before it starts is refused by its field", async () => {
	const control = { net: "sdxl-canny", image: { asset_id: "any" }, start: 0.9, end: 0.1 };
	const { body } = await call("POST", "/api/v1/quotes", { body: { prompt: "a ship", model: "sdxl", controls: [control] } });
	expect(body).toMatchObject({ code: "invalid_request", errors: [{ path: ["controls", 0, "end"], message: "must be above start" }] });
});

test("a job cancelled with an empty JSON body ends, and cancelling it again changes nothing", async () => {
	const { body } = await call("POST", "/api/v1/generations", {
		body: { ...small, run_after: new Date(Date.now() + 3_600_000).toISOString() },
	});
	expect(body).toMatchObject({ status: "scheduled", waiting: { reason: { code: "scheduled" } } });
	const cancel = () => call("POST", `/api/v1/jobs/${body.id}/cancel`, { headers: { "content-type": "application/json" } });
	expect((await cancel()).body).toMatchObject({ id: body.id, status: "cancelled", waiting: null, charged_micro_usd: 0 });
	expect((await cancel()).body).toMatchObject({ id: body.id, status: "cancelled" });
	const events = await readEvents(body.links.events, { authorization: `Bearer ${key}` });
	expect(events.filter((event) => event.type.startsWith("job.")).map((event) => event.type)).toEqual(["job.created", "job.cancelled"]);
});

test("jobs are listed newest first, page by page, each once", async () => {
	const tenant = await running.createTenant("starter", { creditMicroUsd: 0 });
	const asTenant = caller(running.url, tenant.key);
	const runAfter = new Date(Date.now() + 3_600_000).toISOString();
	const ids: string[] = [];
	for (let index = 0; index < 5; index++)
		ids.push((await asTenant("POST", "/api/v1/generations", { body: { ...small, run_after: runAfter } })).body.id);
	const seen: string[] = [];
	let next: string | null = "";
	while (next !== null) {
		const page: Awaited<ReturnType<Call>> = await asTenant(
			"GET",
			`/api/v1/jobs?limit=2${next ? `&before=${encodeURIComponent(next)}` : ""}`,
		);
		expect(page.status).toBe(200);
		seen.push(...page.body.data.map((job: { id: string }) => job.id));
		next = page.body.next;
	}
	expect(seen).toEqual(ids.toReversed());
	expect((await asTenant("GET", "/api/v1/jobs?status=succeeded")).body.data).toEqual([]);
	expect((await asTenant("GET", "/api/v1/jobs?before=nonsense")).status).toBeLessThan(500);
});

test("models, workflows and the queue tell what can be asked for and how busy it is", async () => {
	expect((await call("GET", "/api/v1/models")).body.data).toEqual(
		expect.arrayContaining([expect.objectContaining({ name: "embedded", available: true, default: true })]),
	);
	expect((await call("GET", "/api/v1/workflows/picture")).body.steps.map((step: { id: string }) => step.id)).toEqual([
		"generate",
		"detect_faces",
		"restore_faces",
		"upscale",
		"encode",
	]);
	expect((await call("GET", "/api/v1/workflows/none")).body).toMatchObject({ code: "not_found" });
	expect((await call("GET", "/api/v1/queue")).body.pools.map((pool: { pool: string }) => pool.pool)).toEqual(
		expect.arrayContaining(["gpu", "enhance"]),
	);
});
