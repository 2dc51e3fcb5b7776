import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { runCli } from "./scriptedApi.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let running: TestApp;
let folder: string;
beforeAll(async () => {
	folder = fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-cli-accounts-"));
	running = await startTestApp();
});
afterAll(async () => {
	await running?.close();
	fs.rmSync(folder, { recursive: true, force: true });
});

async function run(key: string, ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
	const { exitCode, text } = runCli(argv, { GLASSWORKS_URL: running.url, GLASSWORKS_KEY: key, GLASSWORKS_DATA: folder });
	return { code: await exitCode, out: text.out.trim(), err: text.err };
}
/** What a command prints with --json, and that it prints nothing else. */
async function json<T>(key: string, ...argv: string[]): Promise<T> {
	const { code, out, err } = await run(key, ...argv, "--json");
	expect(code, err).toBe(0);
	return JSON.parse(out) as T;
}
interface Account {
	id: string;
	name: string;
	plan: string;
}

test("an account is made, given credit and a key, works through a batch, shows its usage and is deleted, each as JSON", async () => {
	const operator = running.ownerKey;
	const account = await json<Account>(operator, "accounts", "create", "Till & Co", "--plan", "pro");
	expect(account).toMatchObject({ name: "Till & Co", plan: "pro", deleted_at: null });
	const list = await json<Account[]>(operator, "accounts", "list");
	expect(list.find(({ id }) => id === account.id)).toMatchObject({ name: "Till & Co" });
	expect(await json(operator, "accounts", "plan", account.id, "starter")).toMatchObject({ tenant: account.id, plan: "starter" });

	expect(await json(operator, "credits", "add", account.id, "12.50", "--note", "first")).toMatchObject({ credit_micro_usd: 12_500_000 });
	expect(await json(operator, "credits", "take", account.id, "2.5")).toMatchObject({ credit_micro_usd: 10_000_000 });
	expect(await json(operator, "credits", "show", account.id)).toMatchObject({
		entries: [{ kind: "withdrawal" }, { kind: "credit", note: "first" }],
	});
	expect((await run(operator, "credits", "take", account.id, "99", "--json")).code).toBe(1);

	const scopes = ["read", "generate", "manage"].flatMap((scope) => ["--scope", scope]);
	const made = await json<{ secret: string; key: { id: string } }>(operator, "keys", "create", "till", "--tenant", account.id, ...scopes);
	const key = made.secret;
	const other = await json<{ key: { id: string } }>(key, "keys", "create", "spare", "--max-steps", "3");
	expect(await json(key, "keys", "change", other.key.id, "--max-steps", "2")).toMatchObject({ id: other.key.id, caps: { max_steps: 2 } });
	expect(await json(key, "keys", "rotate", other.key.id)).toMatchObject({ secret: expect.stringMatching(/^gw_/) });
	const keys = await json<{ id: string; name: string; revoked_at: string | null; expires_at: string | null }[]>(key, "keys", "list");
	expect(keys.filter(({ name }) => name === "spare")).toHaveLength(2);
	const rotated = keys.find(({ id }) => id === other.key.id);
	expect(rotated?.revoked_at ?? rotated?.expires_at).toEqual(expect.any(String));
	expect(JSON.stringify(keys)).not.toContain(key);

	const file = path.join(folder, "items.json");
	const small = { width: 64, height: 64, steps: 1, upscale: false, restore_faces: false };
	fs.writeFileSync(file, JSON.stringify({ items: ["a red apple", "a pear"], defaults: small }));
	expect(await json(key, "batch", "create", file, "--quote")).toMatchObject({ items: 2, pictures: 2 });
	const batch = await json<{ id: string }>(key, "batch", "create", file, "--name", "fruit", "--wait");
	expect(batch).toMatchObject({ name: "fruit", status: "completed", counts: { succeeded: 2 } });
	expect(await json(key, "batch", "status", batch.id)).toMatchObject({ id: batch.id, progress: 1 });
	expect(await json(key, "batch", "list")).toMatchObject([{ id: batch.id }]);
	expect(await json(key, "batch", "items", batch.id)).toMatchObject([{ status: "succeeded" }, { status: "succeeded" }]);
	expect(await json(key, "batch", "retry", batch.id)).toMatchObject({ retried: 0 });
	const zip = path.join(folder, "fruit.zip");
	expect(await json(key, "batch", "zip", batch.id, "--out", zip)).toMatchObject({ batch: batch.id, bytes: fs.statSync(zip).size });
	expect((await run(key, "batch", "cancel", batch.id, "--json")).err).toContain("batch_ended");

	const usage = await json<{ data: { pictures: number; model: string }[] }>(key, "usage", "--by", "model");
	expect(usage.data.find(({ model }) => model === "embedded")).toMatchObject({ pictures: 2 });
	expect((await run(key, "usage", "--by", "day", "--csv")).out.split("\n")).toHaveLength(2);
	expect(await json(operator, "usage", "--tenants")).toMatchObject({
		data: expect.arrayContaining([expect.objectContaining({ tenant_id: account.id })]),
	});
	expect((await run(key, "usage", "--by", "colour")).code).toBe(2);

	const wrong = await run(key, "accounts", "delete", "--confirm", "Till");
	expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("confirm")]);
	const deletion = await json<{ id: string }>(key, "accounts", "delete", "--confirm", "Till & Co");
	expect(deletion).toMatchObject({ tenant_id: account.id, asked_at: expect.any(String) });
	expect((await run(key, "batch", "list")).err).toContain("not valid");
	const again = await run(operator, "accounts", "delete", account.id, "--confirm", "Till & Co");
	expect([again.code, again.err]).toEqual([1, expect.stringContaining("account_deleted")]);
	expect((await run(operator, "help", "accounts")).out).toContain("delete");
});
