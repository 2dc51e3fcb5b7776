import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ServiceRecord } from "../../src/domain/status/serviceWatch.ts";
import { type Call, caller, finished } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 10, 25, 0, minute));
const told = (record: ServiceRecord | null) =>
	record?.incidents.map(({ kind, beganAt, endedAt }) =>
		[kind, beganAt, endedAt].map((each) => (each instanceof Date ? each.getTime() : each)),
	);
const ms = (minute: number) => at(minute).getTime();

describe.each(storeKinds.filter(({ present }) => present))("the record of the service, $name", ({ open }) => {
	let stores: TestStores;
	afterEach(() => stores.close());

	test("a silence is an outage, a restart is none, and workers that are away for long are told", async () => {
		stores = await open([]);
		const { serviceWatch } = stores;
		expect(await serviceWatch.read(at(0))).toBeNull();
		await serviceWatch.note(true, at(0));
		await serviceWatch.note(true, at(2));
		expect(told(await serviceWatch.read(at(2)))).toEqual([]);
		await serviceWatch.note(true, at(32));
		// Two servers say so at once.
		await Promise.all([serviceWatch.note(false, at(33)), serviceWatch.note(false, at(33))]);
		await serviceWatch.note(false, at(35));
		expect(told(await serviceWatch.read(at(35)))).toEqual([["down", ms(2), ms(32)]]);
		await serviceWatch.note(false, at(37));
		await serviceWatch.note(false, at(38));
		expect(told(await serviceWatch.read(at(38)))?.[0]).toEqual(["no_workers", ms(33), null]);
		await serviceWatch.note(true, at(40));
		expect(told(await serviceWatch.read(at(40)))?.[0]).toEqual(["no_workers", ms(33), ms(40)]);
		const later = new Date(ms(0) + 100 * 86_400_000);
		expect(told(await serviceWatch.read(later))).toEqual([]);
		expect((await serviceWatch.read(later))?.since).toEqual(at(0));
	});

	test("workers that were away when the servers went are told of up to then", async () => {
		stores = await open([]);
		const { serviceWatch } = stores;
		for (const minute of [0, 2, 4]) await serviceWatch.note(false, at(minute));
		await serviceWatch.note(true, at(60));
		expect(told(await serviceWatch.read(at(60)))).toEqual([
			["down", ms(4), ms(60)],
			["no_workers", ms(0), ms(4)],
		]);
	});
});

describe("GET /status", () => {
	let app: TestApp;
	let owner: Call;
	beforeAll(async () => {
		app = await startTestApp();
		owner = caller(app.url, app.ownerKey);
	}, 120_000);
	afterAll(() => app?.close());

	test("anybody reads it, and it tells of waits once there are enough jobs to be nobody's", { timeout: 120_000 }, async () => {
		const anybody = caller(app.url, null);
		const first = (await anybody("GET", "/api/v1/status")).body as unknown as Record<string, unknown>;
		expect(first).toMatchObject({ state: "working", incidents: [], uptime: [{ days: 1 }, { days: 30 }, { days: 90 }] });
		const { tenantId, key } = await app.createTenant("pro", { creditMicroUsd: 0 });
		const call = caller(app.url, key);
		for (let seed = 0; seed < 5; seed++) {
			const body = { prompt: "a fox", model: "embedded", width: 64, height: 64, steps: 1, seed, upscale: false, restore_faces: false };
			await finished(call, key, (await call("POST", "/api/v1/generations", { body })).body);
		}
		const pro = async () => {
			const answer = await anybody("GET", "/api/v1/status");
			expect(answer.text).not.toContain(tenantId);
			return (answer.body as unknown as { waits: { plan: string; p50_ms: number | null }[] }).waits.find(({ plan }) => plan === "pro");
		};
		await expect.poll(async () => (await pro())?.p50_ms, { timeout: 100_000, interval: 2_000 }).toEqual(expect.any(Number));
		expect(await pro()).toMatchObject({ title: "Pro", promised_ms: 60_000 });
	});

	test("open jobs are listed by themselves, whatever has ended in between", async () => {
		const body = { prompt: "a fox", run_after: new Date(Date.now() + 3_600_000).toISOString() };
		const made = (await owner("POST", "/api/v1/generations", { body })).body;
		const other = (await owner("POST", "/api/v1/generations", { body: { ...body, prompt: "a hare" } })).body;
		await owner("POST", `/api/v1/jobs/${other.id}/cancel`);
		expect((await owner("GET", "/api/v1/jobs?status=open")).body.data.map((job: { id: string }) => job.id)).toEqual([made.id]);
		expect((await owner("GET", "/api/v1/jobs?status=opened")).status).toBe(422);
		await owner("POST", `/api/v1/jobs/${made.id}/cancel`);
		expect((await owner("GET", "/api/v1/jobs?status=open")).body.data).toEqual([]);
	});
});
