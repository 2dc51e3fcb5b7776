import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Job } from "../../src/domain/jobs/job.ts";
import { predictMs } from "../../src/domain/scheduling/eta/serviceTime.ts";
import { timeKeys } from "../../src/domain/scheduling/timeKeys.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { done, drawOnly, setUpBench, stepMs, type Workbench } from "../support/workbench.ts";

interface Kept {
	p90: number;
	actual: number | null;
	gaveUp: number | null;
}

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`forecasts in the ${name} database`, () => {
		let stores: TestStores;
		let bench: Workbench;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
		});
		beforeEach(async () => {
			bench = await setUpBench(stores);
			// The worker has the model in memory: nothing has to be loaded.
			const loadedModel = bench.capability("generate").replace("generate:", "");
			await stores.workers.seen(bench.workerId, { capabilities: bench.capabilities, loadedModel, slots: 1 });
		});
		afterAll(() => stores?.close());

		const kept = (job: Job) =>
			stores.database.query<Kept>(
				sql`select p90_ms as p90, actual_ms as actual, gave_up_ms as "gaveUp" from forecasts where job_id = ${job.id}`,
			);
		const outlook = async (job: Job) => (await stores.jobs.waiting([job])).get(job.id);
		/** Rounds of housekeeping until the job was asked. */
		const askAbout = (job: Job) =>
			expect
				.poll(
					async () => {
						await stores.jobs.housekeep();
						return (await kept(job)).length;
					},
					{ timeout: 15_000 },
				)
				.toBeGreaterThan(0);

		test("a waiting job is asked how long it will take, and the answer is compared with what happened", async () => {
			const job = await bench.submit({ steps: drawOnly });
			await askAbout(job);
			expect(await kept(job)).toEqual(expect.arrayContaining([{ p90: expect.any(Number), actual: null, gaveUp: null }]));
			await stores.jobs.finish((await bench.claimOne()).lease, done());
			for (const { actual } of await kept(job)) expect(actual).toBeGreaterThan(0);
		});

		test("a job cancelled within its range says nothing about time; one cancelled after it was still waiting then", async () => {
			const [early, late] = [await bench.submit({ steps: drawOnly }), await bench.submit({ steps: drawOnly })];
			await askAbout(early);
			await askAbout(late);
			await stores.database.query(sql`update forecasts set made_at = clock_timestamp() - interval '1 hour' where job_id = ${late.id}`);
			await stores.jobs.cancel(early.tenantId, early.id);
			await stores.jobs.cancel(late.tenantId, late.id);
			expect(await kept(early)).toEqual([]);
			const [first] = await kept(late);
			expect(first).toMatchObject({ actual: null });
			expect(first?.gaveUp).toBeGreaterThan(first?.p90 ?? Number.POSITIVE_INFINITY);
		});

		test("before anything was measured the range is a prior and says so", async () => {
			const eta = (await outlook(await bench.submit({ steps: drawOnly })))?.eta;
			expect(eta?.method).toContain("not yet measured");
			expect(eta?.coverage).toBeNull();
			expect(eta?.p50Ms).toBe(1_000);
		});

		test("what was measured makes the range, and the coverage is shown with it", async () => {
			const past = await bench.submit({ steps: drawOnly });
			// Forty jobs that took twice what was estimated, four of them longer than their range.
			await stores.database.query(sql`insert into forecasts (job_id, pool, plan, horizon, made_at, point_ms, p10_ms, p50_ms, p90_ms, actual_ms)
				select ${past.id}, ${bench.pool}, 'starter', 0, clock_timestamp() - n * interval '1 minute', 1000, 500, 1000, 2500, case when n % 10 = 0 then 3000 else 2000 end
				from generate_series(1, 40) n`);
			const eta = (await outlook(await bench.submit({ steps: drawOnly, pictures: 1 })))?.eta;
			expect(eta?.method).toContain("measured on");
			expect(eta?.coverage).toEqual({ share: 0.9, outcomes: 40 });
			expect((eta?.p50Ms ?? 0) / (eta?.pointMs ?? 1)).toBeCloseTo(2, 1);
			expect(await stores.coverage(bench.pool)).toEqual({ share: 0.9, outcomes: 40 });
		});

		test("jobs ahead and running work each count once, loading only where it is needed", async () => {
			const [first, second] = [
				await bench.submit({ steps: drawOnly, predictedMs: 4_000 }),
				await bench.submit({ steps: drawOnly, predictedMs: 4_000 }),
			];
			expect((await outlook(first))?.eta?.pointMs).toBe(4_000);
			expect((await outlook(second))?.eta?.pointMs).toBe(8_000);
			await bench.claimOne();
			await stores.database.query(sql`update tasks set progress = 0.5, loads_model = false where job_id = ${first.id}`);
			const running = await stores.jobs.get(first.tenantId, first.id);
			expect((await outlook(running))?.eta?.pointMs).toBe(2_000);
			expect((await outlook(second))?.eta?.pointMs).toBe(6_000);
			await stores.workers.seen(bench.workerId, { capabilities: bench.capabilities, loadedModel: "another", slots: 1 });
			expect((await outlook(second))?.eta?.pointMs).toBe(6_000 + 15_000);
		});

		test("running work is foretold by what was measured on its worker", async () => {
			const [first, second] = [await bench.submit({ steps: drawOnly }), await bench.submit({ steps: drawOnly })];
			const worker = `bench-${bench.workerId}`;
			await stores.database.query(sql`update workers set name = ${worker} where id = ${bench.workerId}`);
			await stores.database.query(sql`update tasks set time_key = ${bench.pool} where job_id = ${first.id}`);
			await stores.database.query(
				sql`insert into measured_times (key, value, samples) values (${timeKeys.runOn(bench.pool, worker)}, 8000, 2)`,
			);
			await bench.claimOne();
			await stores.database.query(sql`update tasks set progress = 0.5, loads_model = false where job_id = ${first.id}`);
			const onWorkerMs = predictMs({ worker: { value: 8_000, samples: 2 } }, stepMs);
			expect(onWorkerMs).toBeGreaterThan(3 * stepMs);
			const running = await stores.jobs.get(first.tenantId, first.id);
			expect((await outlook(running))?.eta?.pointMs).toBeCloseTo(onWorkerMs / 2, 6);
			expect((await outlook(second))?.eta?.pointMs).toBeCloseTo(onWorkerMs / 2 + stepMs, 6);
		});
	});
}
