import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../src/newId.ts";
import { createSteering } from "../../src/store/postgres/steer.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { type Seed, seedQueue } from "./support/seedQueue.ts";

const one = "generate:one";

describe.each(storeKinds)("steering on $name", ({ open, present }) => {
	describe.skipIf(!present)("with a database", () => {
		let stores: TestStores;
		let seed: Seed;
		let steering: ReturnType<typeof createSteering>;
		beforeAll(async () => {
			stores = await open([]);
			seed = seedQueue(stores.database);
			steering = createSteering(stores.database);
		});
		afterAll(() => stores?.close());
		const keysOf = async (pool: string, tenantId: string) => (await seed.line(pool, tenantId)).map((task) => task.key);
		const lastTag = async (pool: string, tenantId: string) => {
			const [row] = await stores.database.query<{ key: number }>(
				sql`select last_key as key from line_tags where tenant_id = ${tenantId} and pool = ${pool}`,
			);
			return row?.key;
		};
		const activeRuns = async (tenantId: string) => {
			const rows = await stores.database.query<{ jobId: string }>(
				sql`select job_id as "jobId" from image_runs where tenant_id = ${tenantId} and active and status = 'pending'`,
			);
			return rows.map((row) => row.jobId).sort();
		};

		test("a paused pool hands out nothing until it is resumed", async () => {
			const pool = await seed.pool();
			const worker = await seed.worker([pool], [one]);
			await seed.job({ tenantId: await seed.tenant(), pool });
			expect(await steering.pausePool(pool, true)).toMatchObject({ id: pool, paused: true, dedicated: null });
			expect(await seed.claim(worker, pool, [one])).toEqual([]);
			await steering.pausePool(pool, false);
			expect(await seed.claim(worker, pool, [one])).toHaveLength(1);
			await expect(steering.pausePool("nowhere", true)).rejects.toMatchObject({ code: "not_found" });
		});

		test("a paused or draining worker claims nothing more, keeps what it runs, and claims again once resumed", async () => {
			const pool = await seed.pool();
			const worker = await seed.worker([pool], [one]);
			await seed.job({ tenantId: await seed.tenant(), pool, pictures: 3 });
			expect(await seed.claim(worker, pool, [one])).toHaveLength(1);
			for (const order of ["pause", "drain"] as const) {
				const told = await steering.orderWorker(worker, order);
				expect(told).toMatchObject({ running: 1, paused: order === "pause", draining: order === "drain" });
				expect(await seed.claim(worker, pool, [one])).toEqual([]);
				expect(await steering.orderWorker(worker, "resume")).toMatchObject({ paused: false, draining: false, running: 1 });
			}
			expect(await seed.claim(worker, pool, [one])).toHaveLength(1);
			await expect(steering.orderWorker("nobody", "pause")).rejects.toMatchObject({ code: "not_found" });
		});

		test("a job moved to the front runs before its tenant's other jobs, and nobody else's place changes", async () => {
			await fc.assert(
				fc.asyncProperty(
					fc.array(
						fc.record({
							mine: fc.boolean(),
							pictures: fc.integer({ min: 1, max: 3 }),
							ms: fc.integer({ min: 1, max: 5_000 }),
							gap: fc.constantFrom(0, 0, 0, 9_000_000),
							weight: fc.constantFrom(1, 3),
						}),
						{ minLength: 2, maxLength: 7 },
					),
					fc.nat(),
					async (orders, pick) => {
						const pool = await seed.pool();
						const [me, other] = [await seed.tenant(), await seed.tenant()];
						let from = 0;
						const mine: string[] = [];
						for (const { mine: isMine, gap, ...order } of orders) {
							from += gap;
							const jobId = await seed.job({ ...order, tenantId: isMine ? me : other, pool, from: gap > 0 ? from : 0 });
							if (isMine) mine.push(jobId);
						}
						const front = mine[pick % Math.max(1, mine.length)];
						if (front === undefined) return;
						const before = await seed.line(pool);
						const lastBefore = await lastTag(pool, me);
						await steering.moveToFront(me, front);
						const after = await seed.line(pool);
						const others = (line: typeof before) => line.filter((task) => task.tenantId === other);
						const own = (line: typeof before) => line.filter((task) => task.tenantId === me);
						expect(others(after)).toEqual(others(before));
						const order = own(before).map((task) => task.jobId);
						expect(own(after).map((task) => task.jobId)).toEqual([
							...order.filter((jobId) => jobId === front),
							...order.filter((jobId) => jobId !== front),
						]);
						expect(own(after).at(-1)?.key).toBe(own(before).at(-1)?.key);
						expect(await lastTag(pool, me)).toBe(lastBefore);
					},
				),
				{ numRuns: 20 },
			);
		});

		test("what a worker has begun is not overtaken, and a job without untouched pictures cannot be moved", async () => {
			const pool = await seed.pool();
			const tenantId = await seed.tenant();
			const worker = await seed.worker([pool], [one]);
			const begun = await seed.job({ tenantId, pool });
			const [first] = await keysOf(pool, tenantId);
			await seed.claim(worker, pool, [one]);
			await seed.job({ tenantId, pool });
			const last = await seed.job({ tenantId, pool });
			const before = await keysOf(pool, tenantId);
			await steering.moveToFront(tenantId, last);
			expect(await keysOf(pool, tenantId)).toEqual(before);
			expect(Math.min(...before)).toBeGreaterThan(Number(first));
			expect((await seed.line(pool, tenantId))[0]?.jobId).toBe(last);
			await expect(steering.moveToFront(tenantId, begun)).rejects.toMatchObject({ code: "job_not_movable" });
			await expect(steering.moveToFront(await seed.tenant(), last)).rejects.toMatchObject({ code: "not_found" });
		});

		test("the front job of a capped tenant takes the running place of one nobody has begun", async () => {
			const pool = await seed.pool();
			const tenantId = await seed.tenant();
			const jobs = [];
			for (let n = 0; n < 3; n++) jobs.push(await seed.job({ tenantId, pool, cap: 1 }));
			expect(await activeRuns(tenantId)).toEqual([jobs[0]]);
			await steering.moveToFront(tenantId, String(jobs[2]));
			expect(await activeRuns(tenantId)).toEqual([jobs[2]]);
			expect((await seed.line(pool, tenantId)).map((task) => [task.jobId, task.claimable])).toEqual([
				[jobs[2], true],
				[jobs[0], false],
				[jobs[1], false],
			]);
		});

		test("requeued steps go back in line with their tag, and what their worker still writes is refused", async () => {
			const pool = await seed.pool();
			const tenantId = await seed.tenant();
			const worker = await seed.worker([pool], [one]);
			const jobId = await seed.job({ tenantId, pool });
			const [tag] = await keysOf(pool, tenantId);
			const [held] = await seed.claim(worker, pool, [one]);
			const effects = await steering.requeue(jobId);
			expect(effects).toEqual({ jobIds: [jobId], pools: [pool], stoppedTaskIds: [held?.id] });
			expect(await keysOf(pool, tenantId)).toEqual([tag]);
			const [row] = await stores.database.query(sql`select t.failures, t.attempt, t.worker_id, j.requeues, e.type, e.data from tasks t
				join jobs j on j.id = t.job_id join job_events e on e.job_id = j.id where t.job_id = ${jobId} order by e.seq desc limit 1`);
			expect(row).toMatchObject({
				failures: 0,
				worker_id: null,
				requeues: 1,
				type: "step.retrying",
				data: { code: "requeued", attempt: held?.attempt },
			});
			const lease = { taskId: held?.id ?? 0, attempt: held?.attempt ?? 0, workerId: worker };
			await expect(stores.jobs.heartbeat(lease, 0.5)).rejects.toMatchObject({ code: "lease_lost" });
			const [again] = await seed.claim(worker, pool, [one]);
			expect(again).toMatchObject({ id: held?.id, attempt: 2 });
			await expect(stores.jobs.heartbeat(lease, 0.5)).rejects.toMatchObject({ code: "lease_lost" });
			await stores.jobs.cancel(tenantId, jobId);
			await expect(steering.requeue(jobId)).rejects.toMatchObject({ code: "job_not_movable" });
			await expect(steering.requeue("job_none")).rejects.toMatchObject({ code: "not_found" });
		});

		test("a change of plan moves a tenant's line to what it would be at the new share, and nobody else's", async () => {
			await fc.assert(
				fc.asyncProperty(
					fc.array(fc.record({ ms: fc.integer({ min: 1, max: 5_000 }), pictures: fc.integer({ min: 1, max: 3 }) }), {
						minLength: 1,
						maxLength: 5,
					}),
					fc.constantFrom(0.05, 1, 3, 12),
					async (orders, weight) => {
						const pool = await seed.pool();
						const [me, other] = [await seed.tenant(), await seed.tenant()];
						for (const order of orders) {
							await seed.job({ ...order, tenantId: me, pool });
							await seed.job({ ...order, tenantId: other, pool });
						}
						const before = await seed.line(pool);
						await steering.changePlan(me, { plan: "pro", weight, runningCap: null });
						const expected = orders.flatMap(({ ms, pictures }) => Array.from({ length: pictures }, () => Math.ceil((ms * 1_000) / weight)));
						let key = 0;
						expect(await keysOf(pool, me)).toEqual(
							expected.map((cost) => {
								key += cost;
								return key;
							}),
						);
						expect(await lastTag(pool, me)).toBe(key);
						const others = (line: typeof before) => line.filter((task) => task.tenantId === other);
						expect(others(await seed.line(pool))).toEqual(others(before));
					},
				),
				{ numRuns: 10 },
			);
		});

		test("there and back again: two changes of plan leave a line as it was", async () => {
			const pool = await seed.pool();
			const tenantId = await seed.tenant();
			for (const ms of [300, 1_000, 700]) await seed.job({ tenantId, pool, ms, pictures: 2 });
			const before = await keysOf(pool, tenantId);
			await steering.changePlan(tenantId, { plan: "pro", weight: 4, runningCap: null });
			await steering.changePlan(tenantId, { plan: "starter", weight: 1, runningCap: null });
			expect(await keysOf(pool, tenantId)).toEqual(before);
		});

		test("a smaller plan keeps what is being made and lets the rest wait; a larger one lets it go on", async () => {
			const pool = await seed.pool();
			const tenantId = await seed.tenant("pro");
			const worker = await seed.worker([pool], [one]);
			const jobs = [];
			for (let n = 0; n < 4; n++) jobs.push(await seed.job({ tenantId, pool }));
			await seed.claim(worker, pool, [one]);
			const lower = await steering.changePlan(tenantId, { plan: "free", weight: 1, runningCap: 2 });
			expect(lower.jobIds.toSorted()).toEqual(jobs.toSorted());
			expect(await activeRuns(tenantId)).toEqual([jobs[0], jobs[1]].sort());
			expect((await seed.line(pool, tenantId)).map((task) => task.claimable)).toEqual([true, false, false]);
			await steering.changePlan(tenantId, { plan: "pro", weight: 3, runningCap: null });
			expect((await seed.line(pool, tenantId)).map((task) => task.claimable)).toEqual([true, true, true]);
			const [row] = await stores.database.query(sql`select t.plan, (select array_agg(distinct j.plan || ' ' || j.weight) from jobs j
				where j.tenant_id = t.id) as jobs, (select array_agg(distinct k.plan) from tasks k where k.tenant_id = t.id) as tasks
				from tenants t where t.id = ${tenantId}`);
			expect(row).toEqual({ plan: "pro", jobs: ["pro 3"], tasks: ["pro"] });
			await expect(steering.changePlan("ten_none", { plan: "pro", weight: 3, runningCap: null })).rejects.toMatchObject({
				code: "not_found",
			});
		});

		test("workers go on claiming while a line is moved about: every picture is handed out once, and no lock is waited for in a circle", async () => {
			const pool = await seed.pool();
			const tenantId = await seed.tenant();
			const workers = await Promise.all([1, 2, 3].map(() => seed.worker([pool], [one])));
			const jobs: string[] = [];
			for (let n = 0; n < 12; n++) jobs.push(await seed.job({ tenantId, pool, pictures: 2 }));
			const taken: number[] = [];
			const claimAll = async (worker: string) => {
				for (;;) {
					const [held] = await seed.claim(worker, pool, [one]);
					if (!held) return;
					taken.push(held.id);
				}
			};
			const steer = async () => {
				for (const jobId of jobs.toReversed()) {
					await steering.moveToFront(tenantId, jobId).catch((error: { code?: string }) => expect(error.code).toBe("job_not_movable"));
					await steering.changePlan(tenantId, { plan: "pro", weight: 1 + jobs.indexOf(jobId), runningCap: null });
				}
			};
			await Promise.all([...workers.map(claimAll), steer()]);
			await Promise.all(workers.map(claimAll));
			expect(taken).toHaveLength(24);
			expect(new Set(taken).size).toBe(24);
		});

		test("a dedicated pool belongs to one tenant, and its end moves what waits behind the base pool's own work", async () => {
			const base = await seed.pool();
			const [tenantId, other] = [await seed.tenant(), await seed.tenant()];
			const id = newId("pool");
			const made = await steering.dedicatePool({ id, base, tenantId });
			expect(made).toEqual({ id, paused: false, dedicated: { tenantId, base } });
			expect(await steering.dedicatePool({ id, base, tenantId })).toEqual(made);
			expect(await steering.dedicatedPools(tenantId)).toEqual({ [base]: id });
			expect(await steering.dedicatedPools(other)).toEqual({});
			await expect(steering.dedicatePool({ id, base, tenantId: other })).rejects.toMatchObject({ code: "invalid_request" });
			await expect(steering.dedicatePool({ id: newId("pool"), base, tenantId })).rejects.toMatchObject({ code: "invalid_request" });
			await expect(steering.dedicatePool({ id: newId("pool"), base: id, tenantId })).rejects.toMatchObject({ code: "not_found" });

			const jobs = [await seed.job({ tenantId, pool: id, steps: 2 }), await seed.job({ tenantId, pool: id })];
			await seed.job({ tenantId: other, pool: base, from: 5_000_000 });
			await stores.database.query(sql`insert into served_tags (pool, worker_id, capability, order_key) values (${base}, '', '', 4000000)`);
			await expect(steering.releasePool(id, { move: false })).rejects.toMatchObject({ code: "pool_in_use", data: { unfinished: 3 } });
			const worker = await seed.worker([id], [one]);
			await seed.claim(worker, id, [one]);
			expect(await steering.releasePool(id, { move: true })).toMatchObject({ moved: 3, pools: [base] });
			expect(await steering.dedicatedPools(tenantId)).toEqual({});
			expect((await steering.pools()).map((pool) => pool.id)).not.toContain(id);
			expect(await seed.line(base, tenantId)).toMatchObject([{ jobId: jobs[1], key: 5_000_000 }]);
			const tasks = await stores.database.query(sql`select status, pool, order_key from tasks where job_id = ${jobs[0]} order by id`);
			expect(tasks).toEqual([
				{ status: "running", pool: base, order_key: 4_000_000 },
				{ status: "waiting", pool: base, order_key: null },
			]);
			expect(await lastTag(base, tenantId)).toBe(5_000_000);
			await expect(steering.releasePool(base, { move: true })).rejects.toMatchObject({ code: "not_found" });
		});
	});
});
