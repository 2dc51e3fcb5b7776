import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Waiting } from "../../src/domain/jobs/queueView.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { type Order, setUpBench, type Workbench } from "../support/workbench.ts";

/** Without what moves with the clock. */
const still = ({ asOf: _asOf, eta, ...rest }: Waiting) => ({ ...rest, etaMs: eta && [eta.pointMs, eta.p90Ms] });

for (const { name, present, open } of storeKinds)
	describe.skipIf(!present)(`what is foreseen in the ${name} database`, () => {
		let stores: TestStores;
		let bench: Workbench;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
		}, 180_000);
		beforeEach(async () => {
			bench = await setUpBench(stores);
		});
		afterAll(() => stores?.close());

		/** What a submission is told before it is made, and what it is told afterwards. */
		async function beforeAndAfter(order: Order): Promise<[Waiting | null, Waiting | undefined]> {
			const foreseen = await stores.jobs.foresee(bench.draft(order));
			const job = await bench.submit(order);
			return [foreseen, (await stores.jobs.waiting([job])).get(job.id)];
		}

		test.each<[string, Order]>([
			["one picture", {}],
			["three pictures", { pictures: 3 }],
			["a heavier share", { weight: 5 }],
			["more pictures than the plan makes at once", { pictures: 3, runningCap: 1 }],
			["a start in an hour", { runAfter: new Date(Date.now() + 3_600_000) }],
		])("%s behind others is told the same before and after it is accepted", async (_about, order) => {
			const other = await bench.newTenant();
			for (let n = 0; n < 3; n++) await bench.submit({ tenantId: other, pictures: 2, plan: "free" });
			await bench.submit();
			const [foreseen, told] = await beforeAndAfter(order);
			if (!foreseen || !told) throw new Error("nothing was told");
			// Some worker is idle here, which before is no reason to wait.
			expect(still({ ...foreseen, reason: told.reason })).toEqual(still(told));
			expect(foreseen.place === null || foreseen.place > 1).toBe(true);
			if (foreseen.reason) expect(foreseen.reason.code).toBe(told.reason?.code);
		});

		test("an idle worker is no reason to wait, a busy one is", async () => {
			expect(await stores.jobs.foresee(bench.draft())).toMatchObject({ place: 1, reason: { code: "model_loading" } });
			await stores.workers.seen(bench.workerId, { capabilities: bench.capabilities, loadedModel: bench.draft().model, slots: 1 });
			expect(await stores.jobs.foresee(bench.draft())).toMatchObject({ place: 1, aheadByPlan: {}, reason: null });
			await bench.submit();
			await bench.claimOne();
			expect(await stores.jobs.foresee(bench.draft())).toMatchObject({ place: 1, reason: { code: "workers_busy" } });
		});

		test("what nobody can run has no time, and says why", async () => {
			await stores.workers.revoke(bench.workerId);
			expect(await stores.jobs.foresee(bench.draft())).toMatchObject({ place: null, eta: null, reason: { code: "no_capable_worker" } });
		});

		test("nothing is written", async () => {
			const rows = () =>
				stores.database.query(sql`select (select count(*) from jobs) as jobs, (select count(*) from line_tags) as tags,
				(select count(*) from forecasts) as forecasts, (select count(*) from ledger_entries) as entries`);
			const before = await rows();
			await stores.jobs.foresee(bench.draft({ pictures: 4 }));
			expect(await rows()).toEqual(before);
		});
	});
