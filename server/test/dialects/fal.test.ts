import { ApiError, createFalClient, type QueueStatus, ValidationError } from "@fal-ai/client";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";

// Real pictures on machines that others use too.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

type Client = ReturnType<typeof createFalClient>;
interface Result {
	images: { url: string; width: number; height: number; content_type: string }[];
	seed: number;
}
interface Glassworks {
	waiting: { place: number | null; reason: { code: string } | null } | null;
	quote: { lines: { step: string }[] };
}

let running: TestApp;
let fal: Client;
beforeAll(async () => {
	running = await startTestApp();
	fal = clientFor(running.ownerKey);
});
afterAll(() => running?.close());

function clientFor(credentials: string): Client {
	return createFalClient({ credentials, proxyUrl: { url: `${running.url}/api/fal/proxy`, when: "always" } });
}

const small = { prompt: "a red apple", image_size: { width: 64, height: 64 }, num_inference_steps: 2 };
const red = () =>
	sharp({ create: { width: 64, height: 64, channels: 3, background: "#cc3020" } })
		.png()
		.toBuffer();

describe("@fal-ai/client", () => {
	test("run gives pictures at addresses that need no key", async () => {
		const { data, requestId } = await fal.run("glassworks/embedded", { input: { ...small, num_images: 2, output_format: "jpeg" } });
		const { images, seed } = data as Result;
		expect(images).toHaveLength(2);
		expect(requestId).toMatch(/^job_/);
		expect(seed).toEqual(expect.any(Number));
		expect(images[0]).toMatchObject({ width: 64, height: 64, content_type: "image/jpeg" });
		const bytes = Buffer.from(await (await fetch(images[0]?.url ?? "")).arrayBuffer());
		expect((await sharp(bytes).metadata()).format).toBe("jpeg");
	});

	test("run gives the pictures themselves in sync mode", async () => {
		const { data } = await fal.run("glassworks/embedded", { input: { ...small, sync_mode: true } });
		expect((data as Result).images[0]?.url).toMatch(/^data:image\/png;base64,/);
	});

	test("subscribe tells the place in the queue, the price and what happens, and gives the result", async () => {
		const updates: QueueStatus[] = [];
		const blocker = fal.queue.submit("glassworks/embedded", { input: { ...small, num_inference_steps: 50, image_size: "square" } });
		await blocker;
		const { data } = await fal.subscribe("glassworks/embedded", {
			...{ input: small, logs: true, pollInterval: 100 },
			onQueueUpdate: (update) => updates.push(update),
		});
		expect((data as Result).images).toHaveLength(1);
		const queued = updates.find((update) => update.status === "IN_QUEUE");
		expect(queued).toMatchObject({ queue_position: expect.any(Number) });
		const { waiting, quote } = (queued as unknown as { glassworks: Glassworks }).glassworks;
		expect(waiting).toMatchObject({ place: expect.any(Number), reason: { code: expect.any(String) }, eta: { p50_ms: expect.any(Number) } });
		expect(JSON.stringify(updates)).toMatch(/Place \d+ in line; why: [^"]*; ready in/);
		expect(quote.lines).toContainEqual(expect.objectContaining({ step: "generate" }));
		const last = updates.at(-1) as QueueStatus & { logs: { message: string }[]; metrics: { inference_time: number } };
		expect(last.status).toBe("COMPLETED");
		expect(last.metrics.inference_time).toBeGreaterThan(0);
		const messages = last.logs.map(({ message }) => message);
		expect(messages).toEqual(expect.arrayContaining(["Price: $0", "Started", expect.stringContaining("Finished generate")]));
	});

	test("subscribe by stream tells the same, each log once", async () => {
		const updates: QueueStatus[] = [];
		const { data } = await fal.subscribe("glassworks/embedded", {
			...{ input: small, logs: true, mode: "streaming" as const },
			onQueueUpdate: (update) => updates.push(update),
		});
		expect((data as Result).images).toHaveLength(1);
		const last = updates.at(-1) as QueueStatus & { logs: { message: string }[] };
		expect(last.status).toBe("COMPLETED");
		const messages = last.logs.map(({ message }) => message);
		expect(messages.filter((message) => message === "Started")).toHaveLength(1);
		expect(messages).toContain("Price: $0");
	});

	test("a stream of the endpoint shows the work as it is and ends with the result", async () => {
		const stream = await fal.stream("glassworks/embedded", {
			input: { ...small, num_inference_steps: 30, image_size: { width: 256, height: 256 } },
		});
		const seen: { progress?: number; partial?: boolean; images?: { url: string }[] }[] = [];
		for await (const each of stream) seen.push(each);
		expect(seen.some(({ progress }) => progress !== undefined)).toBe(true);
		expect(seen.some(({ partial }) => partial)).toBe(true);
		expect(((await stream.done()) as Result).images[0]?.url).toMatch(/^http/);
	});

	test("a request that was cancelled has no result", async () => {
		const { request_id: requestId } = await fal.queue.submit("fal-ai/flux/dev", { input: { prompt: "a tree" } });
		const before = await fal.queue.status("fal-ai/flux/dev", { requestId, logs: true });
		expect(before).toMatchObject({ status: "IN_QUEUE", glassworks: { waiting: { reason: { code: "no_capable_worker" } } } });
		await fal.queue.cancel("fal-ai/flux/dev", { requestId });
		expect(await fal.queue.status("fal-ai/flux/dev", { requestId })).toMatchObject({ status: "COMPLETED", error: expect.any(String) });
		const refused = await fal.queue.result("fal-ai/flux/dev", { requestId }).catch((error) => error);
		expect(refused).toBeInstanceOf(ApiError);
		expect(refused).toMatchObject({ status: 400, body: { error_type: "cancelled" } });
		await expect(fal.queue.cancel("fal-ai/flux/dev", { requestId })).rejects.toMatchObject({ status: 400 });
	});

	test("a client that waited long enough stops its request", async () => {
		const asked = fal.subscribe("fal-ai/flux/dev", { input: { prompt: "a tree" }, timeout: 500, pollInterval: 100 });
		await expect(asked).rejects.toThrow("timed out");
		const late = await fal.run("fal-ai/flux/dev", { input: { prompt: "a tree" }, startTimeout: 1.5 }).catch((error) => error);
		expect(late).toMatchObject({ status: 504, isUserTimeout: true });
	});

	test("an upload is a picture to start from, by address and by itself", async () => {
		const url = await fal.storage.upload(new File([new Uint8Array(await red())], "red.png", { type: "image/png" }));
		expect((await sharp(Buffer.from(await (await fetch(url)).arrayBuffer())).metadata()).width).toBe(64);
		const byAddress = await fal.run("glassworks/embedded", { input: { ...small, image_url: url, strength: 0.5 } });
		expect((byAddress.data as Result).images).toHaveLength(1);
		const mask = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#000" } })
			.composite([{ input: { create: { width: 32, height: 32, channels: 3, background: "#fff" } }, left: 16, top: 16 }])
			.png()
			.toBuffer();
		const masked = await fal.run("glassworks/embedded", {
			input: {
				...small,
				image_url: new Blob([new Uint8Array(await red())], { type: "image/png" }),
				mask_url: `data:image/png;base64,${mask.toString("base64")}`,
			},
		});
		const bytes = Buffer.from(await (await fetch((masked.data as Result).images[0]?.url ?? "")).arrayBuffer());
		const corner = await sharp(bytes).extract({ left: 0, top: 0, width: 1, height: 1 }).removeAlpha().raw().toBuffer();
		expect([...corner]).toEqual([0xcc, 0x30, 0x20]);
	});

	test("a workflow runs with its own fields", async () => {
		const { data } = await fal.subscribe("fal-ai/esrgan", {
			input: { image_url: new Blob([new Uint8Array(await red())], { type: "image/png" }), content: "drawing" } as object as {
				image_url: string;
			},
		});
		expect((data as unknown as { image: { width: number } }).image.width).toBe(256);
	});
});

describe("refusals are fal's own errors", () => {
	const caught = async (asked: Promise<unknown>) =>
		asked.then(
			() => null,
			(error: unknown) => error,
		) as Promise<ApiError<{ detail: unknown; error_type: string }>>;

	test("a wrong key, and none", async () => {
		const refused = await caught(clientFor("gw_wrongwrongwrongwrongwrong").run("glassworks/embedded", { input: small }));
		expect(refused).toBeInstanceOf(ApiError);
		expect(refused).toMatchObject({ status: 401, body: { error_type: "unauthenticated" } });
		expect(refused.message).toContain("key");
	});

	test("an unknown endpoint", async () => {
		const refused = await caught(fal.run("someone/unknown" as string, { input: small }));
		expect(refused).toBeInstanceOf(ValidationError);
		expect(refused.message).toContain("someone/unknown");
	});

	test.each([
		["image_size", { image_size: "huge" }],
		["image_size", { image_size: { width: 5_000, height: 64 } }],
		["num_images", { num_images: 0 }],
		["num_inference_steps", { num_inference_steps: 1_000 }],
		["prompt", { prompt: "" }],
		["image_url", { image_url: "ftp://example.com/a.png" }],
		["image_url", { image_url: "data:image/png;base64,bm90IGEgcGljdHVyZQ==" }],
	])("a bad %s is named", async (field, wrong) => {
		const refused = await caught(
			fal.queue.submit("glassworks/embedded", { input: { ...small, ...wrong } as object as { prompt: string } }),
		);
		expect(refused).toBeInstanceOf(ValidationError);
		expect((refused as unknown as ValidationError).fieldErrors.flatMap(({ loc }) => loc)).toContain(field);
		expect(refused.message).toContain(field);
	});

	test("beyond the plan, and no credit left", async () => {
		const { key } = await running.createTenant("free", { creditMicroUsd: 0 });
		const free = clientFor(key);
		expect(await caught(free.run("fal-ai/flux/dev", { input: small }))).toMatchObject({
			status: 403,
			body: { error_type: "model_not_in_plan" },
		});
		const poor = await caught(
			free.run("glassworks/sd15", { input: { ...small, image_size: "square", num_images: 6, num_inference_steps: 20 } as never }),
		);
		expect(poor).toBeInstanceOf(ApiError);
		expect(poor).toMatchObject({ status: 402, body: { error_type: "insufficient_credit" } });
	});

	test("another tenant's request and picture, and one that never was", async () => {
		const { request_id: requestId } = await fal.queue.submit("glassworks/embedded", { input: small });
		const url = await fal.storage.upload(new Blob([new Uint8Array(await red())], { type: "image/png" }));
		const other = clientFor((await running.createTenant("starter", { creditMicroUsd: 0 })).key);
		for (const id of [requestId, "job_never"]) {
			expect(await caught(other.queue.status("glassworks/embedded", { requestId: id }))).toMatchObject({ status: 404 });
			expect(await caught(other.queue.result("glassworks/embedded", { requestId: id }))).toMatchObject({ status: 404 });
			expect(await caught(other.queue.cancel("glassworks/embedded", { requestId: id }))).toMatchObject({ status: 404 });
		}
		expect(
			await caught(other.run("glassworks/embedded", { input: { ...small, image_url: url } as object as { prompt: string } })),
		).toMatchObject({ status: 404 });
	});

	test("an upload that is no picture, or is too large", async () => {
		expect(await caught(fal.storage.upload(new Blob(["not a picture"], { type: "image/png" })))).toMatchObject({ status: 422 });
		const large = new Blob([new Uint8Array(91 * 1_048_576)], { type: "image/png" });
		expect(await caught(fal.storage.upload(large))).toMatchObject({ status: 413 });
	});

	test("the proxy takes nothing but fal's hosts", async () => {
		const answer = await fetch(`${running.url}/api/fal/proxy`, {
			method: "POST",
			headers: { authorization: `Key ${running.ownerKey}`, "x-fal-target-url": "https://example.com/x" },
		});
		expect(answer.status).toBe(422);
		expect(await answer.json()).toMatchObject({ message: expect.stringContaining("x-fal-target-url") });
	});
});
