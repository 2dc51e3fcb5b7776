import { fileURLToPath } from "node:url";
import { ApiError, createFalClient } from "@fal-ai/client";
import OpenAI from "openai";
import Replicate from "replicate";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let app: TestApp;
beforeAll(async () => {
	const shipped = fileURLToPath(new URL("../../../glassworks.config.ts", import.meta.url));
	app = await startTestApp({ GLASSWORKS_CONFIG: shipped }, ["api"]);
});
afterAll(() => app?.close());

/** Asks twenty times at once, on a plan that allows three a second, and gives back what was refused so. */
async function hurry(ask: (key: string) => Promise<unknown>, isLimited: (error: unknown) => boolean): Promise<unknown[]> {
	const { key } = await app.createTenant("starter", { creditMicroUsd: 0 });
	const answers = await Promise.all(Array.from({ length: 20 }, () => ask(key).catch((error: unknown) => error)));
	return answers.filter(isLimited);
}

test("openai's clients are told how long to wait", async () => {
	const ask = (apiKey: string) =>
		new OpenAI({ baseURL: `${app.url}/openai/v1`, apiKey, maxRetries: 0 }).images.generate({ model: "none", prompt: "x" });
	const [limited] = (await hurry(ask, (error) => error instanceof OpenAI.RateLimitError)) as InstanceType<typeof OpenAI.RateLimitError>[];
	expect(limited).toMatchObject({ code: "rate_limit_exceeded", type: "rate_limit_error" });
	expect(Number(limited?.headers?.get("retry-after"))).toBeGreaterThan(0);
});

test("fal's clients are told how long to wait", async () => {
	const waits: (string | null)[] = [];
	const watched: typeof fetch = async (...asked) => {
		const answer = await fetch(...asked);
		if (answer.status === 429) waits.push(answer.headers.get("retry-after"));
		return answer;
	};
	const ask = (credentials: string) => {
		const proxyUrl = { url: `${app.url}/api/fal/proxy`, when: "always" as const };
		return createFalClient({ credentials, proxyUrl, fetch: watched }).run("no/such", { input: {} });
	};
	await hurry(ask, (error) => error instanceof ApiError);
	// It tries again by itself, by a clock of its own.
	expect(waits.length).toBeGreaterThan(0);
	expect(Number(waits[0])).toBeGreaterThan(0);
});

test("replicate's client, which tries again at once, is refused without work", async () => {
	const ask = (auth: string) =>
		new Replicate({ auth, baseUrl: `${app.url}/replicate/v1` }).predictions.create({ model: "no/such", input: {} });
	const isLimited = (error: unknown) => (error as { response?: Response }).response?.status === 429;
	const [limited] = (await hurry(ask, isLimited)) as { response: Response }[];
	expect(Number(limited?.response.headers.get("retry-after"))).toBeGreaterThan(0);
});
