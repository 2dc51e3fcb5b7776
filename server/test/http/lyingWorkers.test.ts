/** Workers of other machines that break the protocol or say what is not so. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WorkBody } from "../../src/contract/worker.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { type Call, caller, finished } from "./call.ts";

const capabilities = ["generate:sdxl"];
let app: TestApp;
let owner: Call;
let worker: Call;
beforeAll(async () => {
	app = await startTestApp();
	owner = caller(app.url, app.ownerKey);
	worker = caller(app.url, (await owner("POST", "/api/v1/workers", { body: { name: "liar", pools: ["gpu"] } })).body.token);
	const body = { capabilities, loadedModel: null, slots: 1 };
	expect((await worker("POST", "/api/worker/v1/hello", { body })).status).toBe(200);
});
afterAll(() => app?.close());

async function claimed() {
	const asked = { prompt: "a red cube", model: "sdxl", upscale: false, restore_faces: false };
	const job = (await owner("POST", "/api/v1/generations", { body: asked })).body;
	const body = { pool: "gpu", capabilities, loadedModel: null, slots: 1, waitMs: 10_000 };
	const { tasks } = (await worker("POST", "/api/worker/v1/claims", { body })).body as unknown as { tasks: WorkBody[] };
	const [work] = tasks;
	if (!work) throw new Error("there is nothing to claim");
	const { attempt } = work;
	return { job, attempt, finish: (body: object) => worker("POST", `/api/worker/v1/tasks/${work.taskId}/finish`, { body }) };
}

test("a time beyond all reason is refused by its field", async () => {
	const { job, attempt, finish } = await claimed();
	const answer = await finish({ kind: "succeeded", attempt, outputs: {}, data: {}, ms: 1e300 });
	expect(answer.body).toMatchObject({ code: "invalid_request", errors: [{ path: ["ms"] }] });
	await owner("POST", `/api/v1/jobs/${job.id}/cancel`);
});

test.each([
	'Traceback (most recent call last):\n  File "execution.py", line 3',
	"cannot open /home/ann/ComfyUI/models/x.safetensors",
	"C:\\ComfyUI\\models is full",
])("a tenant is not shown what a worker's machine looks like: %s", async (message) => {
	const { job, attempt, finish } = await claimed();
	expect((await finish({ kind: "failed", attempt, code: "engine_invalid", message, retryable: false })).status).toBe(204);
	const { images } = await finished(owner, app.ownerKey, job);
	expect(images[0]?.error).toMatchObject({ code: "engine_invalid", message: "The worker gave no reason that can be shown." });
});

test("a plain reason is told as it is", async () => {
	const { job, attempt, finish } = await claimed();
	const message = "sdxl takes 512 to 2048 px per side and/or a mask.";
	expect((await finish({ kind: "failed", attempt, code: "engine_invalid", message, retryable: false })).status).toBe(204);
	expect((await finished(owner, app.ownerKey, job)).images[0]?.error).toMatchObject({ message });
});
