/** `glassworks engines` and `glassworks worker --engine`, as real commands against a real server and a replayed ComfyUI. */
import fs from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordedRun } from "../engines/comfyui/replay/recordedRun.ts";
import { type ReplayServer, startReplayServer } from "../engines/comfyui/replay/startReplayServer.ts";
import { caller, finished } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { endAll, spawnCli, temporaryFolder } from "./spawnCli.ts";

let app: TestApp;
let comfyui: ReplayServer;
let folder: string;
beforeAll(async () => {
	app = await startTestApp({ GLASSWORKS_HEARTBEAT_MS: "200", GLASSWORKS_LEASE_MS: "2000" });
	comfyui = await startReplayServer({ runs: [recordedRun("02-txt2img-feature-flags-preview4")] });
	folder = temporaryFolder();
});
afterAll(async () => {
	await endAll();
	await comfyui?.close();
	await app?.close();
	fs.rmSync(folder, { recursive: true, force: true });
});

const command = (...argv: string[]) => {
	const run = spawnCli(argv, { GLASSWORKS_URL: app.url, GLASSWORKS_KEY: app.ownerKey, GLASSWORKS_DATA: folder });
	return run.exited.then((exitCode) => ({ exitCode, out: run.out, err: run.err }));
};

test("add prints the id and what it can do and lacks, list names it, test makes a picture, remove takes it away", async () => {
	const added = await command("engines", "add", comfyui.url, "--name", "rig");
	expect(added.exitCode, added.err).toBe(0);
	const id = added.out.trim();
	expect(id).toMatch(/^eng_/);
	expect(added.err).toContain("rig (comfyui)");
	expect(added.err).toMatch(/generate:sdxl; .*ControlNets sdxl-canny/);
	const listed = await command("engines", "list");
	expect(listed.out).toContain(comfyui.url);
	const tested = await command("engines", "test", id);
	expect(tested.exitCode, tested.err).toBe(0);
	expect(tested.out).toMatch(/Works: generate:\S+ made 64 x 64 px/);
	expect((await command("engines", "remove", id)).exitCode).toBe(0);
	expect(JSON.parse((await command("engines", "list", "--json")).out)).toEqual([]);
});

test("what cannot be added is said in one line", async () => {
	const { exitCode, out, err } = await command("engines", "add", "http://127.0.0.1:1");
	expect(exitCode).toBe(1);
	expect(out).toBe("");
	expect(err).toContain("Nothing answers at http://127.0.0.1:1");
	expect((await command("engines", "add", comfyui.url, "--header", "nonsense")).exitCode).toBe(2);
});

test("a worker on another machine draws on its own ComfyUI, and tells what its nodes are", async () => {
	const call = caller(app.url, app.ownerKey);
	const { token } = (await call("POST", "/api/v1/workers", { body: { name: "far", pools: ["gpu"] } })).body;
	const worker = spawnCli(["worker", "--server", app.url, "--engine", comfyui.url, "--no-built-in"], {
		...{ GLASSWORKS_WORKER_TOKEN: token, GLASSWORKS_DATA: folder, GLASSWORKS_LOG_LEVEL: "warn" },
	});
	await worker.says("works for");
	const request = { prompt: "a red cube", model: "sdxl", upscale: false, restore_faces: false };
	const { body } = await call("POST", "/api/v1/generations", { body: request });
	const job = await finished(call, app.ownerKey, body);
	expect(job.status, JSON.stringify(job)).toBe("succeeded");
	worker.child.kill("SIGTERM");
	expect(await worker.exited).toBe(0);
});
