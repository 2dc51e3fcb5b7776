import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { beat, claim, finish, hello } from "../../src/contract/worker.ts";
import { emptyRegistry } from "../../src/domain/engines/registry.ts";
import { GlassworksError } from "../../src/domain/errors.ts";
import { createRemoteSource } from "../../src/worker/remoteSource.ts";

interface Seen {
	method: string;
	path: string;
	authorization: string | undefined;
	contentType: string | undefined;
	body: Buffer;
}
type Answer = { status?: number; body?: object | Buffer | string; headers?: Record<string, string> } | "hang" | "cut";

let server: http.Server;
let url = "";
let seen: Seen[] = [];
let answers: Record<string, Answer> = {};

beforeEach(async () => {
	seen = [];
	answers = {};
	server = http.createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const path = (request.url ?? "").replace("/glass/api/worker/v1/", "");
		const { authorization, "content-type": contentType } = request.headers;
		seen.push({ method: request.method ?? "", path, authorization, contentType, body: Buffer.concat(chunks) });
		const answer = answers[path.split("?")[0] ?? ""] ?? { status: 404, body: "no such page" };
		if (answer === "hang") return;
		if (answer === "cut") return void request.socket.destroy();
		const { status = 200, body = "", headers = {} } = answer;
		response.writeHead(status, headers).end(Buffer.isBuffer(body) || typeof body === "string" ? body : JSON.stringify(body));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/glass`;
});

afterEach(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

const token = "gwt_0123456789abcdefghij";
const sha256 = "a".repeat(64);
const lease = { taskId: 5, attempt: 2, workerId: "worker_1" };
const picture = { bytes: new Uint8Array([137, 80, 78, 71]), mediaType: "image/png" as const, widthPx: 2, heightPx: 3 };
const never = new AbortController().signal;
const now = { capabilities: ["generate:tiny" as const], loadedModel: null, slots: 1 };
const question = { pool: "gpu", capabilities: ["generate:tiny" as const], loadedModel: "tiny", slots: 2, waitMs: 0 };
const welcome = { workerId: "worker_1", name: "one", pools: ["gpu"], leaseMs: 30_000, heartbeatMs: 10_000 };
const task = (inputUrl: string) => ({
	taskId: 5,
	attempt: 2,
	kind: "upscale",
	model: "tiny",
	params: { factor: 4 },
	inputs: { image: { url: inputUrl, mediaType: "image/png", widthPx: 2, heightPx: 3 } },
});
const open = (timeoutMs = 2_000) => createRemoteSource({ serverUrl: url, token, allowHttp: false, timeoutMs });
const bodyOf = (index: number): unknown => JSON.parse(seen[index]?.body.toString() ?? "");

describe("a worker on another machine", () => {
	test("takes a step, reads its picture, hands in its own and tells the end, all in the words of the contract", async () => {
		answers = {
			hello: { body: welcome },
			claims: { body: { tasks: [task("/api/worker/v1/tasks/5/inputs/image?signature=s")] } },
			"tasks/5/inputs/image": { body: Buffer.from(picture.bytes) },
			"tasks/5/progress": { status: 204 },
			"tasks/5/preview": { status: 204 },
			"tasks/5/outputs/image": { body: { sha256, mediaType: "image/png", widthPx: 8, heightPx: 12, bytes: 40 } },
			"tasks/5/finish": { status: 204 },
		};
		const source = open();
		// A server of before there were engines tells no names.
		expect(await source.hello(now)).toEqual({ ...welcome, registry: emptyRegistry, wantsNodes: false });
		const [work] = await source.claim(question, never);
		if (!work) throw new Error("no work");
		expect(work).toEqual({ lease, kind: "upscale", model: "tiny", params: { factor: 4 }, inputRoles: ["image"], fileRoles: [] });
		expect(await source.readInput(work, "image")).toEqual({ ...picture, bytes: Buffer.from(picture.bytes) });
		await source.progress(work.lease, { fraction: 0.5, step: 4, steps: 8 });
		await source.preview(work.lease, picture);
		await source.writeOutput(work.lease, "image", picture);
		await source.finish(work.lease, { kind: "succeeded", data: { ms: 9 }, ms: 9 });

		expect(hello.parse(bodyOf(0))).toEqual({ ...now, traits: {}, digests: {}, nodesDigest: null, trouble: null });
		expect(claim.parse(bodyOf(1))).toEqual(question);
		expect(beat.parse(bodyOf(3))).toEqual({ attempt: 2, fraction: 0.5, step: 4, steps: 8 });
		expect(seen[5]).toMatchObject({
			method: "PUT",
			path: "tasks/5/outputs/image?attempt=2",
			contentType: "image/png",
			body: Buffer.from(picture.bytes),
		});
		expect(finish.parse(bodyOf(6))).toEqual({ kind: "succeeded", attempt: 2, outputs: { image: sha256 }, data: { ms: 9 }, ms: 9 });
		expect(new Set(seen.map((request) => request.authorization))).toEqual(new Set([`Bearer ${token}`]));
	});

	test("tells failures and work given back in the words of the contract", async () => {
		answers = { "tasks/5/finish": { status: 204 } };
		await open().finish(lease, { kind: "failed", failure: { code: "out_of_memory", message: "too large" }, retryable: true });
		await open().finish(lease, { kind: "released" });
		expect(finish.parse(bodyOf(0))).toEqual({ kind: "failed", attempt: 2, code: "out_of_memory", message: "too large", retryable: true });
		expect(finish.parse(bodyOf(1))).toEqual({ kind: "released", attempt: 2 });
	});

	test("learns from the server's code that its task is gone", async () => {
		const problem = {
			type: "about:blank",
			title: "",
			status: 409,
			code: "lease_lost",
			detail: "Given to another.",
			errors: [],
			request_id: "r",
		};
		answers = { "tasks/5/progress": { status: 409, body: problem, headers: { "content-type": "application/problem+json" } } };
		await expect(open().progress(lease, { fraction: 0 })).rejects.toMatchObject({ code: "lease_lost", message: "Given to another." });
	});

	test.each([
		["a refused token", { status: 401, body: "<html>" }, "unauthenticated"],
		["a proxy whose server is away", { status: 502, body: "<html>" }, "unavailable"],
		["a page that is no Glassworks", { status: 200, body: "<html>" }, "unavailable"],
		["a cut connection", "cut", "unavailable"],
		["a server that never answers", "hang", "unavailable"],
		["a redirect, which could lead the token elsewhere", { status: 307, headers: { location: "http://127.0.0.1:9/" } }, "unavailable"],
		["another path", { status: 404, body: "no such page" }, "not_found"],
		["a code nobody knows", { status: 418, body: { code: "constructor", detail: "x" } }, "internal"],
	] as const)("makes of %s an error it can act on", async (_, answer, code) => {
		answers = { hello: answer };
		const failure = await open(300)
			.hello(now)
			.catch((error: unknown) => error);
		expect(failure).toBeInstanceOf(GlassworksError);
		expect(failure).toMatchObject({ code });
	});

	test("stops waiting for work when it is told to", async () => {
		answers = { claims: "hang" };
		const stop = new AbortController();
		const waiting = open(60_000).claim({ ...question, waitMs: 20_000 }, stop.signal);
		stop.abort();
		await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
	});

	test("refuses work that makes no sense instead of running it", async () => {
		answers = { hello: { body: welcome }, claims: { body: { tasks: [{ ...task("/x"), kind: "format_disk" }] } } };
		await expect(open().claim(question, never)).rejects.toMatchObject({ code: "unavailable" });
	});

	test("never shows its token to another host that a link leads to", async () => {
		const requests: (string | undefined)[] = [];
		const elsewhere = http.createServer((request, response) => {
			requests.push(request.headers.authorization);
			response.end(Buffer.from(picture.bytes));
		});
		await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
		answers = { claims: { body: { tasks: [task(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/picture`)] } } };
		const source = open();
		const [work] = await source.claim(question, never);
		if (!work) throw new Error("no work");
		await source.readInput(work, "image");
		elsewhere.closeAllConnections();
		elsewhere.close();
		expect(requests).toEqual([undefined]);
	});
});

describe("the address of the server", () => {
	const start =
		(serverUrl: string, allowHttp = false) =>
		() =>
			createRemoteSource({ serverUrl, token, allowHttp });

	test("must be encrypted unless it stays on this machine or the operator says otherwise", () => {
		for (const fine of ["https://images.example.com", "http://127.0.0.1:7860", "http://localhost:7860", "http://[::1]:7860"])
			expect(start(fine), fine).not.toThrow();
		for (const open of ["http://images.example.com", "http://10.0.0.5:7860", "http://127.0.0.1.example.com", "ftp://images.example.com"])
			expect(start(open), open).toThrow("not encrypted");
		expect(start("http://10.0.0.5:7860", true)).not.toThrow();
		expect(start("images.example.com")).toThrow(GlassworksError);
	});
});
