import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { judgeCapabilities, judgeDisk } from "../../src/cli/doctor/checks.ts";
import { describe as describeJob, formatSpan } from "../../src/cli/generate/progress.ts";
import { formatMoney } from "../../src/cli/money.ts";
import { printable } from "../../src/cli/terminal.ts";
import { image, job, runCli, type ScriptedApi, startScriptedApi } from "./scriptedApi.ts";

let api: ScriptedApi;
let folder = "";
beforeEach(async () => {
	api = await startScriptedApi();
	folder = fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-commands-"));
});
afterEach(async () => {
	await api.close();
	fs.rmSync(folder, { recursive: true });
});
const run = (...argv: string[]) => runCli(argv, { GLASSWORKS_URL: api.url, GLASSWORKS_KEY: "gw_x", GLASSWORKS_DATA: folder });

const worker = { id: "worker_1", name: "rig", kind: "remote", pools: ["gpu"], capabilities: [], last_seen_at: null, revoked_at: null };

describe("the command line", () => {
	test.each([
		["generate"],
		["serve"],
		["worker"],
		["workers"],
		["workers add"],
		["keys"],
		["keys create"],
		["models"],
		["models pull"],
		["migrate"],
		["doctor"],
	])("glassworks %s --help explains it and ends with 0", async (command) => {
		const { exitCode, text } = run(...command.split(" "), "--help");
		expect(await exitCode).toBe(0);
		expect(text.out).toContain(`glassworks ${command}`);
	});

	test("glassworks help env names every variable with its default", async () => {
		const { exitCode, text } = run("help", "env");
		expect(await exitCode).toBe(0);
		expect(text.out).toContain("GLASSWORKS_PORT");
		expect(text.out).toContain("Default: 7860.");
	});

	test("an unknown command ends with 2", async () => {
		expect(await run("frob").exitCode).toBe(2);
		expect(await run("help", "frob").exitCode).toBe(2);
	});

	test("a wrong variable ends with 2 before anything is started", async () => {
		const { exitCode, text } = runCli(["serve"], { GLASSWORKS_PORT: "x" });
		expect(await exitCode).toBe(2);
		expect(text.err).toContain("GLASSWORKS_PORT must be a number");
	});

	test("serve refuses services it does not have", async () => {
		expect(await run("serve", "--services=api,cron").exitCode).toBe(2);
	});

	test("a worker without address or token ends with 2", async () => {
		expect(await runCli(["worker"], {}).exitCode).toBe(2);
		expect(await runCli(["worker", "--server", "https://example.com"], {}).exitCode).toBe(2);
	});

	test("a worker does not send its token unencrypted to another machine", async () => {
		const { exitCode, text } = runCli(["worker", "--server", "http://192.0.2.1:7860", "--token", "gwt_secretsecretsecretsecret"], {});
		expect(await exitCode).toBe(1);
		expect(text.err).toContain("--allow-http");
		expect(text.err).not.toContain("secretsecret");
	});

	test("commands that need a server say how to get one", async () => {
		const { exitCode, text } = runCli(["workers", "list"], { GLASSWORKS_DATA: folder });
		expect(await exitCode).toBe(1);
		expect(text.err).toContain("glassworks serve");
	});
});

describe("workers and keys", () => {
	test("a new worker's token is all that standard output holds", async () => {
		api.answers["POST /api/v1/workers"] = { status: 201, body: { worker, token: "gwt_abc" } };
		const { exitCode, text } = run("workers", "add", "rig", "--pool", "gpu", "--capability", "upscale:x", "--capability", "generate:y");
		expect(await exitCode).toBe(0);
		expect(text.out).toBe("gwt_abc\n");
		expect(api.requests[0]?.body).toEqual({ name: "rig", pools: ["gpu"], capabilities: ["upscale:x", "generate:y"] });
	});

	test("workers are listed with when they were last seen", async () => {
		api.answers["GET /api/v1/workers"] = {
			status: 200,
			body: { data: [worker, { ...worker, id: "worker_2", revoked_at: "2030-01-01T00:00:00Z" }] },
		};
		const { exitCode, text } = run("workers", "list");
		expect(await exitCode).toBe(0);
		expect(text.out).toContain("never seen");
		expect(text.out).toContain("revoked");
	});

	test("an id cannot reach another route", async () => {
		expect(await run("workers", "revoke", "../keys/k").exitCode).toBe(1);
		expect(api.requests[0]?.line).toBe("POST /api/v1/workers/..%2Fkeys%2Fk/revoke");
	});

	test("a key is made with the scopes and the time that were asked for", async () => {
		const key = {
			id: "key_1",
			name: "ci",
			prefix: "gw_abc",
			scopes: ["read"],
			created_at: "2030-01-01T00:00:00Z",
			expires_at: null,
			revoked_at: null,
		};
		api.answers["POST /api/v1/keys"] = { status: 201, body: { key, secret: "gw_abcdef" } };
		const { exitCode, text } = run("keys", "create", "ci", "--scope", "read", "--expires", "2030-06-01");
		expect(await exitCode).toBe(0);
		expect(text.out).toBe("gw_abcdef\n");
		expect(api.requests[0]?.body).toEqual({ name: "ci", scopes: ["read"], expires_at: "2030-06-01T00:00:00.000Z", caps: {} });
		expect(await run("keys", "create", "ci", "--scope", "admin").exitCode).toBe(2);
	});
});

describe("what is shown", () => {
	test("money is exact and never shorter than cents", () => {
		expect([0, 120_000, 37_500, 1, 11_900_000, -250_000].map(formatMoney)).toEqual([
			"$0.00",
			"$0.12",
			"$0.0375",
			"$0.000001",
			"$11.90",
			"-$0.25",
		]);
	});

	test("waits are rounded up", () => {
		expect([0, 401, 9_950, 12_001, 90_001, 5_400_001].map(formatSpan)).toEqual(["0 s", "0.5 s", "10 s", "13 s", "2 min", "1.6 h"]);
	});

	test("a queued job shows its place, the reason and the time it will take", () => {
		const waiting = {
			as_of: "2030-01-01T00:00:00Z",
			pool: "gpu",
			place: 5,
			ahead_by_plan: {},
			reason: { code: "fair_share_turn" as const, data: {}, help: { you: null, operator: null } },
			eta: { p10_ms: 400_000, p50_ms: 420_000, p90_ms: 540_000, method: "", coverage: null },
		};
		expect(describeJob(job({ status: "queued", waiting }), null)).toBe("queued  place 5  why: fair share turn  ETA 7 min to 9 min");
	});

	test("a running step shows how far it is, and of which picture", () => {
		const running = job({ status: "running", images: [image(0), image(1, { status: "pending", step: "upscale" })] });
		expect(describeJob(running, { n: 1, step: "upscale", fraction: 0.5 })).toBe(
			"[############------------]  50 %  upscale (picture 2 of 2)",
		);
	});

	test("control characters never reach the terminal", () => {
		expect(printable("a\u001b[2Jb\r\nc\td\u0000")).toBe("a\u{fffd}[2Jb\u{fffd}\nc\td\u{fffd}");
	});

	test("the doctor says what to do about what is missing", () => {
		expect(judgeCapabilities(["generate:embedded", "upscale:x"]).map((finding) => finding.level)).toEqual(["ok", "warn"]);
		expect(judgeCapabilities(["upscale:x"])[0]).toMatchObject({ level: "fail" });
		expect([0.1, 1, 50].map((gib) => judgeDisk(gib * 1_073_741_824).level)).toEqual(["fail", "warn", "ok"]);
	});
});
