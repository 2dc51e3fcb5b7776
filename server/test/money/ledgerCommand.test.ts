import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli, type ScriptedApi, startScriptedApi } from "../cli/scriptedApi.ts";

let api: ScriptedApi;
beforeEach(async () => {
	api = await startScriptedApi();
});
afterEach(() => api.close());

const finding = { rule: "charged_twice", tenant_id: "ten_1", job_id: "job_1", detail: "step 7: 2 times in usd" };

test("glassworks ledger verify ends with 1 and names what is off", async () => {
	const body = { ok: false, as_of: "2026-11-24T00:00:00Z", entries: 9, balances: 3, jobs: 1, found: 1, findings: [finding] };
	api.answers["GET /api/v1/ledger/verification"] = { status: 200, body };
	const environment = { GLASSWORKS_URL: api.url, GLASSWORKS_KEY: "gw_x" };
	const { exitCode, text } = runCli(["ledger", "verify"], environment);
	expect(await exitCode).toBe(1);
	expect(text.out).toBe("charged_twice  ten_1  job_1  step 7: 2 times in usd\n");
	expect(text.err).toContain("the ledger is off in 1 place.");
	const json = runCli(["ledger", "verify", "--json"], environment);
	expect(await json.exitCode).toBe(1);
	expect(JSON.parse(json.text.out)).toEqual(body);
});
