import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { glassworks } from "../../../glassworks.config.ts";
import { type Call, caller } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

/** Windows of an hour, so that none ends while a test runs. */
const operator = {
	...glassworks,
	plans: {
		...glassworks.plans,
		free: { ...glassworks.plans.free, requestRate: { requests: 2, per: "hour" } },
		starter: { ...glassworks.plans.starter, rate: { requests: 3, per: "hour" }, requestRate: { requests: 4, per: "hour" } },
		pro: { ...glassworks.plans.pro, rate: { requests: 30, per: "hour" }, requestRate: { requests: 40, per: "hour" } },
	},
	limits: { strangers: { requests: 40, per: "hour" } },
};
const small = { prompt: "a red apple", steps: 1, width: 64, height: 64, upscale: false, restore_faces: false };

let running: TestApp;
let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-rates-"));
	const file = path.join(folder, "operator.mjs");
	await writeFile(file, `export const glassworks = ${JSON.stringify(operator)};\n`);
	// As behind one proxy, which says whom it was asked by.
	running = await startTestApp({ GLASSWORKS_CONFIG: file, GLASSWORKS_PROXIES: "1" });
});
afterAll(async () => {
	await running?.close();
	await rm(folder, { recursive: true, force: true });
});

const as = async (plan: string) => caller(running.url, (await running.createTenant(plan, { creditMicroUsd: 0 })).key);
const from =
	(address: string, call: Call): Call =>
	(method, at, options = {}) =>
		call(method, at, { ...options, headers: { ...options.headers, "x-forwarded-for": address } });

test("asking for pictures faster than the plan allows is refused, with the limit, the wait and the plan that allows it", async () => {
	const call = await as("starter");
	const answers = await Promise.all(Array.from({ length: 12 }, () => call("POST", "/api/v1/generations", { body: small })));
	expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
	const refused = answers.filter(({ status }) => status === 429);
	expect(refused).toHaveLength(9);
	for (const { headers, body } of refused) {
		expect(body).toMatchObject({ code: "rate_limited", limit: "rate", max: 3, per: "hour", plan: "pro", plans: ["pro", "enterprise"] });
		const wait = Number(headers.get("retry-after"));
		expect(wait).toBeGreaterThan(3_000);
		expect(wait).toBeLessThanOrEqual(3_600);
		expect(headers.get("ratelimit-limit")).toBe("3");
		expect(headers.get("ratelimit-remaining")).toBe("0");
		expect(headers.get("ratelimit-reset")).toBe(String(wait));
		expect(headers.get("ratelimit-policy")).toBe("3;w=3600");
	}
	// A request over the rate is refused before its body is looked at; another account is not touched.
	expect((await call("POST", "/api/v1/generations", { body: { nonsense: true } })).status).toBe(429);
	expect((await call("POST", "/api/v1/edits", { body: {} })).status).toBe(429);
	expect((await call("POST", "/api/v1/workflows/upscale/runs", { body: {} })).status).toBe(429);
	expect((await call("POST", "/api/v1/quotes", { body: small })).status).toBe(200);
	expect((await (await as("starter"))("POST", "/api/v1/generations", { body: small })).status).toBe(202);
});

test("everything else has a limit of its own, shared by the keys of an account", async () => {
	const call = await as("starter");
	const looks = await Promise.all(Array.from({ length: 6 }, () => call("GET", "/api/v1/jobs")));
	expect(looks.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 429, 429]);
	expect((await call("GET", "/api/v1/account")).body).toMatchObject({
		code: "rate_limited",
		limit: "request_rate",
		max: 4,
		detail: expect.stringContaining("The plan pro allows it."),
	});
	expect((await call("POST", "/api/v1/generations", { body: small })).status).toBe(202);
});

test("plans without a rate, and the owner, are never told to wait", async () => {
	const owner = caller(running.url, running.ownerKey);
	const answers = await Promise.all(Array.from({ length: 60 }, () => owner("GET", "/api/v1/jobs?limit=1")));
	expect(answers.every(({ status, headers }) => status === 200 && headers.get("ratelimit-limit") === null)).toBe(true);
	const call = await as("enterprise");
	const asked = await Promise.all(Array.from({ length: 12 }, () => call("POST", "/api/v1/generations", { body: small })));
	expect(asked.every(({ status }) => status === 202)).toBe(true);
});

test("strangers are limited by the address that the proxy saw, whatever they claim, and keys from there still work", async () => {
	const stranger = from("198.51.100.1, 203.0.113.7", caller(running.url, null));
	const wrong = from("203.0.113.7", caller(running.url, `gw_${"x".repeat(43)}`));
	const answers = [];
	for (let index = 0; index < 25; index++) answers.push(await stranger("GET", "/api/v1/queue"), await wrong("GET", "/api/v1/jobs"));
	expect(answers.filter(({ status }) => status !== 429)).toHaveLength(40);
	expect(answers.at(-1)?.body).toMatchObject({ code: "rate_limited", limit: "address_rate", max: 40 });
	expect((await stranger("GET", "/openapi.json")).status).toBe(429);
	expect((await stranger("GET", "/no-such-page")).status).toBe(429);
	expect((await from("198.51.100.9, 203.0.113.7", caller(running.url, null))("GET", "/api/v1/queue")).status).toBe(429);
	expect((await from("203.0.113.8", caller(running.url, null))("GET", "/api/v1/queue")).status).toBe(200);
	expect((await from("203.0.113.7", await as("pro"))("GET", "/api/v1/jobs")).status).toBe(200);
	for (const probe of ["/healthz", "/readyz"]) expect((await stranger("GET", probe)).status).toBe(200);
});
