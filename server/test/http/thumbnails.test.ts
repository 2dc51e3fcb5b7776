import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JobBody } from "../../src/contract/job.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { type Call, caller, download, finished } from "./call.ts";

let running: TestApp;
let call: Call;
let stranger: Call;
beforeAll(async () => {
	running = await startTestApp();
	call = caller(running.url, running.ownerKey);
	stranger = caller(running.url, (await running.createTenant("pro", { creditMicroUsd: 0 })).key);
});
afterAll(() => running?.close());

/** Detailed enough that its file is large. */
async function largePicture(): Promise<Uint8Array<ArrayBuffer>> {
	const noise = sharp({
		create: { width: 1024, height: 768, channels: 3, background: "#000", noise: { type: "gaussian", mean: 128, sigma: 60 } },
	});
	const enlarged = await sharp(await noise.png().toBuffer())
		.resize(4096, 3072)
		.jpeg({ quality: 95 })
		.toBuffer();
	return new Uint8Array(enlarged);
}
const stored = async (): Promise<{ pictures: number }> => {
	const { body } = await call("GET", "/api/v1/storage");
	return { pictures: Number((body.data[0] as unknown as { pictures: number } | undefined)?.pictures ?? 0) };
};

test("a large upload has a small WebP, which goes with it", async () => {
	const raw = await largePicture();
	const before = await stored();
	const made = await call("POST", "/api/v1/assets", { raw, headers: { "content-type": "image/jpeg" } });
	const { id, bytes, thumbnail_url: link } = made.body as unknown as { id: string; bytes: number; thumbnail_url: string };
	expect(bytes).toBeGreaterThan(1_000_000);
	const [small, again] = await Promise.all([download(link), download(link)]);
	expect(small.status).toBe(200);
	expect(small.headers.get("content-type")).toBe("image/webp");
	expect(small.headers.get("content-disposition")).toBe(`inline; filename="glassworks-${id}-thumbnail.webp"`);
	expect(small.bytes.byteLength).toBeLessThan(150_000);
	expect(await sharp(small.bytes).metadata()).toMatchObject({ format: "webp", width: 512, height: 384 });
	expect(again.bytes).toEqual(small.bytes);
	expect((await download(link, { "if-none-match": small.headers.get("etag") ?? "" })).status).toBe(304);
	expect((await download(link.replace("thumbnail", "original"))).status).toBeGreaterThanOrEqual(400);
	const path = `/api/v1/assets/${id}/content?variant=thumbnail`;
	expect((await call("GET", path)).status).toBe(200);
	expect((await stranger("GET", path)).status).toBe(404);
	expect((await stored()).pictures).toBe(before.pictures + 2);
	expect((await call("DELETE", `/api/v1/assets/${id}`)).body).toMatchObject({ bytes: "removed" });
	expect((await stored()).pictures).toBe(before.pictures);
	expect((await download(link)).status).toBe(410);
}, 60_000);

test("a finished picture has one wherever it is listed; another account gets none, and deleting the picture deletes it", async () => {
	const body = { prompt: "a yellow star", seed: 1, steps: 2, width: 64, height: 64, upscale: false, restore_faces: false };
	const accepted = await call("POST", "/api/v1/generations", { body });
	expect(accepted.body.images[0]).toMatchObject({ url: null, thumbnail_url: null });
	const job = (await finished(call, running.ownerKey, accepted.body)) as unknown as JobBody;
	const before = await stored();
	const link = job.images[0]?.thumbnail_url ?? "";
	expect(await sharp((await download(link)).bytes).metadata()).toMatchObject({ format: "webp", width: 64, height: 64 });
	expect((await call("GET", "/api/v1/images")).body.data[0]).toMatchObject({ job_id: job.id, thumbnail_url: link });
	const path = `/api/v1/jobs/${job.id}/images/0?variant=thumbnail`;
	expect((await stranger("GET", path)).status).toBe(404);
	expect((await download(link.replace(/tenant=[^&]*/, "tenant=other"))).status).toBe(403);
	expect((await download(link.replace("variant=thumbnail", "variant=result"))).status).toBe(403);
	expect((await stored()).pictures).toBe(before.pictures + 1);
	expect((await call("DELETE", `/api/v1/jobs/${job.id}/images/0`)).body).toMatchObject({ bytes: "removed" });
	expect((await stored()).pictures).toBeLessThan(before.pictures);
	expect((await download(link)).status).toBe(410);
	expect((await call("GET", path)).status).toBe(410);
});
