import Replicate, { type Prediction } from "replicate";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";

// Real pictures on machines that others use too.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let running: TestApp;
let replicate: Replicate;
beforeAll(async () => {
	running = await startTestApp();
	replicate = clientFor(running.ownerKey);
});
afterAll(() => running?.close());

const clientFor = (auth: string) => new Replicate({ auth, baseUrl: `${running.url}/replicate/v1` });
const input = { prompt: "a red apple", width: 64, height: 64, num_inference_steps: 2 };
const red = () =>
	sharp({ create: { width: 64, height: 64, channels: 3, background: "#cc3020" } })
		.png()
		.toBuffer();
const caught = async (asked: Promise<unknown>) =>
	asked.then(
		() => null,
		(error: unknown) => error,
	) as Promise<Error & { response: Response }>;

describe("replicate for JavaScript", () => {
	test("run gives pictures at addresses that need no key, and tells how far it is", async () => {
		const seen: Prediction[] = [];
		const output = (await replicate.run("glassworks/embedded", { input: { ...input, num_outputs: 2, output_format: "webp" } }, (each) =>
			seen.push(each),
		)) as string[];
		expect(output).toHaveLength(2);
		const bytes = Buffer.from(await (await fetch(output[0] ?? "")).arrayBuffer());
		expect(await sharp(bytes).metadata()).toMatchObject({ format: "webp", width: 64 });
		const last = seen.at(-1);
		expect(last).toMatchObject({ status: "succeeded", metrics: { predict_time: expect.any(Number) }, error: null });
		expect(last?.logs).toContain("Price: $0");
		expect(last).toMatchObject({ glassworks: { bill: { final: true } } });
	});

	test("a prediction is made, waited for, found again and listed", async () => {
		const made = await replicate.predictions.create({ model: "glassworks/embedded", input });
		expect(["starting", "processing"]).toContain(made.status);
		const ended = await replicate.wait(made, { interval: 100 });
		expect(ended).toMatchObject({ id: made.id, status: "succeeded", model: "glassworks/embedded" });
		expect(await replicate.predictions.get(made.id)).toMatchObject({ id: made.id, output: [expect.stringMatching(/^http/)] });
		const { results } = await replicate.predictions.list();
		expect(results.map(({ id }) => id)).toContain(made.id);
		const progress = (await import("replicate")).parseProgressFromLogs(ended.logs ?? "");
		expect(progress).toMatchObject({ percentage: 1 });
	});

	test("a version says which model, and waiting too short says that it is starting", async () => {
		const model = await replicate.models.get("glassworks", "embedded");
		const version = model.latest_version?.id ?? "";
		expect(await replicate.models.versions.get("glassworks", "embedded", version)).toMatchObject({
			id: version,
			openapi_schema: { components: { schemas: { Input: { properties: { prompt: { type: "string" } } } } } },
		});
		expect(await replicate.run(`glassworks/embedded:${version}`, { input })).toHaveLength(1);
		const waiting = await replicate.predictions.create({ model: "black-forest-labs/flux-dev", input: { prompt: "a tree" }, wait: 1 });
		expect(waiting).toMatchObject({ status: "starting", output: null });
		expect(waiting.logs).toContain("no_capable_worker");
		expect(await replicate.predictions.cancel(waiting.id)).toMatchObject({ status: "canceled" });
		expect(await replicate.predictions.cancel(waiting.id)).toMatchObject({ status: "canceled" });
	});

	test("a stream ends with the pictures", async () => {
		const events: string[] = [];
		let output = "";
		for await (const { event, data } of replicate.stream("glassworks/embedded", { input })) {
			events.push(event);
			if (event === "output") output = data;
		}
		expect(events).toContain("logs");
		expect(events.slice(-2)).toEqual(["output", "done"]);
		expect((await fetch(output)).status).toBe(200);
	});

	test("files are uploaded by themselves and inside an input", async () => {
		const file = await replicate.files.create(new Blob([new Uint8Array(await red())], { type: "image/png" }), { from: "a test" });
		expect(file).toMatchObject({ content_type: "image/png", metadata: { from: "a test" } });
		expect(await replicate.files.get(file.id)).toMatchObject({ id: file.id });
		expect(await replicate.run("glassworks/embedded", { input: { ...input, image: file.urls.get } })).toHaveLength(1);
		const output = (await replicate.run("nightmareai/real-esrgan", {
			input: { image: new Blob([new Uint8Array(await red())]), content: "drawing" },
		})) as string[];
		const bytes = Buffer.from(await (await fetch(output[0] ?? "")).arrayBuffer());
		expect((await sharp(bytes).metadata()).width).toBe(256);
	});

	test("files are listed and deleted, by whose they are", async () => {
		const blob = new Blob([new Uint8Array(await red())], { type: "image/png" });
		const [first, second] = [await replicate.files.create(blob), await replicate.files.create(blob)];
		const listed = async (client: Replicate) => (await client.files.list()).results.map(({ id }) => id);
		expect((await listed(replicate)).slice(0, 2)).toEqual([second.id, first.id]);
		const other = clientFor((await running.createTenant("starter", { creditMicroUsd: 0 })).key);
		expect(await listed(other)).toEqual([]);
		for (const id of [first.id, "asset_never"]) {
			expect(await caught(other.files.get(id))).toMatchObject({ name: "ApiError", response: { status: 404 } });
			expect(await caught(other.files.delete(id))).toMatchObject({ name: "ApiError", response: { status: 404 } });
		}
		expect(await replicate.files.delete(first.id)).toBe(true);
		expect(await listed(replicate)).not.toContain(first.id);
		expect(await caught(replicate.files.get(first.id))).toMatchObject({ name: "ApiError", response: { status: 410 } });
		expect((await fetch(first.urls.get)).status).toBe(410);
		expect(await replicate.files.get(second.id)).toMatchObject({ id: second.id });
	});

	test("what there is nothing of here is an empty list, or refused with why", async () => {
		expect(await replicate.accounts.current()).toMatchObject({ type: "organization" });
		expect(await replicate.hardware.list()).toEqual([]);
		for (const list of [replicate.collections.list, replicate.deployments.list, replicate.trainings.list])
			expect(await list()).toMatchObject({ results: [], next: null });
		const refusals: [() => Promise<unknown>, string][] = [
			[() => replicate.models.create("me", "mine", { visibility: "private", hardware: "cpu" }), "operator"],
			[() => replicate.deployments.delete("me", "mine"), "operator"],
			[() => replicate.collections.get("super-resolution"), "GET /models"],
			[() => replicate.trainings.create("glassworks", "embedded", "embedded@1", { destination: "a/b", input: {} }), "/api/v1/trainings"],
			[() => replicate.trainings.get("x"), "/api/v1/trainings"],
		];
		for (const [ask, why] of refusals) {
			const refused = await caught(ask());
			expect(refused).toMatchObject({ name: "ApiError", response: { status: 404 } });
			expect(refused.message).toContain(why);
		}
	});

	test("a deployment is the model of that name", async () => {
		expect(await replicate.deployments.get("glassworks", "embedded")).toMatchObject({
			current_release: { model: "glassworks/embedded", version: "embedded@1" },
		});
		const made = await replicate.deployments.predictions.create("glassworks", "embedded", { input, wait: true });
		expect(made).toMatchObject({ status: "succeeded", output: [expect.stringMatching(/^http/)] });
	});

	test("models are ours and workflows", async () => {
		const { results } = await replicate.models.list();
		expect(results.map(({ name }) => name)).toEqual(expect.arrayContaining(["embedded", "portrait"]));
	});
});

describe("refusals are replicate's own errors", () => {
	test("a wrong key", async () => {
		const refused = await caught(clientFor("gw_wrongwrongwrongwrongwrong").run("glassworks/embedded", { input }));
		expect(refused).toMatchObject({ name: "ApiError", response: { status: 401 } });
	});

	test("an unknown model", async () => {
		const refused = await caught(replicate.run("someone/unknown", { input }));
		expect(refused).toMatchObject({ name: "ApiError", response: { status: 422 } });
		expect(refused.message).toContain("someone/unknown");
		expect(await caught(replicate.models.get("someone", "unknown"))).toMatchObject({ response: { status: 404 } });
	});

	test.each([
		["num_outputs", { num_outputs: 0 }],
		["width", { width: 9_999 }],
		["output_format", { output_format: "bmp" }],
		["image", { image: "ftp://example.com" }],
		["prompt", { prompt: "" }],
	])("a bad %s is named", async (field, wrong) => {
		const refused = await caught(replicate.predictions.create({ model: "glassworks/embedded", input: { ...input, ...wrong } }));
		expect(refused).toMatchObject({ name: "ApiError", response: { status: 422 } });
		expect(refused.message).toContain(field);
	});

	test("beyond the plan, no credit, another tenant's prediction", async () => {
		const made = await replicate.predictions.create({ model: "glassworks/embedded", input });
		const free = clientFor((await running.createTenant("free", { creditMicroUsd: 0 })).key);
		expect(await caught(free.run("black-forest-labs/flux-dev", { input }))).toMatchObject({ response: { status: 403 } });
		const many = { prompt: "a tree", width: 512, height: 512, num_outputs: 6 };
		expect(await caught(free.run("glassworks/sd15", { input: many }))).toMatchObject({ response: { status: 402 } });
		for (const id of [made.id, "job_never"]) {
			expect(await caught(free.predictions.get(id))).toMatchObject({ response: { status: 404 } });
			expect(await caught(free.predictions.cancel(id))).toMatchObject({ response: { status: 404 } });
		}
	});
});
