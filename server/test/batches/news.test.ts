import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type BatchEvent, createClient, verifyWebhook } from "@glassworks/sdk";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { BatchBody } from "../../src/contract/batch.ts";
import { type Call, caller } from "../http/call.ts";
import { type MailServer, startMailServer } from "../support/mailServer.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { until } from "../support/until.ts";
import { startReceiver, verify } from "../webhooks/receiver.ts";
import { small } from "./support.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

let folder: string;
let mail: MailServer;
let running: TestApp;
let operator: Call;
let call: Call;
let other: Call;
let key: string;
let tenantId: string;

beforeAll(async () => {
	folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-news-"));
	const file = path.join(folder, "news.config.ts");
	const shipped = path.resolve(import.meta.dirname, "../support/unhurried.config.ts");
	const recipients = `mail: { from: "art@example.com", recipients: ["team@studio.example"] }`;
	await writeFile(
		file,
		`import { glassworks as shipped } from ${JSON.stringify(shipped)};\nexport const glassworks = { ...shipped, ${recipients} };\n`,
	);
	mail = await startMailServer();
	running = await startTestApp({ GLASSWORKS_CONFIG: file, SMTP_URL: mail.url, GLASSWORKS_ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8" });
	operator = caller(running.url, running.ownerKey);
	({ key, tenantId } = await running.createTenant("enterprise", { creditMicroUsd: 10_000_000 }));
	call = caller(running.url, key);
	other = caller(running.url, (await running.createTenant("starter", { creditMicroUsd: 0 })).key);
});
afterAll(async () => {
	await running?.close();
	await mail?.close();
	await rm(folder, { recursive: true, force: true });
});

const create = async (body: object) =>
	(await call("POST", "/api/v1/batches", { body: { defaults: small, ...body } })).body as unknown as BatchBody;
const durable = ({ seq }: BatchEvent) => seq !== null;

test("a batch is followed to its end; cut anywhere, it goes on with what was missed, once", async () => {
	const client = createClient({ baseUrl: running.url, apiKey: key });
	const { id } = await create({ items: ["a", "b", "c"] });
	const first: BatchEvent[] = [];
	for await (const event of client.batches.follow(id)) {
		first.push(event);
		if (event.type.startsWith("item.")) break;
	}
	const seen = first.findLast(durable)?.seq ?? 0;
	const rest: BatchEvent[] = [];
	for await (const event of client.batches.follow(id, { after: seen })) rest.push(event);
	const all = [...first, ...rest].filter(durable);
	expect(all.map(({ seq }) => seq)).toEqual(all.map((_, place) => place + 1));
	expect(all.map(({ type }) => type)).toEqual([
		...["batch.created", "batch.started", "item.succeeded", "item.succeeded", "item.succeeded", "batch.completed"],
	]);
	expect(all.filter(({ type }) => type === "item.succeeded").map(({ data }) => data.index)).toEqual(expect.arrayContaining([0, 1, 2]));
	expect([...first, ...rest].find(({ type }) => type === "progress")?.data).toMatchObject({
		status: expect.any(String),
		progress: expect.any(Number),
	});

	const events = (headers = {}) => call("GET", `/api/v1/batches/${id}/events`, { headers });
	expect((await events({ "last-event-id": String(all.length) })).status).toBe(204);
	expect((await events({ "last-event-id": "3" })).text.match(/^id: /gm)).toHaveLength(all.length - 3);
	expect((await events({ "last-event-id": "x" })).body).toMatchObject({ code: "invalid_request" });
	expect((await other("GET", `/api/v1/batches/${id}/events`)).body.code).toBe("not_found");
});

test("what is paused, resumed and cancelled is told in order", async () => {
	const later = new Date(Date.now() + 86_400_000).toISOString();
	const { id } = await create({ items: ["a", "b"], at: later });
	for (const verb of ["pause", "resume", "cancel"]) expect((await call("POST", `/api/v1/batches/${id}/${verb}`)).status).toBe(200);
	const { text } = await call("GET", `/api/v1/batches/${id}/events`);
	const types = [...text.matchAll(/^event: (\S+)$/gm)].map((match) => match[1]).filter((type) => type !== "progress");
	expect(types).toEqual(["batch.created", "batch.paused", "batch.resumed", "batch.cancelled"]);
});

test("its webhook arrives signed, at the address of the request and at the account's own, and says what became of the items", async () => {
	const [asked, own] = [await startReceiver(), await startReceiver()];
	const manager = caller(
		running.url,
		(await operator("POST", `/api/v1/keys?tenant=${tenantId}`, { body: { name: "m", scopes: ["read", "manage"] } })).body.secret,
	);
	const { secret } = (await manager("POST", "/api/v1/webhooks", { body: { url: own.url, events: ["batch.*"] } })).body;
	const defaultSecret = (await manager("GET", "/api/v1/webhooks/default-secret")).body.secret;
	const { id } = await create({ name: "told", items: ["a", "b"], webhook_url: asked.url, metadata: { order: "7" } });
	const [message] = await until(() => asked.messages.length > 0 && asked.messages);
	expect(message).toMatchObject({
		type: "batch.completed",
		data: { id, object: "batch", name: "told", state: "completed", counts: { succeeded: 2 }, metadata: { order: "7" } },
	});
	if (!message) throw new Error("nothing came");
	verify(message, defaultSecret);
	expect((await verifyWebhook(message.body, message.headers, defaultSecret)).type).toBe("batch.completed");
	await until(() => own.messages.some(({ type }) => type === "batch.completed"));
	expect(own.messages.map(({ type }) => type).toSorted()).toEqual(["batch.completed", "batch.created", "batch.started"]);
	for (const each of own.messages) verify(each, secret);
	expect(asked.messages).toHaveLength(1);
});

test("who it names is mailed once, when all of it has ended, with a link to the ZIP and no prompt", async () => {
	const { id } = await create({ items: ["a very private prompt", "b"], email_results_to: "team@studio.example" });
	const { text } = await mail.next("team@studio.example");
	expect(text).toContain("2 of your 2 pictures are ready");
	expect(text).toContain(id);
	expect(text).not.toContain("private");
	const link =
		text
			.replaceAll("=\r\n", "")
			.replaceAll("=3D", "=")
			.match(/ZIP: (\S+)/)?.[1] ?? "";
	const zip = await fetch(link);
	expect([zip.status, zip.headers.get("content-type")]).toEqual([200, "application/zip"]);
	await zip.body?.cancel();
	const { body } = await call("POST", "/api/v1/batches", { body: { items: ["a"], email_results_to: "who@else.example" } });
	expect(body).toMatchObject({ code: "invalid_request", errors: [{ path: ["email_results_to"] }] });
});
