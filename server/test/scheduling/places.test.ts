import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../src/domain/jobs/job.ts";
import type { Waiting } from "../../src/domain/jobs/queueView.ts";
import type { Capability } from "../../src/domain/ports.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { openStores } from "../../src/store/openStores.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { drawOnly, setUpBench } from "../support/workbench.ts";
import { anyEvent, anyTerms } from "./histories.ts";
import { TwoLines } from "./twoLines.ts";

/** What a job's place must be, counted one by one. */
interface Counted {
	id: string;
	tenantId: string;
	isRunning: boolean;
	isRunnable: boolean;
	claimable: boolean | null;
	status: string;
	place: number | null;
}

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`places and reasons in the ${name} database`, () => {
		let stores: TestStores;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
		});
		afterAll(() => stores?.close());

		/** Ready tasks before the job's first one, parked ones too, that a live and willing worker of the pool can run. */
		const countPlaces = (pool: string, runnable: readonly string[]) =>
			stores.database.query<Counted>(sql`
				with firsts as (select distinct on (job_id) job_id, id, order_key, capability, claimable from tasks
					where pool = ${pool} and status = 'ready' order by job_id, order_key, id)
				select j.id, j.tenant_id as "tenantId", j.status, f.claimable, coalesce(f.capability = any(${runnable}::text[]), false) as "isRunnable",
					exists (select 1 from tasks t where t.job_id = j.id and t.status = 'running') as "isRunning",
					1 + (select count(*)::int from tasks t where t.pool = ${pool} and t.status = 'ready' and t.capability = any(${runnable}::text[])
						and (t.order_key, t.id) < (f.order_key, f.id)) as place
				from jobs j left join firsts f on f.job_id = j.id
				where j.status in ('scheduled', 'queued', 'running') and exists (select 1 from tasks t where t.job_id = j.id and t.pool = ${pool})`);

		/** Read as a process does that just started: nothing it knows of the queue is older than now. */
		async function readPlaces(counted: readonly Counted[]): Promise<Map<string, Waiting>> {
			const options = { workflows: shippedWorkflows, liveForMs: 600_000, pools: [], leaseMs: 600_000 };
			const fresh = await openStores(stores.database, options);
			const jobs: Job[] = [];
			for (const { tenantId, id } of counted) jobs.push(await fresh.jobs.get(tenantId, id));
			return fresh.jobs.waiting(jobs);
		}

		function expectPlaces(counted: readonly Counted[], read: ReadonlyMap<string, Waiting>): void {
			for (const job of counted) {
				const waiting = read.get(job.id);
				const code = waiting?.reason?.code ?? null;
				if (job.isRunning) {
					expect([job.id, waiting?.place, code]).toEqual([job.id, null, null]);
					continue;
				}
				expect([job.id, code]).not.toEqual([job.id, null]);
				expect([job.id, waiting?.place]).toEqual([job.id, job.isRunnable ? job.place : null]);
				expect(code === "scheduled").toBe(job.status === "scheduled");
				if (job.status !== "scheduled") expect(code === "no_capable_worker").toBe(!job.isRunnable);
				if (job.isRunnable && !job.claimable && code !== "retry_backoff") expect(code).toBe("plan_concurrency_cap");
			}
		}

		test("every waiting job has a reason, and a place that counts what can run before it, in any still line", {
			timeout: 300_000,
		}, async () => {
			const history = fc.array(anyEvent({ submit: 14, claim: 4, finish: 3, cancel: 1, toFront: 1 }), { minLength: 15, maxLength: 30 });
			const anyTenants = fc.array(anyTerms, { minLength: 3, maxLength: 3 });
			let compared = 0;
			await fc.assert(
				fc.asyncProperty(anyTenants, history, fc.integer({ min: 1, max: 7 }), async (tenants, events, live) => {
					const lines = await TwoLines.open(stores, tenants);
					for (const event of events) await lines.happen(event);
					const { bench, capabilities } = lines;
					const runnable = capabilities.filter((_, index) => live & (1 << index));
					await stores.workers.seen(bench.workerId, { capabilities: runnable, loadedModel: null, slots: 1 });
					await addPausedWorker(bench.pool, capabilities);
					const counted = await countPlaces(bench.pool, runnable);
					expectPlaces(counted, await readPlaces(counted));
					compared += counted.length;
				}),
				{ numRuns: 12 },
			);
			expect(compared).toBeGreaterThan(50);
		});

		/** It could run everything and takes nothing: what only it could run is not counted. */
		async function addPausedWorker(pool: string, capabilities: Capability[]): Promise<void> {
			const { id } = await stores.workers.create({
				id: newId("wrk"),
				name: "paused",
				kind: "remote",
				pools: [pool],
				allowed: null,
				tokenHash: newId("hash"),
			});
			await stores.workers.seen(id, { capabilities, loadedModel: null, slots: 1 });
			await stores.database.query(sql`update workers set paused = true where id = ${id}`);
		}

		test("places are exact behind thousands of pictures too, parked ones and ones nobody can run among them", {
			timeout: 300_000,
		}, async () => {
			const bench = await setUpBench(stores);
			const missing = `generate:${newId("model")}` as Capability;
			const [starter, pro, capped] = [bench.tenantId, await bench.newTenant(), await bench.newTenant()];
			const submit = (tenantId: string, weight: number, pictures: number, predictedMs: number, runningCap?: number) =>
				bench.submit({ tenantId, weight, pictures, predictedMs, steps: drawOnly, ...(runningCap ? { runningCap } : {}) });
			const elsewhere = bench.draft({ tenantId: pro, weight: 3, pictures: 300, steps: drawOnly, predictedMs: 900 });
			for (const run of elsewhere.runs) for (const task of run.tasks) Object.assign(task, { capability: missing });
			await submit(starter, 1, 900, 1_000);
			await stores.jobs.submit(elsewhere);
			for (let round = 0; round < 8; round++) {
				await submit(pro, 3, 150, 1_100 + round);
				await submit(pro, 3, 1, 777);
				await submit(capped, 1, 40, 2_000 + round, 2);
				await submit(starter, 1, round + 1, 333);
			}
			await bench.claim(10);
			const counted = await countPlaces(bench.pool, bench.capabilities);
			expectPlaces(counted, await readPlaces(counted));
			expect(counted.filter((job) => !job.isRunning && (job.place ?? 0) > 1_000).length).toBeGreaterThan(5);
			expect(counted.some((job) => job.claimable === false && (job.place ?? 0) > 1_000)).toBe(true);
		});
	});
}
