import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { type Answer, type Call, caller, finished, uploadPicture } from "./call.ts";

let running: TestApp;
let call: Call;
beforeAll(async () => {
	running = await startTestApp();
	call = caller(running.url, running.ownerKey);
});
afterAll(() => running?.close());

const picture = () =>
	sharp({ create: { width: 64, height: 48, channels: 3, background: "#4080c0" } })
		.png()
		.toBuffer();
const small = { steps: 2, width: 64, height: 64, upscale: false, restore_faces: false };
const later = () => ({ run_after: new Date(Date.now() + 3_600_000).toISOString() });
/** A job that is to begin in an hour and was cancelled before. */
async function cancelled(path: string, body: object): Promise<Answer["body"]> {
	const accepted = await call("POST", path, { body: { ...body, ...later() } });
	expect(accepted.status, accepted.text).toBe(202);
	expect((await call("POST", `/api/v1/jobs/${accepted.body.id}/retry`)).body.code).toBe("job_not_ended");
	await call("POST", `/api/v1/jobs/${accepted.body.id}/cancel`);
	return accepted.body;
}
const retry = (id: string, headers: Record<string, string> = {}) => call("POST", `/api/v1/jobs/${id}/retry`, { headers });

test("a cancelled job is made after all, with its seeds and metadata, once for each key", async () => {
	const first = await cancelled("/api/v1/generations", { ...small, prompt: "a red apple", count: 2, seed: 40, metadata: { order: "7" } });
	const again = await retry(first.id, { "idempotency-key": "once" });
	expect(again.status, again.text).toBe(202);
	expect(again.headers.get("location")).toBe(`/api/v1/jobs/${again.body.id}`);
	expect(again.body).toMatchObject({ run_after: null, metadata: { order: "7" }, request: { prompt: "a red apple", seed: 40, count: 2 } });
	const repeated = await retry(first.id, { "idempotency-key": "once" });
	expect(repeated.headers.get("idempotency-replayed")).toBe("true");
	expect(repeated.text).toBe(again.text);
	const made = await finished(call, running.ownerKey, again.body);
	expect(made).toMatchObject({ status: "succeeded", images: [{ seed: 40 }, { seed: 41 }] });
	expect((await retry(made.id)).body).toMatchObject({ status: 409, code: "nothing_to_retry" });
});

test("an edit, a run of a workflow and a picture made from another are asked for again with their pictures", async () => {
	const image = await uploadPicture(call, await picture());
	const mask = {
		polygons: [
			[
				[0.2, 0.2],
				[0.6, 0.2],
				[0.6, 0.6],
			],
		],
	};
	const bodies: [string, object][] = [
		["/api/v1/edits", { operation: "remove", image, mask }],
		["/api/v1/workflows/upscale/runs", { inputs: { image } }],
		["/api/v1/workflows/outpaint/runs", { inputs: { image, left: 16 } }],
		["/api/v1/generations", { ...small, prompt: "a red apple", image, strength: 0.6 }],
	];
	for (const [path, body] of bodies) {
		const first = await cancelled(path, body);
		const again = await retry(first.id);
		expect(again.status, `${path}: ${again.text}`).toBe(202);
		expect({ ...again.body, request: null }).toMatchObject({ workflow: (first as unknown as { workflow: string }).workflow });
		expect(await finished(call, running.ownerKey, again.body), path).toMatchObject({ status: "succeeded" });
	}
}, 60_000);

test("what was made from a picture that is gone is refused, saying so", async () => {
	const image = await uploadPicture(
		call,
		await sharp(await picture())
			.negate()
			.png()
			.toBuffer(),
	);
	const first = await cancelled("/api/v1/generations", { ...small, prompt: "a red apple", image });
	await call("DELETE", `/api/v1/assets/${image.asset_id}`);
	expect((await call("DELETE", `/api/v1/jobs/${first.id}/images/0`)).body).toMatchObject({ bytes: "removed" });
	expect((await retry(first.id)).body).toMatchObject({ status: 410, code: "picture_deleted" });
	await call("DELETE", `/api/v1/jobs/${first.id}`);
	expect((await retry(first.id)).body).toMatchObject({ code: "job_deleted" });
});

test("another account asks for nothing of it again", async () => {
	const first = await cancelled("/api/v1/generations", { ...small, prompt: "a red apple" });
	const stranger = caller(running.url, (await running.createTenant("pro", { creditMicroUsd: 1_000_000 })).key);
	expect((await stranger("POST", `/api/v1/jobs/${first.id}/retry`)).status).toBe(404);
});
