import http from "node:http";
import { fastify } from "fastify";
import { afterEach, expect, test, vi } from "vitest";
import { createBodyLimits } from "./limitBodies.ts";
import type { App } from "./ports.ts";

const mebibyte = 1024 * 1024;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

/** Takes bodies of up to 4 MiB, 6 MiB at once and 5 of one account, and answers when told to. */
async function open() {
	const app = fastify({ bodyLimit: 4 * mebibyte });
	const waiting: (() => void)[] = [];
	let arrived = 0;
	app.decorateRequest("principal", null);
	app.addHook("onRequest", async (request) => {
		Object.assign(request, { principal: { tenantId: String(request.headers["x-account"] ?? "a") } });
	});
	createBodyLimits({ totalBytes: 6 * mebibyte, accountBytes: 5 * mebibyte })(app as unknown as App);
	app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
	app.addHook("onRequest", async () => {
		arrived += 1;
	});
	app.post("/", async (request) => {
		if (request.headers["x-account"] === "at once") return {};
		await new Promise<void>((resolve) => waiting.push(resolve));
		return {};
	});
	const url = await app.listen({ port: 0, host: "127.0.0.1" });
	closing.push(() => app.close());
	const post = (bytes: number, account = "a") =>
		fetch(url, {
			method: "POST",
			headers: { "content-type": "application/octet-stream", "x-account": account },
			body: new Uint8Array(bytes),
		}).then(({ status }) => status);
	const held = (count: number) => vi.waitUntil(() => waiting.length === count, { timeout: 20_000 });
	const answerAll = () => waiting.splice(0).forEach((answer) => void answer());
	return { url, post, held, answerAll, arrived: () => arrived };
}

test("bodies that do not fit into memory beside those at work are refused, and taken once there is room", async () => {
	const { post, held, answerAll } = await open();
	const first = post(3 * mebibyte);
	await held(1);
	expect(await post(3 * mebibyte)).toBe(503);
	const other = post(3 * mebibyte, "b");
	const small = post(1_000, "c");
	await held(3);
	expect(await post(2 * mebibyte, "c")).toBe(503);
	answerAll();
	expect(await Promise.all([first, other, small])).toEqual([200, 200, 200]);
	const next = post(4 * mebibyte);
	await held(1);
	answerAll();
	expect(await next).toBe(200);
});

test("an upload that breaks off gives its room back", async () => {
	const { url, post, arrived } = await open();
	const headers = { "content-type": "application/octet-stream", "content-length": 4 * mebibyte };
	const broken = http.request(url, { method: "POST", headers }).on("error", () => {});
	broken.write(Buffer.alloc(1_000));
	await vi.waitUntil(() => arrived() === 1, { timeout: 20_000 });
	expect(await post(3 * mebibyte, "at once")).toBe(503);
	broken.destroy();
	await vi.waitUntil(async () => (await post(3 * mebibyte, "at once")) === 200, { timeout: 20_000 });
});
