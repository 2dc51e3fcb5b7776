import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApp } from "../support/testApp.ts";
import { type Call, caller, download, finished } from "./call.ts";

let running: Awaited<ReturnType<typeof startTestApp>>;
let call: Call;
let image: { url: string; original_url: string; bytes: number };
let jobId: string;
beforeAll(async () => {
	running = await startTestApp();
	call = caller(running.url, running.ownerKey);
	const accepted = await call("POST", "/api/v1/generations", {
		body: { prompt: "a yellow star", steps: 2, width: 64, height: 64, seed: 1, format: "webp" },
	});
	const job = await finished(call, running.ownerKey, accepted.body);
	jobId = job.id;
	const made = job.images[0];
	image = { url: made?.url ?? "", original_url: made?.original_url ?? "", bytes: made?.bytes ?? 0 };
});
afterAll(() => running?.close());

const png = (width: number, height: number, color: string) =>
	sharp({ create: { width, height, channels: 3, background: color } })
		.png()
		.toBuffer();
const upload = async (bytes: Uint8Array, type = "image/png") =>
	call("POST", "/api/v1/assets", { raw: new Uint8Array(bytes), headers: { "content-type": type } });

test("a picture's link works without a key, in a browser and in a cache", async () => {
	const { status, headers, bytes } = await download(image.url);
	expect(status).toBe(200);
	expect(bytes.byteLength).toBe(image.bytes);
	expect(headers.get("content-type")).toBe("image/webp");
	expect(headers.get("content-disposition")).toBe(`inline; filename="glassworks-${jobId}-0.webp"`);
	expect(headers.get("cache-control")).toBe("private, no-cache");
	expect(headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
	expect(headers.get("x-content-type-options")).toBe("nosniff");
	const etag = headers.get("etag") ?? "";
	expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
	expect((await download(image.url, { "if-none-match": etag })).status).toBe(304);
	expect((await download(image.url, { "if-none-match": '"other"' })).status).toBe(200);
	expect((await call("GET", `/api/v1/jobs/${jobId}`)).body.images[0]?.url).toBe(image.url);
});

test("the picture before enhancement is kept and has its own link", async () => {
	const original = await download(image.original_url);
	expect(await sharp(original.bytes).metadata()).toMatchObject({ width: 64, height: 64 });
	expect(original.headers.get("content-disposition")).toContain("-original");
});

test("part of a picture can be asked for, and HEAD tells its size", async () => {
	const whole = (await download(image.url)).bytes;
	const middle = await download(image.url, { range: "bytes=10-19" });
	expect(middle.status).toBe(206);
	expect(middle.headers.get("content-range")).toBe(`bytes 10-19/${whole.byteLength}`);
	expect(middle.bytes).toEqual(whole.slice(10, 20));
	expect((await download(image.url, { range: "bytes=-5" })).bytes).toEqual(whole.slice(-5));
	expect((await download(image.url, { range: "bytes=0-1,4-5" })).bytes).toEqual(whole);
	expect((await download(image.url, { range: "bytes=0-1", "if-range": '"other"' })).bytes).toEqual(whole);
	const outside = await download(image.url, { range: `bytes=${whole.byteLength}-` });
	expect(outside.status).toBe(416);
	expect(outside.headers.get("content-range")).toBe(`bytes */${whole.byteLength}`);
	const head = await fetch(image.url, { method: "HEAD" });
	expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, String(whole.byteLength), ""]);
});

test("a link opens only what it was made for", async () => {
	const changed = (change: (url: URL) => void) => {
		const url = new URL(image.url);
		change(url);
		return download(url.href);
	};
	expect((await changed((url) => url.searchParams.set("variant", "original"))).status).toBe(403);
	expect((await changed((url) => url.searchParams.set("tenant", "someone"))).status).toBe(403);
	expect((await changed((url) => url.searchParams.set("expires", "99999999999"))).status).toBe(403);
	expect((await changed((url) => url.searchParams.delete("signature"))).status).toBe(401);
	expect((await changed((url) => (url.pathname = url.pathname.replace("/images/0", "/images/1")))).status).toBe(403);
});

test("an upload is checked, turned upright, stripped and kept", async () => {
	const photo = await sharp(await png(40, 20, "red"))
		.withExif({ IFD0: { Artist: "someone" } })
		.jpeg()
		.withMetadata({ orientation: 6 })
		.toBuffer();
	const { status, body, headers } = await upload(photo, "image/jpeg");
	expect(status).toBe(201);
	expect(body).toMatchObject({ width: 20, height: 40, media_type: "image/jpeg" });
	expect(headers.get("location")).toBe(`/api/v1/assets/${body.id}`);
	const kept = await download(body.url);
	expect((await sharp(kept.bytes).metadata()).exif).toBeUndefined();
	expect((await call("GET", `/api/v1/assets/${body.id}`)).body).toEqual(body);
});

test("an upload may come as a form", async () => {
	const form = new FormData();
	form.append("note", "ignored");
	form.append("file", new Blob([new Uint8Array(await png(32, 32, "blue"))], { type: "image/png" }), "a.png");
	const response = await fetch(`${running.url}/api/v1/assets`, {
		method: "POST",
		headers: { authorization: `Bearer ${running.ownerKey}` },
		body: form,
	});
	expect(response.status).toBe(201);
	expect(await response.json()).toMatchObject({ width: 32, height: 32, media_type: "image/png" });
});

test("what is no picture, or too large a one, is refused", async () => {
	expect((await upload(Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"))).body).toMatchObject({ code: "picture_unsupported" });
	expect((await upload((await png(64, 64, "red")).subarray(0, 60))).body.code).toMatch(/picture_(corrupt|unsupported)/);
	expect((await upload(new Uint8Array(0))).status).toBeGreaterThanOrEqual(400);
	expect((await upload(new Uint8Array(0))).status).toBeLessThan(500);
	expect((await upload(new Uint8Array(40_000_000))).body).toMatchObject({ status: 413 });
});

test("an uploaded picture with a mask is repainted where the mask is white and kept elsewhere", async () => {
	const picture = (await upload(await png(64, 64, "#3366cc"))).body;
	const half = await sharp(await png(64, 64, "black"))
		.composite([{ input: await png(32, 64, "white"), left: 0, top: 0 }])
		.png()
		.toBuffer();
	const mask = (await upload(half)).body;
	const asked = {
		prompt: "a red apple",
		steps: 2,
		seed: 3,
		upscale: false,
		restore_faces: false,
		image: { asset_id: picture.id },
		mask: { asset_id: mask.id },
	};
	const accepted = await call("POST", "/api/v1/generations", { body: asked });
	expect(accepted.body).toMatchObject({ workflow: "inpaint", request: { image: { width: 64, height: 64 } } });
	const job = await finished(call, running.ownerKey, accepted.body);
	expect(job.status).toBe("succeeded");
	const { data, info } = await sharp((await download(job.images[0]?.url ?? "")).bytes)
		.removeAlpha()
		.raw()
		.toBuffer({ resolveWithObject: true });
	expect([info.width, info.height]).toEqual([64, 64]);
	expect([...data.subarray((63 * 64 + 63) * 3, (63 * 64 + 63) * 3 + 3)]).toEqual([0x33, 0x66, 0xcc]);
});

test("a picture of an earlier job can be the start of the next", async () => {
	const accepted = await call("POST", "/api/v1/generations", {
		body: {
			prompt: "a star",
			steps: 2,
			width: 64,
			height: 64,
			strength: 0.5,
			image: { job_id: jobId },
			upscale: false,
			restore_faces: false,
		},
	});
	expect((await finished(call, running.ownerKey, accepted.body)).status).toBe("succeeded");
});

test("a picture that is not there is named by its field", async () => {
	const ask = async (image: object) => (await call("POST", "/api/v1/generations", { body: { prompt: "x", image } })).body;
	expect(await ask({ asset_id: "asset_none" })).toMatchObject({ code: "not_found", errors: [{ path: ["image", "asset_id"] }] });
	expect(await ask({ job_id: jobId, n: 9 })).toMatchObject({ code: "not_found", errors: [{ path: ["image", "job_id"] }] });
	expect(await ask({ url: "http://127.0.0.1:1/a.png" })).toMatchObject({ code: "url_blocked", errors: [{ path: ["image", "url"] }] });
	expect(await ask({ url: "file:///etc/passwd" })).toMatchObject({ status: 422 });
});
