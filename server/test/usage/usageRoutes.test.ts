import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createClient, type UsageRow } from "@glassworks/sdk";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { z } from "zod";
import { glassworks } from "../../../glassworks.config.ts";
import type { tenantsUsagePage, usagePage } from "../../src/contract/usage.ts";
import { runCli } from "../cli/scriptedApi.ts";
import { type Call, caller, finished } from "../http/call.ts";
import { startTestApp } from "../support/testApp.ts";

type Page = z.infer<typeof usagePage>;

/** The built-in model at a price, on pools that cost the operator. */
const operator = {
	...glassworks,
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
	folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-usage-"));
	const file = path.join(folder, "operator.mjs");
	await writeFile(file, `export const glassworks = ${JSON.stringify(operator)};\n`);
	running = await startTestApp({ GLASSWORKS_CONFIG: file });
	owner = caller(running.url, running.ownerKey);
	tenant = await running.createTenant("starter", { creditMicroUsd: 1_000_000 });
	asTenant = caller(running.url, tenant.key);
	const job = await asTenant("POST", "/api/v1/generations", { body: { ...small, count: 2 } });
	await finished(asTenant, tenant.key, job.body);
	const made = await owner("POST", "/api/v1/keys", {
		body: { name: '=HYPERLINK("http://evil.test","x"),@', scopes: ["read", "generate"] },
	});
	const asNamed = caller(running.url, made.body.secret);
	await finished(asNamed, made.body.secret, (await asNamed("POST", "/api/v1/generations", { body: small })).body);
}, 180_000);
afterAll(async () => {
	await running?.close();
	await rm(folder, { recursive: true, force: true });
});
const read = async <T = Page>(call: Call, query: string) => JSON.parse((await call("GET", `/api/v1/usage${query}`)).text) as T;
const cli = async (key: string, ...argv: string[]) => {
	const { exitCode, text } = runCli(["usage", ...argv], { GLASSWORKS_URL: running.url, GLASSWORKS_KEY: key, GLASSWORKS_DATA: folder });
	return { exitCode: await exitCode, ...text };
};

test("an account sees what it used, what it was charged and nothing of anybody else", async () => {
	const page = await read(asTenant, "?group_by=step");
	expect(page.data.map((row) => [row.step, row.steps])).toEqual(
		expect.arrayContaining([
			["encode", 2],
			["generate", 2],
		]),
	);
	const { total } = await read(asTenant, "");
	expect(total).toMatchObject({ jobs: 1, jobs_failed: 0, pictures: 2, pictures_failed: 0, quota: { image: 2 } });
	const account = await asTenant("GET", "/api/v1/account");
	expect(1_000_000 - total.charged_micro_usd).toBe((account.body as unknown as { credit_micro_usd: number }).credit_micro_usd);
	const everything = (await asTenant("GET", "/api/v1/usage?group_by=day,key,model,step")).text;
	expect(everything).not.toMatch(/cost|margin|tenant_id/);
	expect((await read(owner, "")).total.pictures).toBe(1);
});

test("only operators see usage across accounts, with cost and margin", async () => {
	expect((await asTenant("GET", "/api/v1/usage/tenants")).body).toMatchObject({ status: 403, code: "forbidden" });
	expect((await caller(running.url, null)("GET", "/api/v1/usage/tenants")).status).toBe(401);
	const page = await read<z.infer<typeof tenantsUsagePage>>(owner, "/tenants");
	expect(page.data.map((row) => [row.tenant_id, row.pictures]).toSorted()).toEqual(
		[
			["owner", 1],
			[tenant.tenantId, 2],
		].toSorted(),
	);
	for (const row of [page.total, ...page.data]) {
		expect(row.cost_micro_usd).toBeGreaterThan(0);
		expect(row.margin_micro_usd).toBe(row.charged_micro_usd - row.cost_micro_usd);
	}
	const one = await read<z.infer<typeof tenantsUsagePage>>(owner, `/tenants?tenant=${tenant.tenantId}&group_by=model`);
	expect(one.total.pictures).toBe(2);
});

test.each([
	["group_by=day,nothing", "group_by"],
	["group_by=tenant", "group_by"],
	["from=2026-13-01", "from"],
	["from=2026-11-02&to=2026-11-01", "from"],
	["time_zone=Mars/Olympus", "time_zone"],
	["time_zone=%2B02:00", "time_zone"],
	["step=dance", "step"],
	["limit=0", "limit"],
	["before=x", "before"],
	[`before=${Buffer.from('["a",1]').toString("base64url")}`, "before"],
	[`before=${Buffer.from('["a","b\\u0000",null,null,null]').toString("base64url")}`, "before"],
])("%s is refused by its field", async (query, field) => {
	const answer = await asTenant("GET", `/api/v1/usage?${query}`);
	expect(answer.body).toMatchObject({ status: 422, code: "invalid_request", errors: [{ path: [field] }] });
});

test("as CSV it is every row under a heading, whether Accept or format asks for it", async () => {
	for (const [query, headers] of [
		["?group_by=step,model&format=csv", {}],
		["?group_by=step,model", { accept: "text/csv" }],
	] as const) {
		const answer = await asTenant("GET", `/api/v1/usage${query}`, { headers });
		expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
		expect(answer.headers.get("content-disposition")).toMatch(/^attachment; filename="usage-\d{4}-\d\d-\d\d-to-\d{4}-\d\d-\d\d\.csv"$/);
		const lines = parse(answer.text, { columns: true }) as Record<string, string>[];
		expect(lines.find((line) => line.step === "generate")).toMatchObject({ model: "embedded", steps: "2", quota_image: "2", jobs: "" });
		expect(answer.text).not.toMatch(/cost|margin|tenant/);
	}
	const bad = await asTenant("GET", "/api/v1/usage?format=csv&before=x");
	expect(bad.body).toMatchObject({ code: "invalid_request" });
});

test("a key's name runs no formula in a spreadsheet", async () => {
	const { text } = await owner("GET", "/api/v1/usage?group_by=key&format=csv");
	expect(text).toContain(`"'=HYPERLINK(""http://evil.test"",""x""),@"`);
});

test("the SDK walks through all rows", async () => {
	const client = createClient({ baseUrl: running.url, apiKey: tenant.key });
	const rows: UsageRow[] = [];
	for await (const row of client.usage.iterate({ groupBy: ["step", "model"], limit: 1 })) rows.push(row);
	expect(rows.length).toBeGreaterThan(2);
	expect(rows).toEqual((await client.usage.list({ groupBy: ["step", "model"] })).data);
	expect(await client.usage.csv({ groupBy: ["step"] })).toMatch(/^day,key_id,/);
});

test("glassworks usage shows a table, JSON and CSV", async () => {
	const shown = await cli(tenant.key, "--by", "step");
	expect(shown).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^STEP +PICTURES +JOBS/) });
	expect(shown.out).toMatch(/generate .* 2 image/);
	expect(shown.out).not.toContain("MARGIN");
	const all = await cli(running.ownerKey, "--tenants", "--by", "model");
	expect(all.out).toMatch(/^TENANT +MODEL +PICTURES .* MARGIN/);
	expect(JSON.parse((await cli(tenant.key, "--json")).out)).toMatchObject({ total: { pictures: 2 } });
	expect((await cli(tenant.key, "--csv", "--by", "day,model")).out).toMatch(/^day,key_id,/);
	expect((await cli(tenant.key, "--by", "week")).exitCode).toBe(2);
	expect(await cli(tenant.key, "--tenants")).toMatchObject({ exitCode: 1, err: expect.stringContaining("forbidden") });
});
