import { fileURLToPath } from "node:url";
import { ApiError, createFalClient } from "@fal-ai/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
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

/** Calls a tool so often, one after another or all at once, and gives back what was told. */
async function callTools(plan: string, name: string, values: Record<string, unknown>, times: number, atOnce: boolean) {
	const { key } = await app.createTenant(plan, { creditMicroUsd: 0 });
	const client = new Client({ name: "test", version: "1" });
	const requestInit = { headers: { authorization: `Bearer ${key}` } };
	await client.connect(new StreamableHTTPClientTransport(new URL(`${app.url}/mcp`), { requestInit }) as never);
	const told = [];
	const call = () => client.callTool({ name, arguments: values });
	if (atOnce) told.push(...(await Promise.all(Array.from({ length: times }, call))));
	else for (let count = 0; count < times; count++) told.push(await call());
	await client.close();
	return told as { isError?: boolean; content: { text: string }[]; structuredContent: Record<string, unknown> }[];
}

test("MCP's tools that ask for pictures count as such, by the second and by the month, and say how long to wait", async () => {
	const draw = { prompt: "a tree", width: 64, height: 64, restore_faces: false, upscale: false, wait: false };
	const hasty = (await callTools("starter", "generate", draw, 20, true)).filter(({ isError }) => isError);
	expect(hasty.length).toBeGreaterThan(0);
	expect(hasty[0]?.structuredContent).toMatchObject({ code: "rate_limited", limit: "rate", retry_after_s: expect.any(Number) });
	expect(hasty[0]?.content[0]?.text).toContain("Wait");
	const workflow = { prompt: "a tree", wait: false };
	const monthly = await callTools(
		"free",
		"run_picture",
		{ ...workflow, width: 64, height: 64, upscale: false, restore_faces: false },
		6,
		false,
	);
	expect(monthly.map(({ isError }) => isError === true)).toEqual([false, false, false, false, false, true]);
	expect(monthly[5]?.structuredContent).toMatchObject({ code: "rate_limited", per: "month" });
	// Looking does not.
	const looked = await callTools("starter", "list_workflows", {}, 20, true);
	expect(looked.filter(({ isError }) => isError)).toEqual([]);
});

test("an account over its month's pictures is told so in each client's own error", async () => {
	const draw = { prompt: "a tree", width: 64, height: 64 };
	const { key } = await app.createTenant("free", { creditMicroUsd: 0 });
	const client = new OpenAI({ baseURL: `${app.url}/openai/v1`, apiKey: key, maxRetries: 0 });
	const replicate = new Replicate({ auth: key, baseUrl: `${app.url}/replicate/v1` });
	for (let count = 0; count < 5; count++) await replicate.predictions.create({ model: "glassworks/embedded", input: draw });
	const refused = await client.images.generate({ model: "embedded", prompt: "a tree", size: "64x64" as never }).catch((error) => error);
	expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
	expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
	expect(refused.message).toContain("month");
	const limited = (await replicate.predictions.create({ model: "glassworks/embedded", input: draw }).catch((error) => error)) as Error;
	expect(limited).toMatchObject({ name: "ApiError", response: { status: 429 } });
	expect(limited.message).toContain("month");
});
