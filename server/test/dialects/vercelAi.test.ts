import { createFal } from "@ai-sdk/fal";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createReplicate } from "@ai-sdk/replicate";
import { APICallError, generateImage } from "ai";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";

// Real pictures on machines that others use too.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let running: TestApp;
beforeAll(async () => {
	running = await startTestApp();
});
afterAll(() => running?.close());

const providers = {
	openai: (apiKey: string, model: string) => createOpenAI({ baseURL: `${running.url}/openai/v1`, apiKey }).image(model),
	"openai-compatible": (apiKey: string, model: string) =>
		createOpenAICompatible({ name: "glassworks", baseURL: `${running.url}/openai/v1`, apiKey }).imageModel(model),
	fal: (apiKey: string, model: string) => createFal({ baseURL: `${running.url}/fal/run`, apiKey }).image(`glassworks/${model}`),
	replicate: (apiToken: string, model: string) =>
		createReplicate({ baseURL: `${running.url}/replicate/v1`, apiToken }).image(`glassworks/${model}`),
};

describe.each(Object.entries(providers))("ai with its provider %s", (name, provider) => {
	test("draws as many pictures as asked, of the size asked", async () => {
		const { images, responses } = await generateImage({
			...{ model: provider(running.ownerKey, "embedded"), prompt: "a red apple", n: 2, size: "64x64" as const },
		});
		expect(responses[0]?.headers).toMatchObject({ "x-glassworks-price": "$0", "x-glassworks-job": expect.stringMatching(/^job_/) });
		expect(images).toHaveLength(2);
		for (const image of images) expect(await sharp(Buffer.from(image.uint8Array)).metadata()).toMatchObject({ width: 64, height: 64 });
	});

	test("starts from a picture, and changes only what a mask says", async () => {
		const side = { width: 64, height: 64, channels: 3 } as const;
		const picture = await sharp({ create: { ...side, background: "#cc3020" } })
			.png()
			.toBuffer();
		const square = { create: { width: 32, height: 32, channels: 3, background: "#fff" } } as const;
		const white = sharp({ create: { ...side, background: "#000" } }).composite([{ input: square, left: 16, top: 16 }]);
		// OpenAI's masks are clear where others are white.
		const clear = sharp({ create: { ...side, background: "#000" } }).joinChannel(
			await sharp(await white.clone().png().toBuffer())
				.greyscale()
				.negate()
				.raw()
				.toBuffer(),
			{ raw: { width: 64, height: 64, channels: 1 } },
		);
		const mask = await (name.startsWith("openai") ? clear : white).png().toBuffer();
		const model = provider(running.ownerKey, "embedded");
		const over = await generateImage({ model, prompt: { text: "a leaf", images: [picture] }, size: "64x64" });
		expect(over.images).toHaveLength(1);
		const painted = await generateImage({ model, prompt: { text: "a leaf", images: [picture], mask } });
		const corner = await sharp(Buffer.from(painted.image.uint8Array))
			.extract({ left: 0, top: 0, width: 1, height: 1 })
			.removeAlpha()
			.raw()
			.toBuffer();
		expect([...corner]).toEqual([0xcc, 0x30, 0x20]);
	});

	test("tells what is wrong in an error of its own", async () => {
		const refused = await generateImage({
			...{ model: provider(running.ownerKey, "embedded"), prompt: "a red apple", size: "4000x64" as const, maxRetries: 0 },
		}).catch((error) => error);
		expect(APICallError.isInstance(refused)).toBe(true);
		expect(refused.message).toContain("64 to 512 px");
		const wrongKey = await generateImage({
			...{ model: provider("gw_wrongwrongwrongwrongwrong", "embedded"), prompt: "x", maxRetries: 0 },
		}).catch((error) => error);
		expect(wrongKey).toMatchObject({ statusCode: 401, isRetryable: false });
		expect(wrongKey.message).toContain("key");
	});
});
