import OpenAI, { toFile } from "openai";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";

// Real pictures on machines that others use too.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let running: TestApp;
let client: OpenAI;
let photo: File;
let mask: File;
beforeAll(async () => {
	running = await startTestApp();
	client = clientFor(running.ownerKey);
	const red = { create: { width: 96, height: 64, channels: 3, background: "#cc3020" } } as const;
	photo = await toFile(await sharp(red).png().toBuffer(), "photo.png", { type: "image/png" });
	mask = await toFile(await maskWithHole(), "mask.png", { type: "image/png" });
});
afterAll(() => running?.close());

function clientFor(apiKey: string, baseURL = `${running.url}/openai/v1`): OpenAI {
	return new OpenAI({ baseURL, apiKey });
}

/** As OpenAI has it: clear where the picture is to be drawn anew. */
async function maskWithHole(): Promise<Buffer> {
	const pixels = Buffer.alloc(96 * 64 * 4, 255);
	for (let y = 16; y < 48; y++) for (let x = 32; x < 64; x++) pixels[(y * 96 + x) * 4 + 3] = 0;
	return sharp(pixels, { raw: { width: 96, height: 64, channels: 4 } })
		.png()
		.toBuffer();
}

const bytesOf = (image: { b64_json?: string } | undefined) => Buffer.from(image?.b64_json ?? "", "base64");

describe("openai for JavaScript", () => {
	test("two pictures of a size come as base64, with what they cost in headers", async () => {
		const asked = client.images.generate({ model: "gpt-image-1", prompt: "a red apple", n: 2, size: "96x64" as never });
		const { data, response } = await asked.withResponse();
		expect(data.data).toHaveLength(2);
		const [first, second] = (data.data ?? []).map(bytesOf);
		expect(first?.equals(second ?? Buffer.alloc(0))).toBe(false);
		expect(await sharp(first).metadata()).toMatchObject({ format: "png", width: 96, height: 64 });
		expect(data).toMatchObject({ size: "96x64", output_format: "png", background: "opaque", usage: { total_tokens: 0 } });
		expect(Math.abs(data.created - Date.now() / 1_000)).toBeLessThan(300);
		expect(response.headers.get("x-glassworks-price")).toBe("$0");
		expect(JSON.parse(response.headers.get("x-glassworks-price-lines") ?? "")).toContainEqual(
			expect.objectContaining({ step: "generate" }),
		);
		expect(response.headers.get("x-glassworks-job")).toMatch(/^job_/);
	});

	test.each(["jpeg", "webp"] as const)("a picture comes as %s, or as an address that needs no key", async (format) => {
		const answer = await client.images.generate({
			...{ model: "embedded", prompt: "a tree", size: "64x64" as never, response_format: "url" as const },
			...{ output_format: format, output_compression: 60 },
		});
		const bytes = Buffer.from(await (await fetch(answer.data?.[0]?.url ?? "")).arrayBuffer());
		expect((await sharp(bytes).metadata()).format).toBe(format);
		expect(answer.output_format).toBe(format);
	});

	test("an edit changes what is clear in the mask and nothing else", async () => {
		const answer = await client.images.edit({ model: "dall-e-2", image: photo, mask, prompt: "a green leaf" });
		const edited = await sharp(bytesOf(answer.data?.[0])).removeAlpha().raw().toBuffer({ resolveWithObject: true });
		expect(edited.info).toMatchObject({ width: 96, height: 64 });
		const at = (x: number, y: number) => [...edited.data.subarray((y * 96 + x) * 3, (y * 96 + x) * 3 + 3)];
		expect(at(2, 2)).toEqual([0xcc, 0x30, 0x20]);
		expect(at(48, 32)).not.toEqual([0xcc, 0x30, 0x20]);
	});

	test("an edit without a mask draws over the picture, in its size", async () => {
		const answer = await client.images.edit({ model: "gpt-image-1", image: [photo], prompt: "a red apple" });
		expect(await sharp(bytesOf(answer.data?.[0])).metadata()).toMatchObject({ width: 96, height: 64 });
	});

	test("variations of a picture differ from it and from each other", async () => {
		const answer = await client.images.createVariation({ image: photo, n: 2, size: "64x64" as never });
		const [first, second] = (answer.data ?? []).map(bytesOf);
		expect(first?.equals(second ?? Buffer.alloc(0))).toBe(false);
		expect(await sharp(first).metadata()).toMatchObject({ width: 64, height: 64 });
	});

	test("a stream shows the picture as it comes into being: each partial differs from the others and from the last", async () => {
		const stream = await client.images.generate({
			...{ model: "embedded", prompt: "a blue fish", size: "256x256" as never, stream: true as const, partial_images: 2 },
			...({ glassworks: { steps: 40 } } as object),
		});
		const pictures: Buffer[] = [];
		const types: string[] = [];
		for await (const event of stream) {
			types.push(event.type);
			if (event.type === "image_generation.partial_image") expect(event.partial_image_index).toBe(pictures.length);
			pictures.push(bytesOf(event));
			expect((await sharp(pictures.at(-1)).metadata()).width).toBeGreaterThan(0);
		}
		expect(types.at(-1)).toBe("image_generation.completed");
		expect(types.length).toBeGreaterThanOrEqual(2);
		expect(types.length).toBeLessThanOrEqual(3);
		expect(new Set(pictures.map((bytes) => bytes.toString("base64"))).size).toBe(pictures.length);
		expect((await sharp(pictures.at(-1)).metadata()).width).toBe(256);
	});

	test("an edit streams too", async () => {
		const stream = await client.images.edit({ model: "embedded", image: photo, mask, prompt: "a leaf", stream: true, partial_images: 1 });
		const types: string[] = [];
		for await (const { type } of stream) types.push(type);
		expect(types.at(-1)).toBe("image_edit.completed");
	});

	test("models are ours, the operator's names for other worlds, and workflows", async () => {
		const names: string[] = [];
		for await (const { id } of client.models.list()) names.push(id);
		expect(names).toEqual(expect.arrayContaining(["embedded", "gpt-image-1", "dall-e-3", "portrait"]));
		expect((await client.models.retrieve("fal-ai/flux/dev")).id).toBe("fal-ai/flux/dev");
	});

	test("a workflow is asked for like a model", async () => {
		const answer = await client.images.generate({ model: "portrait", prompt: "a cat", size: "64x64" as never });
		expect(await sharp(bytesOf(answer.data?.[0])).metadata()).toMatchObject({ width: 64, height: 64 });
	});

	test("the same Idempotency-Key gets the same job's picture", async () => {
		const ask = () =>
			client.images
				.generate({ model: "embedded", prompt: "a hat", size: "64x64" as never }, { headers: { "idempotency-key": "openai-once" } })
				.withResponse();
		const [first, second] = [await ask(), await ask()];
		expect(second.response.headers.get("x-glassworks-job")).toBe(first.response.headers.get("x-glassworks-job"));
	});
});

describe("refusals are openai's own errors", () => {
	const draw = { model: "embedded", prompt: "a tree", size: "64x64" as never };

	test("a wrong key", async () => {
		const refused = await clientFor("gw_wrongwrongwrongwrongwrong")
			.images.generate(draw)
			.catch((error) => error);
		expect(refused).toBeInstanceOf(OpenAI.AuthenticationError);
		expect(refused).toMatchObject({ status: 401, code: "invalid_api_key" });
		expect(refused.requestID).toEqual(expect.any(String));
	});

	test("an unknown model", async () => {
		const refused = await client.images.generate({ ...draw, model: "no/such" }).catch((error) => error);
		expect(refused).toBeInstanceOf(OpenAI.NotFoundError);
		expect(refused).toMatchObject({ code: "model_not_found", param: "model" });
		expect(refused.message).toContain("embedded");
		await expect(client.models.retrieve("nothing")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
	});

	test.each([
		["n", { n: 11 }],
		["size", { size: "big" as never }],
		["size", { size: "4000x64" as never }],
		["output_format", { output_format: "gif" as never }],
		["background", { background: "transparent" as const }],
		["prompt", { prompt: "" }],
		["response_format", { response_format: "bmp" as never }],
	])("a bad %s is named", async (param, wrong) => {
		const refused = await client.images.generate({ ...draw, ...wrong }).catch((error) => error);
		expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
		expect(refused).toMatchObject({ status: 400, type: "invalid_request_error", param });
		expect(refused.message).toContain(param);
	});

	test("a mask that is clear nowhere", async () => {
		const image = { create: { width: 96, height: 64, channels: 3, background: "#fff" } } as const;
		const opaque = await toFile(await sharp(image).png().toBuffer(), "mask.png", { type: "image/png" });
		const refused = await client.images.edit({ model: "dall-e-2", image: photo, mask: opaque, prompt: "x" }).catch((error) => error);
		expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
		expect(refused).toMatchObject({ param: "mask", message: expect.stringContaining("clear") });
	});

	test("a picture that is none", async () => {
		const image = await toFile(Buffer.from("not a picture"), "photo.png");
		const refused = await client.images.edit({ image, prompt: "x" }).catch((error) => error);
		expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
		expect(refused).toMatchObject({ param: "image", code: "picture_unsupported" });
	});

	test("a model and a size beyond the plan, and no credit left", async () => {
		const { key } = await running.createTenant("free", { creditMicroUsd: 0 });
		const free = clientFor(key);
		const over = await free.images.generate({ ...draw, model: "flux" }).catch((error) => error);
		expect(over).toBeInstanceOf(OpenAI.PermissionDeniedError);
		expect(over).toMatchObject({ code: "model_not_in_plan" });
		const large = await free.images.generate({ ...draw, model: "sd15", size: "768x768" as never }).catch((error) => error);
		expect(large).toBeInstanceOf(OpenAI.BadRequestError);
		expect(large).toMatchObject({ code: "size_over_plan", param: "size" });
		const poor = await free.images.generate({ ...draw, model: "sd15", size: "512x512", n: 6 }).catch((error) => error);
		expect(poor).toBeInstanceOf(OpenAI.RateLimitError);
		expect(poor).toMatchObject({ status: 429, code: "insufficient_quota" });
		// Asked once: paying does not come by waiting.
		expect(poor.headers.get("x-should-retry")).toBe("false");
	});

	test("a job that was cancelled is no conflict", async () => {
		const asked = client.images.generate({ model: "flux", prompt: "a tree" }).catch((error) => error);
		const jobs = () => fetch(`${running.url}/api/v1/jobs?status=queued`, { headers: { authorization: `Bearer ${running.ownerKey}` } });
		let id: string | undefined;
		while (!id)
			id = ((await (await jobs()).json()) as { data: { id: string; model: string }[] }).data.find(({ model }) => model === "flux")?.id;
		await fetch(`${running.url}/api/v1/jobs/${id}/cancel`, { method: "POST", headers: { authorization: `Key ${running.ownerKey}` } });
		const refused = await asked;
		expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
		expect(refused).toMatchObject({ code: "cancelled" });
	});

	test("a client that hangs up has its job stopped", async () => {
		const leaving = new AbortController();
		const asked = client.images.generate({ model: "flux", prompt: "nobody waits" }, { signal: leaving.signal }).catch((error) => error);
		const jobs = async (status: string) => {
			const answer = await fetch(`${running.url}/api/v1/jobs?status=${status}`, {
				headers: { authorization: `Bearer ${running.ownerKey}` },
			});
			return ((await answer.json()) as { data: { request: { prompt: string } }[] }).data.filter(
				({ request }) => request.prompt === "nobody waits",
			);
		};
		while ((await jobs("queued")).length === 0);
		leaving.abort();
		expect(await asked).toBeInstanceOf(OpenAI.APIUserAbortError);
		while ((await jobs("cancelled")).length === 0);
	});

	test("a server that is away", async () => {
		const refused = await new OpenAI({ baseURL: "http://127.0.0.1:9/openai/v1", apiKey: "x", maxRetries: 0 }).images
			.generate(draw)
			.catch((error) => error);
		expect(refused).toBeInstanceOf(OpenAI.APIConnectionError);
	});

	test("an address that is none", async () => {
		await expect(client.get("/chat/completions")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
	});
});
