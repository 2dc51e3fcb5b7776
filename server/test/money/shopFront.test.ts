import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { z } from "zod";
import { glassworks } from "../../../glassworks.config.ts";
import type { bill, foretoldQuote } from "../../src/contract/generation.ts";
import type { account, credits, earnings, verification } from "../../src/contract/money.ts";
import { runCli } from "../cli/scriptedApi.ts";
import { type Call, caller, finished } from "../http/call.ts";
import { startTestApp } from "../support/testApp.ts";

/** The built-in model at Flux's price, two pictures a month on starter, and pools that cost the operator. */
const operator = {
	...glassworks,
	plans: { ...glassworks.plans, starter: { ...glassworks.plans.starter, quotas: { image: 2, inpainting: 0 } } },
	models: glassworks.models.map((model) => ({ ...model, priceMicroUsd: 120_000 })),
	pools: Object.fromEntries(Object.entries(glassworks.pools).map(([name, pool]) => [name, { ...pool, costMicroUsdPerHour: 2_000_000 }])),
};
const small = { prompt: "a red apple", steps: 2, width: 64, height: 64, seed: 7, upscale: false, restore_faces: false };

let running: Awaited<ReturnType<typeof startTestApp>>;
let folder: string;
let owner: Call;
let tenant: { tenantId: string; key: string };
let asTenant: Call;
beforeAll(async () => {
	folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-shop-"));
	const file = path.join(folder, "operator.mjs");
	await writeFile(file, `export const glassworks = ${JSON.stringify(operator)};\n`);
	running = await startTestApp({ GLASSWORKS_CONFIG: file });
	owner = caller(running.url, running.ownerKey);
	tenant = await running.createTenant("starter", { creditMicroUsd: 0 });
	asTenant = caller(running.url, tenant.key);
});
afterAll(async () => {
	await running?.close();
	await rm(folder, { recursive: true, force: true });
});
const read = async <T>(call: Call, address: string) => JSON.parse((await call("GET", `/api/v1/${address}`)).text) as T;
const cli = async (...argv: string[]) => {
	const { exitCode, text } = runCli(argv, { GLASSWORKS_URL: running.url, GLASSWORKS_KEY: running.ownerKey, GLASSWORKS_DATA: folder });
	return { exitCode: await exitCode, ...text };
};

test("only the operator moves credit, reads the books and sees what things cost", async () => {
	const routes = [
		["POST", `tenants/${tenant.tenantId}/credits`],
		["GET", `tenants/${tenant.tenantId}/credits`],
		["GET", "ledger/verification"],
		["GET", "earnings"],
	] as const;
	for (const [method, address] of routes) {
		const body = method === "POST" ? { amount_micro_usd: 1_000_000 } : undefined;
		expect((await asTenant(method, `/api/v1/${address}`, { body })).body).toMatchObject({ status: 403, code: "forbidden" });
		expect((await caller(running.url, null)(method, `/api/v1/${address}`, { body })).status).toBe(401);
	}
	expect(await read<z.infer<typeof account>>(asTenant, "account")).toMatchObject({ credit_micro_usd: 0 });
});

test("credit that is added under one Idempotency-Key is added once", async () => {
	const address = `/api/v1/tenants/${tenant.tenantId}/credits`;
	const send = (amount: number) =>
		owner("POST", address, { body: { amount_micro_usd: amount, note: "by bank" }, headers: { "idempotency-key": "payment-1" } });
	const answers = await Promise.all([send(500_000), send(500_000), send(500_000)]);
	expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
	expect((await send(500_001)).body).toMatchObject({ code: "idempotency_key_reused" });
	expect((await owner("POST", address, { body: { amount_micro_usd: 0 } })).body).toMatchObject({ code: "invalid_request" });
	expect((await owner("POST", address, { body: { amount_micro_usd: 0.5 } })).body).toMatchObject({ code: "invalid_request" });
	expect((await owner("POST", "/api/v1/tenants/none/credits", { body: { amount_micro_usd: 1 } })).body).toMatchObject({
		code: "not_found",
	});
	expect(await read<z.infer<typeof credits>>(owner, `tenants/${tenant.tenantId}/credits`)).toMatchObject({
		plan: "starter",
		credit_micro_usd: 500_000,
		entries: [{ kind: "credit", unit: "usd", amount: 500_000, note: "by bank" }],
	});
});

test("a tenant sees the price before, the bill after, and the month go down", async () => {
	const asked = { ...small, count: 3 };
	const { waiting, ...quoted } = JSON.parse((await asTenant("POST", "/api/v1/quotes", { body: asked })).text) as z.infer<
		typeof foretoldQuote
	>;
	expect(waiting).not.toBeNull();
	expect(quoted.lines.map((line) => [line.kind, line.label, line.count, line.amount_micro_usd])).toEqual([
		["list", "Picture (embedded)", 3, 360_000],
		["included", "Included in plan (2 of 2 pictures left this month)", 2, -240_000],
	]);
	const accepted = await asTenant("POST", "/api/v1/generations", { body: asked });
	expect(accepted.body).toMatchObject({ quote: quoted, bill: { lines: [], total_micro_usd: 0, refunded: [], final: false } });
	const job = (await finished(asTenant, tenant.key, accepted.body)) as unknown as { bill: z.infer<typeof bill>; charged_micro_usd: number };
	const anew = { cached: false, cached_from: null };
	expect(job.bill).toEqual({ lines: quoted.lines, total_micro_usd: 120_000, refunded: [], final: true, ...anew });
	expect(job.charged_micro_usd).toBe(120_000);
	const { credit_micro_usd, held_micro_usd, quotas, limits } = await read<z.infer<typeof account>>(asTenant, "account");
	expect({ credit_micro_usd, held_micro_usd }).toEqual({ credit_micro_usd: 380_000, held_micro_usd: 0 });
	expect(quotas).toMatchObject([
		{ unit: "image", limit: 2, used: 2, held: 0, left: 0 },
		{ unit: "inpainting", limit: 0, used: 0, held: 0, left: 0 },
		{ unit: "training", limit: 0, used: 0, held: 0, left: 0 },
	]);
	expect(limits.running_at_once).toBe(2);
	expect(JSON.stringify(job)).not.toMatch(/cost/);
}, 120_000);

test("the operator sees price, own cost and margin of what was made", async () => {
	const { steps, total } = await read<z.infer<typeof earnings>>(owner, "earnings?days=1");
	const drawn = steps.find((step) => step.kind === "generate");
	expect(drawn).toMatchObject({
		model: "embedded",
		count: 3,
		list_micro_usd: 360_000,
		taken_micro_usd: 120_000,
		included_micro_usd: 240_000,
	});
	expect(drawn?.cost_micro_usd).toBeGreaterThan(0);
	expect(drawn?.margin_micro_usd).toBe(120_000 - (drawn?.cost_micro_usd ?? 0));
	expect(total.taken_micro_usd).toBe(steps.reduce((sum, step) => sum + step.taken_micro_usd, 0));
	expect(await read<z.infer<typeof verification>>(owner, "ledger/verification")).toMatchObject({ ok: true, found: 0, findings: [] });
});

test("credit is added, taken and shown from the command line, to the micro-dollar", async () => {
	const { tenantId } = tenant;
	expect(await cli("credits", "add", tenantId, "12.000001", "--note", "gift")).toMatchObject({
		exitCode: 0,
		out: `Added $12.000001: ${tenantId} has $12.380001.\n`,
	});
	expect(await cli("credits", "take", tenantId, "12.000001")).toMatchObject({
		exitCode: 0,
		out: `Took $12.000001: ${tenantId} has $0.38.\n`,
	});
	expect(await cli("credits", "take", tenantId, "0.380001")).toMatchObject({
		exitCode: 1,
		err: expect.stringContaining("insufficient_credit"),
	});
	for (const amount of ["0", "1.0000001", "1e3", "abc"]) expect((await cli("credits", "add", tenantId, amount)).exitCode).toBe(2);
	const shown = (await cli("credits", "show", tenantId)).out;
	expect(shown).toContain("credit: $0.38, held for jobs in progress: $0.00");
	expect(shown).toMatch(/image: 0 of 2 left until \d{4}-\d\d-01/);
	expect(shown).toContain("gift");
	expect(JSON.parse((await cli("credits", "show", "--json")).out)).toMatchObject({ tenant_id: "owner", plan: "owner" });
});

test("glassworks ledger verify ends with 0 when the books are right", async () => {
	expect(await cli("ledger", "verify")).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^The ledger is right: \d+ entries, /) });
	expect(JSON.parse((await cli("ledger", "verify", "--json")).out)).toMatchObject({ ok: true, found: 0 });
});
