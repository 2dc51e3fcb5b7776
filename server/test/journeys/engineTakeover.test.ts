/** Two Glassworks servers on one database, and one ComfyUI. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordedRun } from "../engines/comfyui/replay/recordedRun.ts";
import { type ReplayServer, startReplayServer } from "../engines/comfyui/replay/startReplayServer.ts";
import { caller, finished } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";

describe.skipIf(adminUrl === "")("an engine of two servers on one database", () => {
	let database: Awaited<ReturnType<typeof createDatabase>>;
	let comfyui: ReplayServer;
	let folder = "";
	const servers: TestApp[] = [];
	const ownerKey = `gw_${"k".repeat(43)}`;

	beforeAll(async () => {
		database = await createDatabase();
		comfyui = await startReplayServer({ runs: [recordedRun("02-txt2img-feature-flags-preview4")] });
		folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-shared-"));
		const variables = {
			...{ DATABASE_URL: database.url, GLASSWORKS_OWNER_KEY: ownerKey, GLASSWORKS_HEARTBEAT_MS: "200", GLASSWORKS_LEASE_MS: "2000" },
			// The pictures of both.
			GLASSWORKS_DATA: folder,
		};
		servers.push(await startTestApp(variables), await startTestApp(variables));
	});
	afterAll(async () => {
		for (const server of servers) await server.close();
		await comfyui?.close();
		await database?.drop();
		await rm(folder, { recursive: true, force: true });
	});

	const draw = async (server: TestApp) => {
		const call = caller(server.url, ownerKey);
		const request = { prompt: "a red cube", model: "sdxl", upscale: false, restore_faces: false };
		return finished(call, ownerKey, (await call("POST", "/api/v1/generations", { body: request })).body);
	};

	test("is driven by one of them, never two, and the other takes over when that one goes", async () => {
		const [one, other] = servers;
		if (!one || !other) throw new Error("two servers were started");
		expect((await caller(one.url, ownerKey)("POST", "/api/v1/engines", { body: { url: comfyui.url } })).status).toBe(201);
		const jobs = await Promise.all([draw(one), draw(other), draw(one), draw(other)]);
		expect(jobs.map(({ status }) => status)).toEqual(Array(4).fill("succeeded"));
		// A socket of the one that drives it; each connection has a name of its own.
		expect(comfyui.openSockets()).toBe(1);
		const workers = (await caller(one.url, ownerKey)("GET", "/api/v1/workers")).body.data as { name: string }[];
		expect(workers.filter(({ name }) => name.startsWith("comfyui"))).toHaveLength(1);
		await one.close();
		servers.shift();
		expect((await draw(other)).status).toBe("succeeded");
	});
});
