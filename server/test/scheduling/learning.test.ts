import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Lease } from "../../src/domain/jobs/jobStore.ts";
import { learn, type RunningMedian } from "../../src/domain/scheduling/eta/serviceTime.ts";
import { timeKeys } from "../../src/domain/scheduling/timeKeys.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { openStores } from "../../src/store/openStores.ts";
import { type Database, sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { done, drawOnly, setUpBench } from "../support/workbench.ts";

const anySamples = fc.array(
	fc.record({ ms: fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 900, max: 1_100 })), isLoaded: fc.boolean() }),
	{
		minLength: 10,
		maxLength: 30,
	},
);
const priorMs = 2_500;

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`run times learnt by the ${name} database`, () => {
		let stores: TestStores;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
		});
		afterAll(() => stores?.close());

		test("a step whose time could not be written is done all the same", async () => {
			const bench = await setUpBench(stores);
			let refused = 0;
			const query: Database["query"] = (statement) => {
				if (!statement.text.join("").includes("insert into measured_times")) return stores.database.query(statement);
				refused++;
				return Promise.reject(new Error("the connection was lost"));
			};
			const options = { workflows: shippedWorkflows, liveForMs: 600_000, leaseMs: 600_000, pools: [] };
			const { jobs } = await openStores({ ...stores.database, query }, options);
			const job = await bench.submit({ steps: drawOnly });
			const { jobIds } = await jobs.finish((await bench.claimOne()).lease, done());
			expect(jobIds).toEqual([job.id]);
			expect(refused).toBe(1);
			expect((await jobs.get(job.tenantId, job.id)).status).toBe("succeeded");
		});

		test("are what `learn` makes of the same samples, loads of a model apart from runs", { timeout: 300_000 }, async () => {
			await fc.assert(
				fc.asyncProperty(anySamples, async (samples) => {
					const bench = await setUpBench(stores);
					const capability = bench.capability("generate");
					const model = capability.replace("generate:", "");
					const timeKey = `${capability} 1024px 20 steps`;
					const expected = new Map<string, RunningMedian>();
					const add = (key: string, sample: number) => expected.set(key, learn(expected.get(key) ?? null, sample));
					const draft = bench.draft({ steps: drawOnly, pictures: samples.length });
					for (const task of draft.runs[0]?.tasks ?? []) Object.assign(task, { timeKey, priorMs });
					await stores.jobs.submit(draft);
					for (const { ms, isLoaded } of samples) {
						const [lease] =
							await stores.database.query<Lease>(sql`select (c.task).id as "taskId", (c.task).attempt, ${bench.workerId} as "workerId"
							from claim_tasks(${bench.workerId}, ${bench.pool}, ${[capability]}::text[], 1, 600000, ${isLoaded ? model : null}) c`);
						if (!lease) throw new Error("nothing could be claimed");
						await stores.jobs.finish(lease, { ...done(), ms } as ReturnType<typeof done>);
						const knownMs = expected.get(timeKeys.run(timeKey))?.value;
						if (isLoaded) {
							add(timeKeys.run(timeKey), ms);
							add(timeKeys.runOn(timeKey, "bench"), ms);
							add(timeKeys.ratio(capability), ms / priorMs);
						} else if (knownMs !== undefined && knownMs < ms) add(timeKeys.load(model), ms - knownMs);
					}
					const rows = await stores.database.query<RunningMedian & { key: string }>(sql`select key, value, samples from measured_times
						where strpos(key, ${model}) > 0`);
					expect(rows.map((row) => row.key).sort()).toEqual([...expected.keys()].sort());
					for (const { key, value, samples: count } of rows) {
						expect([key, count]).toEqual([key, expected.get(key)?.samples]);
						expect(value / (expected.get(key)?.value ?? 0)).toBeCloseTo(1, 9);
					}
				}),
				{ numRuns: 6 },
			);
		});
	});
}
