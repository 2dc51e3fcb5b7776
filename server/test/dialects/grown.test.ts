import { fileURLToPath } from "node:url";
import { createFalClient } from "@fal-ai/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import OpenAI from "openai";
import Replicate from "replicate";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { poster } from "../workflows/ownSteps.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let app: TestApp;
let key: string;
let openai: OpenAI;
let replicate: Replicate;
let mcp: Client;
beforeAll(async () => {
	app = await startTestApp({ GLASSWORKS_CONFIG: fileURLToPath(new URL("grown.config.ts", import.meta.url)) }, ["api"]);
	({ key } = await app.createTenant("studio", { creditMicroUsd: 1_000_000 }));
	openai = new OpenAI({ baseURL: `${app.url}/openai/v1`, apiKey: key });
	replicate = new Replicate({ auth: key, baseUrl: `${app.url}/replicate/v1` });
	mcp = new Client({ name: "test", version: "1" });
	const requestInit = { headers: { authorization: `Bearer ${key}` } };
	await mcp.connect(new StreamableHTTPClientTransport(new URL(`${app.url}/mcp`), { requestInit }) as never);
});
afterAll(async () => {
	await mcp?.close();
	await app?.close();
});

async function checkpoints(): Promise<string[]> {
	const answer = await fetch(`${app.url}/sdapi/v1/sd-models`, { headers: { authorization: `Basic ${btoa(`any:${key}`)}` } });
	return ((await answer.json()) as { title: string }[]).map(({ title }) => title);
}
const openaiModels = async () => (await openai.models.list()).data.map(({ id }) => id);
const replicateModels = async () => (await replicate.models.list()).results.map(({ name }) => name);
async function tools() {
	const all = [];
	let cursor: string | undefined;
	do {
		const page = await mcp.listTools({ cursor });
		all.push(...page.tools);
		cursor = page.nextCursor;
	} while (cursor);
	return all;
}

test("a model that the operator's file names is there in every dialect, in its plan, by its own and by other worlds' names", async () => {
	expect(await openaiModels()).toEqual(expect.arrayContaining(["crayon", "gpt-image-9", "crayons/classic"]));
	expect(await replicateModels()).toContain("crayon");
	expect(await checkpoints()).toContain("crayon");
	const prediction = await replicate.predictions.create({ model: "crayons/classic", input: { prompt: "a tree" } });
	expect(prediction).toMatchObject({ status: "starting", model: "glassworks/crayon" });
	const fal = createFalClient({ credentials: key, proxyUrl: { url: `${app.url}/api/fal/proxy`, when: "always" } });
	const queued = await fal.queue.submit("crayons/classic" as string, { input: { prompt: "a tree" } });
	expect(queued).toMatchObject({
		status: "IN_QUEUE",
		glassworks: { quote: { lines: expect.arrayContaining([expect.objectContaining({ label: "Picture (crayon)" })]) } },
	});
	const made = await mcp.callTool({ name: "generate", arguments: { prompt: "a tree", model: "crayon", wait: false } });
	expect(made.structuredContent).toMatchObject({ status: "queued", model: "crayon" });
	const streamed = openai.images.generate({ model: "gpt-image-9", prompt: "a tree", stream: true });
	const { data, response } = await streamed.withResponse();
	const told = Object.fromEntries(response.headers);
	expect(told).toMatchObject({ "x-glassworks-status": "queued", "x-glassworks-reason": "no_capable_worker", "x-glassworks-price": "$0" });
	expect(JSON.parse(told["x-glassworks-price-lines"] ?? "")).toContainEqual(expect.objectContaining({ label: "Picture (crayon)" }));
	data.controller.abort();
	// What the plan does not name is not in it.
	const refused = await openai.images.generate({ model: "sdxl", prompt: "a tree" }).catch((error) => error);
	expect(refused).toBeInstanceOf(OpenAI.PermissionDeniedError);
});

test("workflows that an account saves are in every dialect's lists, however many there are", async () => {
	const slugs = Array.from({ length: 120 }, (_, at) => `poster-${at}`);
	const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
	const steps = poster.steps.map((step) => ({ ...step, ...(step.id === "draw" ? { model: { value: "crayon" } } : {}) }));
	for (const slug of slugs) {
		const body = JSON.stringify({ ...poster, slug, title: `Poster ${slug}`, steps });
		const saved = await fetch(`${app.url}/api/v1/workflows`, { method: "POST", headers, body });
		expect([saved.status, await saved.text()]).toEqual([201, expect.any(String)]);
	}
	expect(await openaiModels()).toEqual(expect.arrayContaining(slugs));
	expect(await replicateModels()).toEqual(expect.arrayContaining(slugs));
	expect(await checkpoints()).toEqual(expect.arrayContaining(slugs));
	const listed = await tools();
	expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(slugs.map((slug) => `run_${slug.replaceAll("-", "_")}`)));
	expect(new Set(listed.map(({ name }) => name)).size).toBe(listed.length);
	const oldest = await mcp.callTool({ name: "run_poster_0", arguments: { subject: "a tree", wait: false } });
	expect(oldest.structuredContent).toMatchObject({ status: "queued", workflow: "poster-0" });
	const { results } = await replicate.models.search("Poster poster-77");
	expect(results.map(({ name }) => name)).toEqual(["poster-77"]);
});

test("predictions are listed page by page, each once", async () => {
	const input = { prompt: "a tree" };
	const made = [];
	for (let count = 0; count < 105; count++) made.push((await replicate.predictions.create({ model: "crayons/classic", input })).id);
	const first = await replicate.predictions.list();
	expect(first.results).toHaveLength(100);
	const seen: string[] = [];
	for await (const page of replicate.paginate(replicate.predictions.list)) seen.push(...page.map(({ id }) => id));
	expect(seen).toEqual(expect.arrayContaining(made));
	expect(new Set(seen).size).toBe(seen.length);
});
