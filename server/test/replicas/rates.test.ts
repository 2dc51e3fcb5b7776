import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { glassworks } from "../../../glassworks.config.ts";
import { type Call, caller } from "../http/call.ts";
import { type ServerProcess, startServer } from "../kill/serverProcess.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const redisUrl = process.env.TEST_REDIS_URL ?? "";
const ownerKey = `gw_${crypto.randomUUID().replaceAll("-", "")}`;
const perSecond = 5;
const operator = {
	...glassworks,
	plans: {
		...glassworks.plans,
		starter: { ...glassworks.plans.starter, requestRate: { requests: perSecond, per: "second" } },
		pro: { ...glassworks.plans.pro, requestRate: { requests: 30, per: "hour" } },
		// Counted in the database, with Redis or without.
		free: { ...glassworks.plans.free, rate: { requests: 5, per: "month" }, requestRate: null },
	},
};

for (const [name, redis] of [
	["PostgreSQL and Redis", redisUrl],
	["PostgreSQL alone", null],
] as const)
	describe.skipIf(adminUrl === "" || redis === "")(`two API processes on ${name}`, () => {
		let folder: string;
		let database: Awaited<ReturnType<typeof createDatabase>>;
		let processes: ServerProcess[] = [];
		let urls: string[];
		beforeAll(async () => {
			folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-global-"));
			const file = path.join(folder, "operator.mjs");
			await writeFile(file, `export const glassworks = ${JSON.stringify(operator)};\n`);
			database = await createDatabase();
			const variables = { GLASSWORKS_CONFIG: file, GLASSWORKS_OWNER_KEY: ownerKey, GLASSWORKS_PORT: "0", GLASSWORKS_LOG_LEVEL: "warn" };
			processes = ["1", "2"].map((nth) =>
				startServer("api", {
					...{ ...variables, DATABASE_URL: database.url, GLASSWORKS_DATA: path.join(folder, nth) },
					...(redis ? { REDIS_URL: redis } : {}),
				}),
			);
			urls = await Promise.all(processes.map(({ url }) => url));
		});
		afterAll(async () => {
			await Promise.all(processes.map((process) => process.end("SIGTERM")));
			await database?.drop();
			await rm(folder, { recursive: true, force: true });
		});

		async function both(plan: string): Promise<Call[]> {
			const operatorCall = caller(urls[0] ?? "", ownerKey);
			const { id } = (await operatorCall("POST", "/api/v1/tenants", { body: { name: plan, plan } })).body;
			const scopes = ["read", "generate"];
			const { secret } = (await operatorCall("POST", `/api/v1/keys?tenant=${id}`, { body: { name: "k", scopes } })).body;
			return urls.map((url) => caller(url, secret));
		}
		const allowed = (answers: { status: number }[]) => answers.filter(({ status }) => status !== 429).length;
		const ask = (calls: Call[], times: number) =>
			Promise.all(Array.from({ length: times }, (_, nth) => (calls[nth % 2] as Call)("GET", "/api/v1/models")));

		/** A Redis that answers late on a busy machine is left alone for a second, and each counts for itself: then it is tried anew, with another account. */
		async function onceQuick(attempt: () => Promise<boolean>): Promise<boolean> {
			for (let tries = 0; tries < 10; tries++) if (await attempt()) return true;
			return false;
		}

		test("a rate is one for both, whichever is asked", async () => {
			expect(await onceQuick(async () => allowed(await ask(await both("pro"), 100)) === 30)).toBe(true);
		});

		test("a rate by the second lets through as many as there were seconds, though both are flooded", async () => {
			const isHeld = async () => {
				const calls = await both("starter");
				const from = performance.now();
				let through = 0;
				while (performance.now() - from < 3_000) through += allowed(await ask(calls, 40));
				// Windows that have begun: one more than whole seconds, and another where a window ends in between.
				const windows = Math.floor((performance.now() - from) / 1_000) + 2;
				return through >= perSecond && through <= perSecond * windows;
			};
			expect(await onceQuick(isHeld)).toBe(true);
		});

		test("a rate by the month is one for both, Redis or not", async () => {
			const calls = await both("free");
			const body = { prompt: "a red apple", width: 64, height: 64, steps: 1, upscale: false, restore_faces: false };
			const answers = await Promise.all(
				Array.from({ length: 12 }, (_, nth) => (calls[nth % 2] as Call)("POST", "/api/v1/generations", { body })),
			);
			expect(answers.filter(({ status }) => status === 202)).toHaveLength(5);
			expect(allowed(answers)).toBe(5);
		});
	});
