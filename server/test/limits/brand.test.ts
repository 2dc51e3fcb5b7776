import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { glassworks } from "../../../glassworks.config.ts";
import { runCli } from "../cli/scriptedApi.ts";
import { caller, finished } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

const brand = {
	name: "Acme Pictures",
	logoUrl: "https://cdn.acme.example/logo.svg",
	colours: { accent: "#1f6feb", onAccent: "#ffffff" },
	studioUrl: "https://studio.acme.example/",
	mailFrom: "Acme Pictures <studio@acme.example>",
};

let running: TestApp;
let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-brand-"));
	const file = path.join(folder, "operator.mjs");
	await writeFile(file, `export const glassworks = ${JSON.stringify({ ...glassworks, brand })};\n`);
	running = await startTestApp({ GLASSWORKS_CONFIG: file });
});
afterAll(async () => {
	await running?.close();
	await rm(folder, { recursive: true, force: true });
});

test("whoever looks, signed in or not, sees the operator's name, look and addresses", async () => {
	const stranger = caller(running.url, null);
	expect((await stranger("GET", "/api/v1/server")).body).toEqual({
		...{ name: "Acme Pictures", logo_url: brand.logoUrl, colours: { accent: "#1f6feb", on_accent: "#ffffff" } },
		...{
			studio_url: "https://studio.acme.example",
			api_url: running.url,
			version: expect.any(String),
			sign_up: "invite",
			sends_mail: false,
		},
	});
	expect((await stranger("GET", "/openapi.json")).body).toMatchObject({ info: { title: "Acme Pictures" } });
});

test("an operator reads what was kept of the plans' promises; nobody else does", async () => {
	const { key } = await running.createTenant("pro", { creditMicroUsd: 0 });
	const call = caller(running.url, key);
	const body = { prompt: "a fox", model: "embedded", width: 64, height: 64, steps: 2, upscale: false, restore_faces: false };
	await finished(call, key, (await call("POST", "/api/v1/generations", { body })).body);
	const later = { ...body, run_after: new Date(Date.now() + 3_600_000).toISOString() };
	const waiting = (await call("POST", "/api/v1/generations", { body: later })).body;
	await call("POST", `/api/v1/jobs/${waiting.id}/cancel`);
	expect((await call("GET", "/api/v1/promises")).body).toMatchObject({ code: "forbidden" });
	const report = await caller(running.url, running.ownerKey)("GET", "/api/v1/promises?days=7");
	expect(report.body).toMatchObject({ days: 7 });
	const { plans } = report.body as unknown as { plans: { plan: string }[] };
	expect(plans.find(({ plan }) => plan === "pro")).toEqual({
		...{ plan: "pro", promised_wait_ms: 60_000, promised_success_share: 0.99, waited: 1, ended: 1, success_share: 1 },
		wait_kept_share: expect.any(Number),
	});
	expect(plans.find(({ plan }) => plan === "free")).toMatchObject({ promised_wait_ms: null, waited: 0, wait_kept_share: null, ended: 0 });
	const cli = runCli(["promises"], { GLASSWORKS_URL: running.url, GLASSWORKS_KEY: running.ownerKey });
	expect(await cli.exitCode).toBe(0);
	expect(cli.text.out).toContain("WAIT AT MOST");
});
