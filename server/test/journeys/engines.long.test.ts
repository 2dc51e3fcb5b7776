/** Engine servers as an operator meets them: added by the command line or the API, used by the queue, lost and found again. */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { recordedRun } from "../engines/comfyui/replay/recordedRun.ts";
import { before } from "../engines/comfyui/replay/script.ts";
import { type ReplayOptions, type ReplayServer, startReplayServer } from "../engines/comfyui/replay/startReplayServer.ts";
import { type Call, caller, download, finished } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

// Every test is a server added, found and used: seconds, and minutes on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const textToImage = recordedRun("02-txt2img-feature-flags-preview4");

let app: TestApp;
let call: Call;
const comfyuis: ReplayServer[] = [];
beforeAll(async () => {
	app = await startTestApp({ GLASSWORKS_HEARTBEAT_MS: "200", GLASSWORKS_LEASE_MS: "2000" });
	call = caller(app.url, app.ownerKey);
});
afterAll(() => app?.close());
afterEach(async () => {
	for (const { id } of (await call("GET", "/api/v1/engines")).body.data) await call("DELETE", `/api/v1/engines/${id}`);
	for (const comfyui of comfyuis.splice(0)) await comfyui.close();
});

async function startComfyui(options: Partial<ReplayOptions> = {}): Promise<ReplayServer> {
	const comfyui = await startReplayServer({ runs: [textToImage], ...options });
	comfyuis.push(comfyui);
	return comfyui;
}

interface Added {
	engine: { id: string; kind: string; name: string; headers: string[] };
	report: { version: string; capabilities: { capability: string }[]; missing: { name: string; files: string[] }[] };
	trial: { capability: string; width: number; height: number } | null;
}
const add = async (body: object) => {
	const answer = await call("POST", "/api/v1/engines", { body });
	return { ...answer, body: answer.body as unknown as Added & { code: string; detail: string } };
};
const draw = async (model: string, more: object = {}) =>
	(await call("POST", "/api/v1/generations", { body: { prompt: "a red cube", model, upscale: false, restore_faces: false, ...more } }))
		.body;

/** Until the queue says that somebody alive can run the model. */
async function untilAvailable(model: string, wanted = true): Promise<void> {
	for (;;) {
		const { data } = (await call("GET", "/api/v1/models")).body as unknown as { data: { name: string; available: boolean }[] };
		if (data.find(({ name }) => name === model)?.available === wanted) return;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

test("a ComfyUI that is added says what it can do and lacks, and draws for the queue", async () => {
	const { url } = await startComfyui();
	const { status, body } = await add({ url: `${url}/` });
	expect(status).toBe(201);
	expect(body.engine).toMatchObject({ kind: "comfyui", name: `comfyui ${new URL(url).host}`, headers: [] });
	const capabilities = body.report.capabilities.map(({ capability }) => capability);
	expect(capabilities).toEqual(expect.arrayContaining(["generate:sdxl", "inpaint:sdxl", "graph:comfyui"]));
	await untilAvailable("sdxl");
	const job = await finished(call, app.ownerKey, await draw("sdxl"));
	expect(job.status, JSON.stringify(job)).toBe("succeeded");
	const { bytes } = await download(job.images[0]?.url ?? "");
	expect(Buffer.from(bytes).includes("a red cube")).toBe(false);
});

test("an engine is tried with one picture, past the queue", async () => {
	const { url } = await startComfyui();
	const { engine } = (await add({ url })).body;
	const tried = await call("POST", `/api/v1/engines/${engine.id}/test`);
	expect(tried.status, tried.text).toBe(200);
	expect((tried.body as unknown as Added).trial).toMatchObject({ capability: expect.stringMatching(/^generate:/), width: 64, height: 64 });
});

test("a server behind a guard is driven with the header it wants, whose value is never shown again", async () => {
	const { url } = await startComfyui({ requires: { authorization: "Bearer s3cret" } });
	expect((await add({ url })).body).toMatchObject({ code: "engine_invalid" });
	const added = await add({ url, headers: { authorization: "Bearer s3cret" } });
	expect(added.body.engine.headers).toEqual(["authorization"]);
	for (const { text } of [added, await call("GET", "/api/v1/engines")]) expect(text).not.toContain("s3cret");
	await untilAvailable("sdxl");
	expect((await finished(call, app.ownerKey, await draw("sdxl"))).status).toBe("succeeded");
});

test("nothing there, something else there, and the same engine twice are refused, each with its reason", async () => {
	expect((await add({ url: "http://127.0.0.1:1" })).body).toMatchObject({ code: "engine_down" });
	expect((await add({ url: app.url })).body).toMatchObject({ code: "engine_invalid" });
	expect((await add({ url: "ftp://127.0.0.1" })).body).toMatchObject({ code: "invalid_request" });
	const { url } = await startComfyui();
	expect((await add({ url })).status).toBe(201);
	expect((await add({ url })).body).toMatchObject({ code: "engine_exists" });
});

test("an address with a secret in it and headers that no request could carry are refused by name, the secret unsaid", async () => {
	const { url } = await startComfyui();
	for (const address of [url.replace("//", "//ann:hunter2@"), `${url}/?token=hunter2`, `${url}#hunter2`]) {
		const { body, text } = await add({ url: address });
		expect(body).toMatchObject({ code: "invalid_request", errors: [{ path: ["url"] }] });
		expect(text).not.toContain("hunter2");
	}
	for (const name of ["Transfer-Encoding", "content-length", "upgrade", "a\r\nb"]) {
		const { body } = await add({ url, headers: { [name]: "1" } });
		expect(body).toMatchObject({ code: "invalid_request", errors: [{ path: ["headers", name] }] });
	}
	expect((await add({ url, headers: { "a b": "1" } })).body.detail).toContain("must be a header's name");
});

test("whatever a wrong server answers, the operator is told that the address is wrong, not that we are", async () => {
	const mebibyte = Buffer.alloc(1_048_576, "x");
	let mostSent = 0;
	const answers: Record<string, (response: ServerResponse) => void> = {
		failing: (response) => response.writeHead(500).end("Traceback"),
		nested: (response) => response.end("[".repeat(100_000) + "]".repeat(100_000)),
		endless: (response) => {
			let sent = 0;
			const more = () => {
				while (!response.destroyed && response.write(mebibyte)) mostSent = Math.max(mostSent, ++sent);
			};
			response.on("drain", more);
			more();
		},
	};
	for (const [name, answer] of Object.entries(answers)) {
		const server = createServer((_request, response) => answer(response)).listen(0, "127.0.0.1");
		await once(server, "listening");
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		for (const kind of [undefined, "comfyui", "iopaint", "diffusers"]) {
			const { body } = await add({ url, kind });
			expect(["engine_down", "engine_invalid"], `${name} as ${kind}`).toContain(body.code);
			expect(body).toMatchObject({ errors: [{ path: ["url"] }] });
		}
		server.closeAllConnections();
		server.close();
	}
	expect(mostSent, "MiB that were read of an answer without end").toBeLessThan(150);
}, 180_000);

test("a ComfyUI that dies in the middle of a picture and comes back draws it again, once", async () => {
	let runs = 0;
	const comfyui = await startComfyui({ script: (steps) => (runs++ === 0 ? before("executed", { do: "hold" })(steps) : steps) });
	await add({ url: comfyui.url });
	await untilAvailable("sdxl");
	const held = comfyui.reached("hold");
	const job = await draw("sdxl");
	await held;
	await comfyui.die();
	await comfyui.restart();
	const ended = await finished(call, app.ownerKey, job);
	expect(ended.status, JSON.stringify(ended)).toBe("succeeded");
	expect(ended.images).toHaveLength(1);
});

test("a picture that one ComfyUI has too little memory for is drawn by the other, though that one is busy", async () => {
	const large = await startComfyui({ script: before("executed", { do: "hold" }) });
	await add({ url: large.url });
	await untilAvailable("sdxl");
	const busy = large.reached("hold");
	const other = await draw("sdxl");
	await busy;
	const small = await startComfyui({ runs: [recordedRun("06-node-execution-error", 1)] });
	await add({ url: small.url });
	const job = await draw("sdxl");
	const prompts = (server: ReplayServer) => server.asked.filter(({ method, path }) => method === "POST" && path === "prompt").length;
	// It went to the one that is free, and did not stay there.
	while (prompts(small) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
	const again = large.reached("hold");
	large.release();
	await again;
	large.release();
	for (const each of [other, job]) expect((await finished(call, app.ownerKey, each)).status).toBe("succeeded");
	expect([prompts(small), prompts(large)]).toEqual([1, 2]);
});

test("an engine that is away is told to the operator, with the reason, until it is back", async () => {
	const comfyui = await startComfyui();
	await add({ url: comfyui.url });
	await untilAvailable("sdxl");
	const troubles = async () => {
		const { data } = (await call("GET", "/api/v1/workers")).body as unknown as { data: { trouble: string | null }[] };
		return data.flatMap(({ trouble }) => trouble ?? []);
	};
	expect(await troubles()).toEqual([]);
	await comfyui.die();
	await untilAvailable("sdxl", false);
	expect(await troubles()).toEqual([expect.stringMatching(/^comfyui: The engine/)]);
	await comfyui.restart();
	await untilAvailable("sdxl");
	expect(await troubles()).toEqual([]);
});

test("a cancelled job stops inside ComfyUI too", async () => {
	const comfyui = await startComfyui({ script: before("executed", { do: "hold" }) });
	await add({ url: comfyui.url });
	await untilAvailable("sdxl");
	const held = comfyui.reached("hold");
	const job = await draw("sdxl");
	await held;
	expect((await call("POST", `/api/v1/jobs/${job.id}/cancel`)).status).toBe(200);
	while (comfyui.plays().some(({ state }) => state !== "ended")) await new Promise((resolve) => setTimeout(resolve, 20));
});

test("an engine that is removed is driven no longer, and what only it could do has nobody", async () => {
	const { url } = await startComfyui();
	const { engine } = (await add({ url })).body;
	await untilAvailable("sdxl");
	await call("DELETE", `/api/v1/engines/${engine.id}`);
	await untilAvailable("sdxl", false);
	const job = await draw("sdxl");
	const { body } = await call("GET", `/api/v1/jobs/${job.id}`);
	expect(JSON.stringify(body)).toContain("no_capable_worker");
	await call("POST", `/api/v1/jobs/${job.id}/cancel`);
});
