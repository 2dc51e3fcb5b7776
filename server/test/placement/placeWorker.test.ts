import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Capability } from "../../src/domain/ports.ts";
import { choosePlacement, type ModelQueue, PLACEMENT_DEFAULTS } from "../../src/domain/scheduling/placement.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { drawOnly, setUpBench, type Workbench } from "../support/workbench.ts";

const loadMs = 15_000;
const names = ["a", "b", "c"] as const;

interface State {
	loaded: number | null;
	/** Of the other workers. */
	holds: (number | null)[];
	/** Waiting tasks in the order of submission. */
	tasks: { model: number; predictedMs: number; passedMs: number }[];
}

const modelIndex = fc.nat({ max: names.length - 1 });
const states: fc.Arbitrary<State> = fc.record({
	loaded: fc.option(modelIndex),
	holds: fc.array(fc.option(modelIndex), { maxLength: 2 }),
	tasks: fc.array(
		fc.record({
			model: modelIndex,
			predictedMs: fc.integer({ min: 500, max: 120_000 }),
			passedMs: fc.constantFrom(0, 0, 0, 900_000),
		}),
		{ minLength: 1, maxLength: 8 },
	),
});

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`placement in the ${name} database`, () => {
		let stores: TestStores;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
		});
		afterAll(() => stores?.close());

		/** A pool of its own with the state's workers and tasks, on three models nobody else has. */
		async function setUp(state: State) {
			const bench = await setUpBench(stores);
			const models = names.map((letter) => `${letter}_${newId("m")}`);
			const capabilities = models.map((model): Capability => `generate:${model}`);
			const modelAt = (index: number | null) => (index === null ? null : (models[index] ?? null));
			const seen = (id: string, loaded: number | null) => stores.workers.seen(id, { capabilities, loadedModel: modelAt(loaded), slots: 1 });
			await seen(bench.workerId, state.loaded);
			for (const held of state.holds) {
				const { id } = await stores.workers.create({
					id: newId("wrk"),
					name: "other",
					kind: "remote",
					pools: [bench.pool],
					allowed: null,
					tokenHash: newId("h"),
				});
				await seen(id, held);
			}
			const waiting: Waiting[] = [];
			// Far enough apart that the time this takes does not change which was passed over longest.
			for (const [index, task] of state.tasks.entries())
				waiting.push(
					await submit(bench, modelAt(task.model) ?? "", { ...task, passedMs: task.passedMs && task.passedMs + index * 60_000 }),
				);
			return { bench, capabilities, models, waiting, loadedModel: modelAt(state.loaded) };
		}

		interface Waiting {
			id: number;
			model: string;
			orderKey: number;
			predictedMs: number;
			passedMs: number;
		}

		async function submit(bench: Workbench, model: string, { predictedMs, passedMs }: State["tasks"][number]): Promise<Waiting> {
			const job = await bench.submit({ steps: drawOnly, model, predictedMs, tenantId: await bench.newTenant() });
			const task = job.runs[0]?.tasks[0];
			if (!task || task.orderKey === null) throw new Error("not in line");
			if (passedMs > 0)
				await stores.database.query(
					sql`update tasks set passed_at = clock_timestamp() - ${passedMs}::float8 * interval '1 ms' where id = ${task.id}`,
				);
			return { id: task.id, model, orderKey: task.orderKey, predictedMs, passedMs };
		}

		/** The same facts for the policy, made without the database. */
		function queuesOf(waiting: readonly Waiting[], loadedModel: string | null, holders: readonly (string | null)[]): ModelQueue[] {
			const line = waiting.toSorted((a, b) => a.orderKey - b.orderKey || a.id - b.id);
			const own = line.findIndex((task) => task.model === loadedModel);
			const before = own < 0 ? line : line.slice(0, own);
			return [...Map.groupBy(line, (task) => task.model)].map(([model, tasks]) => ({
				...{ model, headKey: tasks[0]?.orderKey ?? 0, headId: tasks[0]?.id ?? 0, headPassedMs: tasks[0]?.passedMs ?? 0 },
				dueMs: before.filter((task) => task.model === model).reduce((sum, task) => sum + task.predictedMs, 0),
				loadMs: model === loadedModel ? 0 : loadMs,
				holdersFreeInMs: holders.filter((held) => held === model).map(() => 0),
			}));
		}

		test("the claim takes what the pure policy chooses, on random states", { timeout: 120_000 }, async () => {
			const agrees = async (state: State) => {
				const { bench, capabilities, models, waiting, loadedModel } = await setUp(state);
				const holders = state.holds.map((held) => (held === null ? null : (models[held] ?? null)));
				const chosen = choosePlacement({ loadedModel, queues: queuesOf(waiting, loadedModel, holders) }, PLACEMENT_DEFAULTS);
				const [expected] = waiting
					.filter((task) => chosen.models.includes(task.model))
					.sort((a, b) => a.orderKey - b.orderKey || a.id - b.id);
				const [claimed] = await stores.jobs.claim({ workerId: bench.workerId, pool: bench.pool, capabilities, loadedModel, slots: 1 });
				expect(claimed?.task.id ?? null).toBe(expected?.id ?? null);
			};
			await fc.assert(fc.asyncProperty(states, agrees), { numRuns: 60 });
		});

		test("a task that is passed over says that its model has to be loaded, and since when", async () => {
			const state: State = {
				loaded: 0,
				holds: [],
				tasks: [
					{ model: 1, predictedMs: 1_000, passedMs: 0 },
					{ model: 0, predictedMs: 1_000, passedMs: 0 },
				],
			};
			const { bench, capabilities, models, waiting, loadedModel } = await setUp(state);
			await stores.database.query(sql`update tasks set order_key = order_key + 1 where id = ${waiting[1]?.id}`);
			const [claimed] = await stores.jobs.claim({ workerId: bench.workerId, pool: bench.pool, capabilities, loadedModel, slots: 1 });
			expect(claimed?.task).toMatchObject({ model: models[0] });
			const [{ jobId, tenantId } = { jobId: "", tenantId: "" }] = await stores.database.query<{ jobId: string; tenantId: string }>(
				sql`select job_id as "jobId", tenant_id as "tenantId" from tasks where id = ${waiting[0]?.id}`,
			);
			const job = await stores.jobs.get(tenantId, jobId);
			expect(job.runs[0]?.tasks[0]?.passedAt).toBeInstanceOf(Date);
			const outlook = (await stores.jobs.waiting([job])).get(jobId);
			expect(outlook).toMatchObject({ place: 1, reason: { code: "model_loading", data: { model: models[1], loaded_on: 0, workers: 1 } } });
		});
	});
}
