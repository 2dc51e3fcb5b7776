import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Job } from "../../src/domain/jobs/job.ts";
import { refuseWhenFull } from "../../src/domain/jobs/refuseWhenFull.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { loadOperatorConfig } from "../../src/loadOperatorConfig.ts";
import { openStores } from "../../src/store/openStores.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { done, drawOnly, setUpBench, stepMicroUsd, type Workbench } from "../support/workbench.ts";

/** A line longer than this sheds optional steps. */
const shedAfterMs = 5_000;

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`too much work in the ${name} database`, () => {
		let stores: TestStores;
		let bench: Workbench;
		beforeAll(async () => {
			const opened = await open(shippedWorkflows);
			const shedding = { workflows: shippedWorkflows, leaseMs: 600_000, liveForMs: 600_000, pools: [], shedAfterMs: () => shedAfterMs };
			stores = { ...opened, ...(await openStores(opened.database, shedding)) };
		});
		beforeEach(async () => {
			bench = await setUpBench(stores);
		});
		afterAll(() => stores?.close());

		const get = ({ tenantId, id }: Job) => stores.jobs.get(tenantId, id);
		const stepOf = async (job: Job, step: string) => (await get(job)).runs[0]?.tasks.find((task) => task.stepId === step);
		const finishOne = async (data = {}) => {
			const claimed = await bench.claimOne();
			await stores.jobs.finish(claimed.lease, done(data));
			return claimed;
		};

		test("optional steps are left out while the line is long: the picture says so, and they come back", async () => {
			const job = await bench.submit({ steps: ["generate", "upscale", "encode"] });
			await bench.submit({ steps: drawOnly, pictures: 10, weight: 0.1 });
			await stores.jobs.housekeep();
			await finishOne();
			expect(await stepOf(job, "upscale")).toMatchObject({ status: "skipped", skipReason: "overload" });
			await finishOne();
			expect(await get(job)).toMatchObject({ status: "succeeded", chargedMicroUsd: 2 * stepMicroUsd });
			const events = await stores.jobs.events(job.tenantId, job.id, 0, 100);
			expect(events.filter((event) => event.type === "step.skipped").map((event) => event.data)).toEqual([
				{ n: 0, step: "upscale", reason: "overload" },
			]);
		});

		test("a line that is short enough sheds nothing", async () => {
			const job = await bench.submit({ steps: ["generate", "upscale", "encode"] });
			await bench.submit({ steps: drawOnly, pictures: 3 });
			await stores.jobs.housekeep();
			await finishOne();
			expect(await stepOf(job, "upscale")).toMatchObject({ status: "ready" });
		});

		test("an optional step that has waited too long in a long line is left out too", async () => {
			const job = await bench.submit({ steps: ["generate", "upscale", "encode"] });
			await finishOne();
			await bench.submit({ steps: drawOnly, pictures: 10, weight: 100 });
			await stores.database.query(
				sql`update tasks set ready_at = clock_timestamp() - interval '1 minute' where job_id = ${job.id} and status = 'ready'`,
			);
			// The first round may still see the line as it was a second ago.
			const shed = async () => {
				await stores.jobs.housekeep();
				return (await stepOf(job, "upscale"))?.skipReason;
			};
			await expect.poll(shed, { timeout: 10_000 }).toBe("overload");
			expect(await stepOf(job, "encode")).toMatchObject({ status: "ready" });
		});

		test("the length of the line counts what live workers can run, over their slots", async () => {
			await bench.submit({ steps: drawOnly, pictures: 4 });
			await stores.database.query(sql`update workers set slots = 2 where id = ${bench.workerId}`);
			await stores.jobs.housekeep();
			expect(stores.loads.of(bench.pool)).toEqual({ waiting: 4, waitMs: 2_000 });
			await stores.database.query(sql`update workers set capabilities = '{}' where id = ${bench.workerId}`);
			await stores.jobs.housekeep();
			expect(stores.loads.of(bench.pool)).toEqual({ waiting: 4, waitMs: 0 });
		});
	});
}

test("free work is refused first, with the time to come back, and paid work last", async () => {
	const { plans } = await loadOperatorConfig(new URL("../../../glassworks.config.ts", import.meta.url).pathname);
	const refused = (plan: string, waiting: number) => {
		try {
			const { [plan]: terms } = plans;
			if (!terms) throw new Error(`no plan ${plan}`);
			refuseWhenFull([{ pool: "gpu", skip: null }], terms, { loads: { of: () => ({ waiting, waitMs: 400_000 }) }, config: { plans } });
			return null;
		} catch (error) {
			return error;
		}
	};
	const atDepth = (waiting: number) => ["free", "starter", "pro", "enterprise", "owner"].filter((plan) => refused(plan, waiting) !== null);
	expect([0, 10_000, 10_001, 100_001, 1_000_001].map(atDepth)).toEqual([
		[],
		[],
		["free"],
		["free", "starter"],
		["free", "starter", "pro", "enterprise"],
	]);
	expect(refused("free", 20_000)).toMatchObject({
		code: "overloaded",
		status: 503,
		data: { limit: "max_waiting", waiting: 20_000, max: 10_000, retry_after_s: 200, plan: "starter" },
	});
});

test("what waits in a pool that a request does not need refuses nothing", () => {
	const plan = { maxWaiting: 1 } as Parameters<typeof refuseWhenFull>[1];
	const loads = { of: (pool: string) => ({ waiting: pool === "enhance" ? 100 : 0, waitMs: 1 }) };
	const atHand = { loads, config: { plans: {} } };
	refuseWhenFull(
		[
			{ pool: "gpu", skip: null },
			{ pool: "enhance", skip: "plan" },
		],
		plan,
		atHand,
	);
	expect(() => refuseWhenFull([{ pool: "enhance", skip: null }], plan, atHand)).toThrow(/enhance/);
});
