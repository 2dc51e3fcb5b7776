import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport, StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";

// Real pictures on machines that others use too.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let running: TestApp;
let client: Client;
beforeAll(async () => {
	running = await startTestApp();
	client = await connect({ authorization: `Bearer ${running.ownerKey}` });
});
afterAll(async () => {
	await client?.close();
	await running?.close();
});

async function connect(headers: Record<string, string>): Promise<Client> {
	const connected = new Client({ name: "test", version: "1" });
	await connected.connect(new StreamableHTTPClientTransport(new URL(`${running.url}/mcp`), { requestInit: { headers } }) as never);
	return connected;
}

interface Told {
	isError?: boolean;
	content: { type: string; text?: string; data?: string; mimeType?: string; uri?: string }[];
	structuredContent: {
		id: string;
		status: string;
		workflows: { slug: string }[];
		bill: object;
		code: string;
		errors: { path: string[] }[];
	};
}
const call = async (name: string, values: object, options: object = {}, by = client) =>
	(await by.callTool({ name, arguments: values as Record<string, unknown> }, undefined, {
		timeout: 170_000,
		...options,
	})) as unknown as Told;

const small = { prompt: "a red apple", width: 64, height: 64, steps: 2, upscale: false };
const red = async () => {
	const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#cc3020" } })
		.png()
		.toBuffer();
	return `data:image/png;base64,${bytes.toString("base64")}`;
};

const square = async () => {
	const hole = { create: { width: 20, height: 20, channels: 3, background: "#fff" } } as const;
	const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#000" } })
		.composite([{ input: hole, left: 20, top: 20 }])
		.png()
		.toBuffer();
	return `data:image/png;base64,${bytes.toString("base64")}`;
};

describe("the MCP SDK", () => {
	test("every workflow is a tool with its schema, besides those that are always there", async () => {
		const { tools } = await client.listTools();
		const names = tools.map(({ name }) => name);
		expect(names).toEqual(expect.arrayContaining(["generate", "edit", "upscale", "status", "list_workflows", "run_portrait"]));
		expect(tools.find(({ name }) => name === "run_upscale")?.inputSchema).toMatchObject({
			properties: { content: { enum: ["photo", "drawing"] } },
			required: ["image"],
		});
		expect(tools.find(({ name }) => name === "generate")?.inputSchema).toMatchObject({
			type: "object",
			properties: { prompt: { type: "string" } },
		});
	});

	test("a saved workflow becomes a tool of its account only", async () => {
		const { key } = await running.createTenant("pro", { creditMicroUsd: 1_000_000 });
		const steps = [
			{
				id: "draw",
				kind: "generate",
				model: { value: "embedded" },
				params: {
					prompt: { input: "subject" },
					negativePrompt: { value: "" },
					seed: { input: "seed" },
					widthPx: { value: 64 },
					heightPx: { value: 64 },
					steps: { value: 2 },
				},
			},
			{
				id: "encode",
				kind: "encode",
				model: { value: "standard" },
				inputs: { image: { step: "draw", output: "image" } },
				params: { format: { value: "png" }, quality: { value: 90 } },
			},
		];
		const inputs = [
			{ name: "subject", type: "text", title: "Subject" },
			{ name: "seed", type: "seed" },
		];
		const saved = await fetch(`${running.url}/api/v1/workflows`, {
			method: "POST",
			headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
			body: JSON.stringify({ slug: "my-fruit", title: "My fruit", inputs, steps, result: { step: "encode", output: "image" } }),
		});
		expect([saved.status, await saved.text()]).toEqual([201, expect.any(String)]);
		const own = await connect({ authorization: `Bearer ${key}` });
		const tool = (await own.listTools()).tools.find(({ name }) => name === "run_my_fruit");
		expect(tool).toMatchObject({ title: "My fruit", inputSchema: { properties: { subject: { type: "string" } }, required: ["subject"] } });
		expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain("run_my_fruit");
		const made = await call("run_my_fruit", { subject: "a pear" }, {}, own);
		expect(made.structuredContent.status).toBe("succeeded");
		await own.close();
	});

	test("generate tells its progress and gives pictures and links", async () => {
		const progress: { progress: number; message?: string }[] = [];
		const made = await call("generate", { ...small, steps: 20 }, { onprogress: (each: { progress: number }) => progress.push(each) });
		expect(made.isError).toBeUndefined();
		expect(made.content.map(({ type }) => type)).toEqual(["text", "image", "resource_link"]);
		const [text, image, link] = made.content;
		expect(text?.text).toContain("Charged $0.");
		expect(await sharp(Buffer.from(image?.data ?? "", "base64")).metadata()).toMatchObject({ width: 64 });
		expect((await fetch(link?.uri ?? "")).status).toBe(200);
		expect(progress.length).toBeGreaterThan(0);
		expect(made.structuredContent).toMatchObject({ status: "succeeded", bill: { final: true } });
	});

	test("edit, upscale and a job that is asked about later", async () => {
		const mask = {
			polygons: [
				[
					[0.2, 0.2],
					[0.8, 0.2],
					[0.8, 0.8],
				],
			],
		};
		const edited = await call("edit", { operation: "replace", prompt: "a leaf", image: await red(), mask, model: "embedded" });
		expect(edited.structuredContent.status).toBe("succeeded");
		const painted = await call("edit", { operation: "fill", image: await red(), mask: await square() });
		expect(painted.content[0]?.text).toContain("succeeded");
		const large = await call("upscale", { image: await red(), content: "drawing" });
		expect(await sharp(Buffer.from(large.content[1]?.data ?? "", "base64")).metadata()).toMatchObject({ width: 256 });
		const waiting = await call("generate", { prompt: "a tree", model: "flux", wait: false });
		expect(waiting.content[0]?.text).toContain("no_capable_worker");
		const status = await call("status", { job_id: waiting.structuredContent.id });
		expect(status.structuredContent).toMatchObject({ id: waiting.structuredContent.id, status: "queued" });
		const { workflows } = (await call("list_workflows", {})).structuredContent;
		expect(workflows.map(({ slug }) => slug)).toContain("portrait");
	});

	test("a refusal is told to the model with the field that is wrong", async () => {
		const refused = await call("generate", { ...small, width: 9_999 });
		expect(refused.isError).toBe(true);
		expect(refused.content[0]?.text).toContain("width");
		expect(refused.structuredContent).toMatchObject({ code: "invalid_request", errors: [{ path: ["width"] }] });
		expect((await call("generate", { ...small, model: "nothing" })).structuredContent.code).toBe("unknown_model");
		expect((await call("status", { job_id: "job_never" })).structuredContent.code).toBe("not_found");
		await expect(call("no_such_tool", {})).rejects.toThrow("No tool named");
		const free = await connect({ authorization: `Bearer ${(await running.createTenant("free", { creditMicroUsd: 0 })).key}` });
		const many = { prompt: "a tree", model: "sd15", count: 6, upscale: false, restore_faces: false };
		expect((await call("generate", many, {}, free)).structuredContent.code).toBe("insufficient_credit");
		expect((await call("generate", { ...small, model: "flux" }, {}, free)).structuredContent.code).toBe("model_not_in_plan");
		await free.close();
	});

	test("a key that may only look is refused what makes pictures, and may ask for the rest", async () => {
		const made = await fetch(`${running.url}/api/v1/keys`, {
			method: "POST",
			headers: { authorization: `Bearer ${running.ownerKey}`, "content-type": "application/json" },
			body: JSON.stringify({ name: "reader", scopes: ["read"] }),
		});
		const { secret } = (await made.json()) as { secret: string };
		const reader = await connect({ authorization: `Bearer ${secret}` });
		for (const [tool, values] of [
			["generate", small],
			["upscale", { image: await red() }],
			["edit", { operation: "fill", image: await red(), mask: await square() }],
		] as const) {
			const refused = await call(tool, { ...values, wait: false }, {}, reader);
			expect(refused).toMatchObject({ isError: true, structuredContent: { code: "forbidden" } });
			expect(refused.content[0]?.text).toContain("generate");
		}
		expect((await call("list_workflows", {}, {}, reader)).structuredContent.workflows.length).toBeGreaterThan(0);
		await reader.close();
	});

	test("a wrong key and a foreign page are refused", async () => {
		const refused = await connect({ authorization: "Bearer gw_wrongwrongwrongwrongwrong" }).catch((error) => error);
		expect(refused).toBeInstanceOf(StreamableHTTPError);
		expect(refused.code).toBe(401);
		const foreign = await connect({ authorization: `Bearer ${running.ownerKey}`, origin: "https://evil.example" }).catch((error) => error);
		expect(foreign).toBeInstanceOf(StreamableHTTPError);
		expect(foreign.code).toBe(403);
	});
});
