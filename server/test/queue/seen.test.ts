import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PoolSnapshot } from "../../src/domain/jobs/queueSnapshot.ts";
import { createModelFactsReader } from "../../src/store/postgres/modelStats.ts";
import { createQueueIndex } from "../../src/store/postgres/queueIndex.ts";
import { createQueueReader } from "../../src/store/postgres/readQueue.ts";
import { createSteering } from "../../src/store/postgres/steer.ts";
import { createStepCounts } from "../../src/store/postgres/stepCounts.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { type Seed, seedQueue } from "./support/seedQueue.ts";

const terms = { pro: { weight: 3, promisedWaitMs: 60_000 }, starter: { weight: 1, promisedWaitMs: null } };

describe.each(storeKinds)("the queue as seen from outside on $name", ({ open, present }) => {
	describe.skipIf(!present)("with a database", () => {
		let stores: TestStores;
		let seed: Seed;
		beforeAll(async () => {
			stores = await open([]);
			seed = seedQueue(stores.database);
		});
		afterAll(() => stores?.close());
		const snapshot = async () => {
			const { database } = stores;
			return createQueueReader(database, { index: createQueueIndex(database), liveForMs: 600_000, terms }).snapshot();
		};
		const look = async (pool: string): Promise<PoolSnapshot> => {
			const found = (await snapshot()).pools.find((entry) => entry.pool === pool);
			if (!found) throw new Error(`no pool ${pool}`);
			return found;
		};
		/** Ends steps as a worker that took `runMs` would, `agoMs` ago. */
		const end = (
			jobId: string,
			{ status = "done", runMs = 1_000, agoMs = 0, waitMs = 500, loads = false, reason = null as string | null } = {},
		) =>
			stores.database.query(sql`update tasks set status = ${status}, attempt = 1, run_ms = case when ${status} = 'done' then ${runMs}::bigint end,
				loads_model = ${loads}, skip_reason = ${reason}, finished_at = clock_timestamp() - ${agoMs}::float8 * interval '1 millisecond',
				started_at = clock_timestamp() - ${agoMs + runMs}::float8 * interval '1 millisecond',
				ready_at = clock_timestamp() - ${agoMs + runMs + waitMs}::float8 * interval '1 millisecond' where job_id = ${jobId}`);

		test("depth, by model and plan, counts what waits, runs, is capped and cannot run, and says what is missing", async () => {
			const pool = await seed.pool();
			const [pro, starter] = [await seed.tenant("pro"), await seed.tenant()];
			const worker = await seed.worker([pool], ["generate:flux", "inpaint:flux", "generate:sdxl"], { loadedModel: "flux" });
			await seed.job({ tenantId: pro, pool, capability: "generate:flux", plan: "pro", pictures: 2, ms: 30_000 });
			await seed.job({ tenantId: pro, pool, capability: "inpaint:flux", plan: "pro", ms: 30_000 });
			await seed.job({ tenantId: starter, pool, capability: "generate:flux", cap: 1, pictures: 3, ms: 10_000 });
			await seed.job({ tenantId: pro, pool, capability: "generate:rare", plan: "pro", pictures: 4 });
			await seed.claim(worker, pool, ["generate:flux"]);
			const seen = await look(pool);
			expect(seen.depth).toEqual({ waiting: 9, running: 1, capped: 2, unrunnable: 4 });
			expect(seen.models).toEqual([
				{ model: "flux", waiting: 5, running: 1, capped: 2, unrunnable: 0, capableWorkers: 1, loadedOn: 1 },
				{ model: "rare", waiting: 4, running: 0, capped: 0, unrunnable: 4, capableWorkers: 0, loadedOn: 0 },
			]);
			const byPlan = Object.fromEntries(seen.plans.map(({ plan, ...depth }) => [plan, depth]));
			// Which of the two plans' first steps the claim took is for other tests.
			const waiting = (byPlan.pro?.waiting ?? 0) + (byPlan.starter?.waiting ?? 0);
			expect([waiting, byPlan.pro?.unrunnable, byPlan.starter?.capped, byPlan.pro?.capped]).toEqual([9, 4, 2, 0]);
			expect(seen.missing).toEqual([{ capability: "generate:rare", waiting: 4 }]);
			expect(seen.workers).toEqual([
				{
					label: expect.stringMatching(/^[0-9a-f]{4}$/),
					state: "busy",
					slots: 1,
					loadedModel: "flux",
					running: [{ capability: "generate:flux", progress: 0, elapsedMs: expect.any(Number) }],
				},
			]);
			expect(seen.warnings.map((warning) => warning.code)).toEqual(["lone_worker", "unrunnable"]);
			expect(seen.oldestWaitMs).toBeGreaterThanOrEqual(0);
			expect(seen.wantedWorkers.workers).toBeGreaterThanOrEqual(1);
		});

		test("workers are idle, paused, draining or drained, and such ones do not count as capable", async () => {
			const pool = await seed.pool();
			const steering = createSteering(stores.database);
			const [first, second] = [await seed.worker([pool], ["generate:one"]), await seed.worker([pool], ["generate:one"])];
			await seed.job({ tenantId: await seed.tenant(), pool });
			const states = async () => (await look(pool)).workers.map((worker) => worker.state).sort();
			expect(await states()).toEqual(["idle", "idle"]);
			await steering.orderWorker(second, "pause");
			await seed.claim(first, pool, ["generate:one"]);
			await steering.orderWorker(first, "drain");
			expect(await states()).toEqual(["draining", "paused"]);
			expect((await look(pool)).warnings.map((warning) => warning.code)).toEqual(["no_workers"]);
			await stores.database.query(sql`update tasks set status = 'done' where worker_id = ${first}`);
			expect(await states()).toEqual(["drained", "paused"]);
			await steering.orderWorker(first, "resume");
			expect(await states()).toEqual(["idle", "paused"]);
		});

		test("throughput, shed steps and the oldest wait are measured, and nothing that cannot start counts as waiting longest", async () => {
			const pool = await seed.pool();
			const tenantId = await seed.tenant();
			await seed.worker([pool], ["generate:one"]);
			for (const agoMs of [1_000, 200_000, 3_000_000, 4_000_000]) await end(await seed.job({ tenantId, pool, pictures: 5 }), { agoMs });
			await end(await seed.job({ tenantId, pool, pictures: 2 }), { status: "skipped", reason: "overload", agoMs: 1_000 });
			const [old, older] = [await seed.job({ tenantId, pool }), await seed.job({ tenantId, pool, capability: "generate:none" })];
			await stores.database.query(sql`update tasks set ready_at = clock_timestamp() - interval '2 minutes' where job_id = ${old}`);
			await stores.database.query(sql`update tasks set ready_at = clock_timestamp() - interval '9 minutes' where job_id = ${older}`);
			const seen = await look(pool);
			expect(seen.donePerMinute).toEqual({ last5: 2, last60: 0.25 });
			expect(seen.shedLastHour).toBe(2);
			expect(Math.round((seen.oldestWaitMs ?? 0) / 60_000)).toBe(2);
		});

		test("more workers are wanted while more work arrives than the live ones can do, and while a promise would be broken", async () => {
			const pool = await seed.pool();
			const tenantId = await seed.tenant("pro");
			await seed.worker([pool], ["generate:one"]);
			expect((await look(pool)).wantedWorkers).toMatchObject({ workers: 1 });
			await end(await seed.job({ tenantId, pool, pictures: 6 }), { runMs: 200_000, agoMs: 1_000 });
			const busy = (await look(pool)).wantedWorkers;
			expect(busy.workers).toBe(3);
			expect(busy.reasoning[0]).toContain("1200 s of work came in over the last 600 s");
			await seed.job({ tenantId, pool, plan: "pro", pictures: 5, ms: 60_000 });
			expect((await look(pool)).wantedWorkers.workers).toBe(5);
		});

		test("a pool nobody serves still says how many workers its work wants", async () => {
			const pool = await seed.pool();
			await seed.job({ tenantId: await seed.tenant("pro"), pool, plan: "pro", pictures: 4, ms: 60_000 });
			const seen = await look(pool);
			expect(seen.wantedWorkers.workers).toBe(4);
			expect(seen.warnings[0]?.message).toBe("No worker takes work of this pool: 4 steps wait.");
		});

		test("nothing that names a tenant, a job, a prompt or a machine is in the picture", async () => {
			const pool = await seed.pool();
			const tenantId = await seed.tenant();
			const worker = await seed.worker([pool], ["generate:one"]);
			const own = "secret-ltd-gpu";
			await createSteering(stores.database).dedicatePool({ id: own, base: pool, tenantId });
			const jobs = [await seed.job({ tenantId, pool }), await seed.job({ tenantId, pool: own })];
			await seed.claim(worker, pool, ["generate:one"]);
			const text = JSON.stringify(await snapshot());
			for (const secret of [tenantId, worker, ...jobs, own, "Secret", "secret", "rig"]) expect(text).not.toContain(secret);
			const dedicated = (await snapshot()).pools.find((entry) => entry.isDedicated);
			expect(dedicated).toMatchObject({ base: pool, depth: { waiting: 1 } });
			expect(dedicated?.pool).toMatch(new RegExp(`^${pool}-dedicated-[0-9a-f]{6}$`));
		});

		test("a model's facts are medians of what really ran in the last day, and null where nothing did", async () => {
			const pool = await seed.pool();
			const tenantId = await seed.tenant();
			const model = `m${pool.replace(/\W/g, "")}`;
			const add = async (more: Parameters<typeof end>[1]) => end(await seed.job({ tenantId, pool, capability: `generate:${model}` }), more);
			for (const runMs of [1_000, 2_000, 9_000]) await add({ runMs, waitMs: runMs / 10, agoMs: 60_000 });
			await add({ runMs: 20_000, loads: true, waitMs: 100 });
			await add({ status: "failed", waitMs: 100 });
			await add({ runMs: 77_000, agoMs: 25 * 3_600_000 });
			await end(await seed.job({ tenantId, pool, capability: `encode:${model}` }), { runMs: 5 });
			const facts = await createModelFactsReader(stores.database, async () => (name) => (name === model ? 18_000 : null)).read();
			expect(facts.get(model)).toMatchObject({ runMs: 2_000, loadMs: 18_000, failureRate: 0.2, samples: 5 });
			// A job is made, and then said to have waited: a moment passes between the two.
			expect((facts.get(model)?.waitP50Ms ?? 0) / 100).toBeCloseTo(1, 1);
			expect((facts.get(model)?.waitP95Ms ?? 0) / 760).toBeCloseTo(1, 1);
			expect(Date.now() - Number(facts.get(model)?.since)).toBeGreaterThan(23 * 3_600_000);
			expect(facts.get("nothing")).toBeUndefined();
		});

		test("ended steps are counted once, whoever asks how often", async () => {
			const pool = await seed.pool();
			const tenantId = await seed.tenant();
			const counts = createStepCounts(stores.database);
			await counts.endedSinceLast();
			await stores.database.query(sql`select pg_sleep(0.01)`);
			await end(await seed.job({ tenantId, pool, pictures: 2 }), {});
			await end(await seed.job({ tenantId, pool }), { status: "skipped", reason: "overload" });
			await new Promise((resolve) => setTimeout(resolve, 2_100));
			const [first, second] = await Promise.all([counts.endedSinceLast(), counts.endedSinceLast()]);
			expect(
				first
					.filter((step) => step.pool === pool)
					.map((step) => step.outcome)
					.sort(),
			).toEqual(["done", "done", "shed"]);
			expect(second.filter((step) => step.pool === pool)).toEqual([]);
		});
	});
});
