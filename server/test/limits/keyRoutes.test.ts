import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../cli/scriptedApi.ts";
import { type Call, caller } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

let running: TestApp;
let manager: Call;
beforeAll(async () => {
	running = await startTestApp();
	const { tenantId } = await running.createTenant("pro", { creditMicroUsd: 1_000_000 });
	const body = { name: "manager", scopes: ["read", "generate", "manage"] };
	const made = await caller(running.url, running.ownerKey)("POST", `/api/v1/keys?tenant=${tenantId}`, { body });
	manager = caller(running.url, made.body.secret);
});
afterAll(() => running?.close());

const none = { spend_micro_usd_per_month: null, max_pixels: null, max_steps: null, unfinished_pictures: null, models: null };
const small = { prompt: "a fox", model: "embedded", width: 64, height: 64, steps: 2, upscale: false, restore_faces: false };
const later = () => ({ ...small, run_after: new Date(Date.now() + 3_600_000).toISOString() });

test("a key is made with caps, changed, held to them in jobs, edits and quotes, and shows what is used", async () => {
	const caps = { max_pixels: 4_096, max_steps: 2, unfinished_pictures: 2, models: ["embedded"] };
	const made = (await manager("POST", "/api/v1/keys", { body: { name: "n8n", caps } })).body;
	expect(made.key).toMatchObject({ caps: { ...none, ...caps }, used: { spend_micro_usd: 0, unfinished_pictures: 0 } });
	const key = caller(running.url, made.secret);
	const ask = async (body: object, path = "generations") => (await key("POST", `/api/v1/${path}`, { body })).body;
	expect(await ask({ ...small, width: 128 }, "quotes")).toMatchObject({
		code: "over_key_cap",
		cap: "max_pixels",
		max: 4_096,
		asked: 8_192,
	});
	expect(await ask({ ...small, steps: 3 })).toMatchObject({ status: 403, code: "over_key_cap", cap: "max_steps", max: 2, asked: 3 });
	expect(await ask({ ...small, model: "sd15", width: 512, height: 512 })).toMatchObject({ cap: "models", asked: "sd15" });
	const first = await ask(later());
	await ask(later());
	const busy = await key("POST", "/api/v1/generations", { body: later() });
	expect([busy.status, busy.headers.get("retry-after")]).toEqual([429, "5"]);
	expect(busy.body).toMatchObject({ code: "key_busy", cap: "unfinished_pictures", max: 2, used: 2, asked: 1 });
	expect((await manager("GET", `/api/v1/keys/${made.key.id}`)).body).toMatchObject({ used: { unfinished_pictures: 2 } });
	expect((await key("POST", `/api/v1/jobs/${first.id}/cancel`)).status).toBe(200);
	expect((await ask(later())).status).toBe("scheduled");
	const changed = await manager("PATCH", `/api/v1/keys/${made.key.id}`, {
		body: { name: "n8n 2", caps: { max_steps: null, unfinished_pictures: 3 } },
	});
	expect(changed.body).toMatchObject({ name: "n8n 2", caps: { ...none, ...caps, max_steps: null, unfinished_pictures: 3 } });
	expect((await ask({ ...later(), steps: 3 })).status).toBe("scheduled");
	const session = await caller(running.url, null)("POST", "/api/v1/session", { body: { key: made.secret } });
	const cookie = session.headers.get("set-cookie")?.split(";")[0] ?? "";
	const browser = { body: later(), headers: { cookie, origin: running.url } };
	expect((await caller(running.url, null)("POST", "/api/v1/generations", browser)).body).toMatchObject({ code: "key_busy" });
});

test("caps that name or are nothing are refused by their field, and a key with caps frees neither itself nor others", async () => {
	const wrong = async (caps: object) => (await manager("POST", "/api/v1/keys", { body: { name: "x", caps } })).body;
	expect(await wrong({ models: ["embedded", "glyph"] })).toMatchObject({
		code: "invalid_request",
		errors: [{ path: ["caps", "models", 1] }],
	});
	expect(await wrong({ max_pixels: 0 })).toMatchObject({ code: "invalid_request", errors: [{ path: ["caps", "max_pixels"] }] });
	expect(await wrong({ spend: 5 })).toMatchObject({ code: "invalid_request" });
	const body = { name: "deputy", scopes: ["read", "generate", "manage"], caps: { max_steps: 5 } };
	const { key, secret } = (await manager("POST", "/api/v1/keys", { body })).body;
	const deputy = caller(running.url, secret);
	expect((await deputy("PATCH", `/api/v1/keys/${key.id}`, { body: { caps: { max_steps: null } } })).body).toMatchObject({
		code: "forbidden",
	});
	expect((await deputy("POST", "/api/v1/keys", { body: { name: "free" } })).body).toMatchObject({ code: "forbidden" });
	const rotated = (await deputy("POST", `/api/v1/keys/${key.id}/rotate`, { body: {} })).body;
	expect(rotated.key).toMatchObject({ caps: { max_steps: 5 } });
	const other = await running.createTenant("pro", { creditMicroUsd: 0 });
	const stranger = await caller(running.url, running.ownerKey)("POST", `/api/v1/keys?tenant=${other.tenantId}`, {
		body: { ...body, caps: {} },
	});
	const answer = await caller(running.url, stranger.body.secret)("PATCH", `/api/v1/keys/${key.id}`, { body: { name: "mine" } });
	expect(answer.body).toMatchObject({ code: "not_found" });
});

test("the command line makes and changes keys with caps, and lists what is used of them", async () => {
	const cli = async (...argv: string[]) => {
		const { exitCode, text } = runCli(argv, { GLASSWORKS_URL: running.url, GLASSWORKS_KEY: running.ownerKey });
		return { exitCode: await exitCode, ...text };
	};
	const made = await cli("keys", "create", "shop", "--max-spend", "2.50", "--model", "embedded", "--json");
	const { key } = JSON.parse(made.out) as { key: { id: string } };
	expect((await cli("keys", "change", key.id, "--max-unfinished", "4", "--uncap", "models")).out).toContain(
		`${key.id} "shop": $0.00 of $2.50 a month, 0 of 4 unfinished`,
	);
	expect((await cli("keys", "list")).out).toContain("$0.00 of $2.50 a month");
	expect((await cli("keys", "change", key.id)).exitCode).toBe(2);
	expect((await cli("keys", "change", key.id, "--uncap", "colour")).err).toContain(
		"must be one of spend, pixels, steps, unfinished, models",
	);
});
