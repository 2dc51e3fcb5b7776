import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { glassworks } from "../../../glassworks.config.ts";
import { type Call, caller, type ReadEvent, readEvents } from "../http/call.ts";
import { type OwnRedis, openOwnRedis, redisServer } from "../limits/ownRedis.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";

const operator = {
	...glassworks,
	plans: { ...glassworks.plans, starter: { ...glassworks.plans.starter, rate: { requests: 4, per: "hour" }, runningCap: null } },
};
const ownerKey = `gw_${"r".repeat(43)}`;
const small = { prompt: "a red apple", model: "embedded", steps: 4, width: 64, height: 64, upscale: false, restore_faces: false };
const later = () => ({ ...small, run_after: new Date(Date.now() + 3_600_000).toISOString() });

describe.skipIf(!redisServer || adminUrl === "")("two servers on one database and a Redis that is killed", () => {
	let folder: string;
	let redis: OwnRedis;
	let dropDatabase: () => Promise<void>;
	const servers: TestApp[] = [];
	let calls: [Call, Call];
	beforeAll(async () => {
		folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-redis-kill-"));
		const file = path.join(folder, "operator.mjs");
		await writeFile(file, `export const glassworks = ${JSON.stringify(operator)};\n`);
		redis = await openOwnRedis();
		const { url, drop } = await createDatabase();
		dropDatabase = drop;
		// One folder, as replicas have one disk or one bucket.
		const GLASSWORKS_DATA = path.join(folder, "data");
		const variables = { GLASSWORKS_DATA, DATABASE_URL: url, REDIS_URL: redis.url, GLASSWORKS_CONFIG: file, GLASSWORKS_OWNER_KEY: ownerKey };
		for (let index = 0; index < 2; index++) servers.push(await startTestApp(variables));
		calls = servers.map((server) => caller(server.url, ownerKey)) as [Call, Call];
	}, 300_000);
	afterAll(async () => {
		for (const server of servers) await server.close();
		await redis?.close();
		await dropDatabase?.();
		await rm(folder, { recursive: true, force: true });
	}, 120_000);

	/** Of eight requests for pictures, four to each server: how many are accepted. */
	async function acceptedOfEight(): Promise<number> {
		const { key } = (await servers[0]?.createTenant("starter", { creditMicroUsd: 0 })) ?? { key: "" };
		const answers = await Promise.all(
			Array.from({ length: 8 }, (_, index) => caller(servers[index % 2]?.url ?? "", key)("POST", "/api/v1/generations", { body: later() })),
		);
		expect(answers.filter(({ status }) => status !== 202 && status !== 429)).toEqual([]);
		return answers.filter(({ status }) => status === 202).length;
	}

	/** Asks one server for a picture and follows it at the other. */
	async function drawn(asker: number, onEvent: (event: ReadEvent) => void = () => {}): Promise<ReadEvent[]> {
		const { status, body } = await (calls[asker] as Call)("POST", "/api/v1/generations", { body: small });
		expect(status).toBe(202);
		const stream = new URL(`/api/v1/jobs/${body.id}/events`, servers[1 - asker]?.url).href;
		let seen = 0;
		return readEvents(stream, { authorization: `Bearer ${ownerKey}` }, (events) => {
			for (const event of events.slice(seen)) onEvent(event);
			seen = events.length;
			return false;
		});
	}

	function expectWhole(events: ReadEvent[]): void {
		const numbered = events.flatMap(({ id }) => (id === null ? [] : [id]));
		expect(numbered).toEqual(numbered.map((_, index) => index + 1));
		expect(events.filter(({ id }) => id !== null).at(-1)?.type).toBe("job.succeeded");
	}

	test("in the middle of a run nothing is lost: pictures, events, answers and limits go on, and all is shared again when it is back", async () => {
		await vi.waitFor(async () => expect(await acceptedOfEight()).toBe(4), { timeout: 120_000, interval: 200 });

		let killed: Promise<void> | null = null;
		const runs = [0, 1, 0, 1].map((asker) =>
			drawn(asker, ({ type }) => {
				if (type === "step.started") killed ??= redis.kill();
			}),
		);
		for (const events of await Promise.all(runs)) expectWhole(events);
		expect(killed).not.toBeNull();
		await killed;

		for (const call of calls) {
			expect((await call("GET", "/api/v1/jobs")).status).toBe(200);
			expect((await call("GET", "/readyz")).status).toBe(200);
		}
		// The database counts in its stead.
		await vi.waitFor(async () => expect(await acceptedOfEight()).toBe(4), { timeout: 120_000, interval: 500 });
		for (const events of await Promise.all([drawn(0), drawn(1)])) expectWhole(events);

		await redis.start();
		await vi.waitFor(async () => expect(await acceptedOfEight()).toBe(4), { timeout: 120_000, interval: 500 });
		for (const events of await Promise.all([drawn(0), drawn(1)])) expectWhole(events);
	}, 570_000);
});
