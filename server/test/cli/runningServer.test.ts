import fs from "node:fs";
import path from "node:path";
import { createClient, type GlassworksClient, type Job } from "@glassworks/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CliRun, endAll, spawnCli, temporaryFolder } from "./spawnCli.ts";

let folder = "";
let dataDir = "";
let server: CliRun;
let url = "";
let client: GlassworksClient;

/** No worker of its own: jobs wait until one comes. */
beforeAll(async () => {
	folder = temporaryFolder();
	dataDir = path.join(folder, "data");
	server = spawnCli(["serve", "--services=api"], {
		GLASSWORKS_DATA: dataDir,
		GLASSWORKS_PORT: "0",
		GLASSWORKS_LEASE_MS: "4000",
		GLASSWORKS_HEARTBEAT_MS: "1000",
	});
	await server.says("Owner key");
	url = server.out.split("\n")[0] ?? "";
	const { token } = JSON.parse(fs.readFileSync(path.join(dataDir, "server.json"), "utf8")) as { token: string };
	client = createClient({ baseUrl: url, apiKey: token });
}, 120_000);

afterAll(async () => {
	await endAll();
	fs.rmSync(folder, { recursive: true, force: true });
}, 60_000);

const run = (...argv: string[]) => spawnCli(argv, { GLASSWORKS_DATA: dataDir });
const out = (name: string) => path.join(folder, name);

describe("with a server running on this machine", { timeout: 120_000 }, () => {
	test("its first line is its address, and its owner key is shown", async () => {
		expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
		const key = /gw_[A-Za-z0-9_-]+/.exec(server.out)?.[0] ?? "";
		expect(await createClient({ baseUrl: url, apiKey: key }).session.get()).toMatchObject({ plan: "owner" });
	});

	test("only this user can read how to reach it", () => {
		expect(fs.statSync(path.join(dataDir, "server.json")).mode & 0o777).toBe(0o600);
	});

	test("a second server on the same folder is refused with the first one's process named", async () => {
		const { pid } = JSON.parse(fs.readFileSync(path.join(dataDir, "server.json"), "utf8")) as { pid: number };
		const second = spawnCli(["serve"], { GLASSWORKS_DATA: dataDir, GLASSWORKS_PORT: "0" });
		expect(await second.exited).toBe(1);
		expect(second.err).toContain(String(pid));
		expect(second.out).toBe("");
	});

	test("Ctrl-C cancels the job and ends with 130", async () => {
		const generate = run("generate", "a red apple", "--out", out("never.png"));
		await generate.says(/job job_\w+/);
		generate.child.kill("SIGINT");
		expect(await generate.exited, generate.err).toBe(130);
		const id = /job (job_\w+)/.exec(generate.err)?.[1] ?? "";
		expect(await client.jobs.get(id)).toMatchObject({ status: "cancelled", charged_micro_usd: 0 });
		expect(fs.existsSync(out("never.png"))).toBe(false);
	});

	test("a worker that knows only the address and a token makes the picture", async () => {
		const added = run("workers", "add", "rig", "--pool", "gpu", "--pool", "enhance");
		expect(await added.exited, added.err).toBe(0);
		const token = added.out.trim();
		expect(token).toMatch(/^gwt_/);
		// A folder that does not exist, and a database that nobody could reach: it must need neither.
		const worker = spawnCli(["worker", "--server", url], {
			GLASSWORKS_WORKER_TOKEN: token,
			GLASSWORKS_DATA: out("worker-data"),
			DATABASE_URL: "postgres://nobody@127.0.0.1:9/none",
		});
		await worker.says("works for");

		const generate = run("generate", "a red apple", "--json", "--seed", "3", "--out", out("apple.png"));
		expect(await generate.exited, generate.err).toBe(0);
		const job = JSON.parse(generate.out) as Job;
		expect(job.status).toBe("succeeded");
		expect(await client.jobs.get(job.id)).toMatchObject({ status: "succeeded" });
		expect(fs.readFileSync(out("apple.png")).subarray(1, 4).toString()).toBe("PNG");
		expect(fs.existsSync(out("worker-data"))).toBe(false);

		worker.child.kill("SIGTERM");
		expect(await worker.exited, worker.err).toBe(0);
	});

	test("a revoked worker ends and says why", async () => {
		const added = run("workers", "add", "guest", "--json");
		expect(await added.exited, added.err).toBe(0);
		const { token, worker } = JSON.parse(added.out) as { token: string; worker: { id: string } };
		const guest = spawnCli(["worker", "--server", url, "--token", token], {});
		await guest.says("works for");
		expect(await run("workers", "revoke", worker.id).exited).toBe(0);
		expect(await guest.exited).toBe(1);
		expect(guest.err).toContain("unauthenticated");
	});

	test("a new key works at once and a revoked one no longer", async () => {
		const created = run("keys", "create", "ci", "--scope", "read", "--json");
		expect(await created.exited, created.err).toBe(0);
		const { secret, key } = JSON.parse(created.out) as { secret: string; key: { id: string } };
		const reader = createClient({ baseUrl: url, apiKey: secret });
		expect(await reader.jobs.list()).toHaveProperty("data");
		await expect(reader.generations.create({ prompt: "x" })).rejects.toMatchObject({ code: "forbidden" });
		expect(await run("keys", "revoke", key.id).exited).toBe(0);
		await expect(reader.jobs.list()).rejects.toMatchObject({ code: "unauthenticated" });
	});

	test("it stops when its launcher is killed, and commands no longer turn to it", async () => {
		server.child.kill("SIGKILL");
		while (fs.existsSync(path.join(dataDir, "server.json"))) await new Promise((resolve) => setTimeout(resolve, 50));
		const list = run("workers", "list");
		expect(await list.exited).toBe(1);
		expect(list.err).toContain("no server is running");
	});

	test("told to stop by a supervisor it ends with 0, and shows the owner key no second time", async () => {
		const again = spawnCli(["serve", "--services=api"], { GLASSWORKS_DATA: dataDir, GLASSWORKS_PORT: "0" });
		await again.says("Studio");
		again.child.kill("SIGTERM");
		expect(await again.exited, again.err).toBe(0);
		expect(again.out).not.toContain("Owner key");
		expect(fs.existsSync(path.join(dataDir, "server.json"))).toBe(false);
	});
});
