import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../src/domain/jobs/job.ts";
import { billJob } from "../../src/domain/pricing/billJob.ts";
import { totalOf } from "../../src/domain/pricing/quote.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { broke, done } from "../support/workbench.ts";
import type { CrashPoint } from "./crashingDatabase.ts";
import { CrashingShop, type Order, type Trouble } from "./crashingShop.ts";
import { newTenant, openShop } from "./fluxShop.ts";
import { randomWorkflows } from "./randomWorkflows.ts";

const workflows = [...randomWorkflows(12), ...shippedWorkflows.filter((entry) => entry.slug === "picture")];
/** Two pictures a month and an odd price, so that quota, credit, discount and rounding all take part. */
const plans = { starter: { quotas: { image: 2, inpainting: 0 }, runningCap: 2, included: ["generate" as const] } };
const creditMicroUsd = 100_000_000;

const order: fc.Arbitrary<Order> = fc.record({
	workflow: fc.constantFrom(...workflows.map((entry) => entry.slug)),
	count: fc.integer({ min: 1, max: 3 }),
	cancelAfter: fc.option(fc.nat(12), { freq: 3 }),
});
const crash: fc.Arbitrary<CrashPoint> = fc.record({
	after: fc.nat(40),
	mode: fc.constantFrom("never ran", "answer lost"),
});
const fair = { weight: 6, arbitrary: fc.constantFrom(done({ faceCount: 1 }), done({ faceCount: 0 })) };
const foul = { weight: 1, arbitrary: fc.constantFrom(broke(true), broke(false), { kind: "released" as const }) };
const trouble: fc.Arbitrary<Trouble> = fc.record({
	crashes: fc.array(crash, { maxLength: 12 }),
	// The last attempt of a round always succeeds: work that is only ever given back would never end.
	outcomes: fc.array(fc.oneof(fair, foul), { maxLength: 8 }).map((list) => [...list, done({ faceCount: 1 })]),
});

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`money and crashes in the ${name} database`, () => {
		let stores: TestStores;
		beforeAll(async () => {
			stores = await open(workflows);
		});
		afterAll(() => stores?.close());

		const taken = async (job: Job) => {
			const rows = await stores.database.query<{
				kind: string;
				unit: string;
				amount: number;
			}>(sql`select kind, unit, sum(amount_micro_usd)::bigint as amount
				from ledger_entries where job_id = ${job.id} group by kind, unit order by kind, unit`);
			return (kind: string, unit = "usd") => rows.find((row) => row.kind === kind && row.unit === unit)?.amount ?? 0;
		};

		/** What holds for an ended job, whatever happened on the way. */
		async function expectHonest(job: Job): Promise<void> {
			const bill = billJob(job);
			const entries = await taken(job);
			expect(bill.isFinal).toBe(true);
			expect(totalOf(bill.lines)).toBe(bill.totalMicroUsd);
			expect(bill.totalMicroUsd).toBe(job.chargedMicroUsd);
			expect(bill.totalMicroUsd).toBe(entries("settle"));
			expect(entries("hold")).toBe(job.quote.totalMicroUsd);
			const refunded = bill.refunded.reduce((sum, refund) => sum + refund.amountMicroUsd, 0);
			expect(refunded).toBe(entries("release"));
			expect(bill.totalMicroUsd + refunded).toBe(job.quote.totalMicroUsd);
			expect(bill.refunded.reduce((sum, refund) => sum + (refund.units.image ?? 0), 0)).toBe(entries("release", "image"));
			if (job.status === "cancelled" && job.runs.every((run) => run.status === "cancelled")) expect(bill.totalMicroUsd).toBe(0);
			if (job.status === "succeeded" && bill.refunded.length === 0) expect(bill.lines).toEqual(job.quote.lines);
		}

		test("whenever the platform dies, what was quoted is charged once or given back, and the books are right", async () => {
			let crashed = 0;
			await fc.assert(
				fc.asyncProperty(fc.array(order, { minLength: 1, maxLength: 3 }), trouble, async (orders, troubles) => {
					const shop = openShop(newId("pool"), plans);
					const odd = {
						...shop,
						models: shop.models.map((model) => ({ ...model, priceMicroUsd: 120_001 })),
						batchDiscounts: [{ pictures: 3, percent: 7 }],
					};
					const tenant = await newTenant(stores, "starter", creditMicroUsd);
					const platform = new CrashingShop(stores.database, odd, workflows);
					const jobs = await platform.run(tenant, orders, troubles);
					crashed += platform.crashed;
					for (const job of jobs) await expectHonest(job);
					const { jobs: all } = await stores.jobs.list(tenant.tenantId, { limit: 100, before: null, status: null });
					expect(all.map((job) => job.id).sort()).toEqual(jobs.map((job) => job.id).sort());
					const charged = jobs.reduce((sum, job) => sum + job.chargedMicroUsd, 0);
					expect(await stores.accounts.balance(tenant.tenantId)).toEqual({ creditMicroUsd: creditMicroUsd - charged, heldMicroUsd: 0 });
					const { image } = (await stores.accounts.quotaUsage(tenant.tenantId)).units;
					expect(image.held).toBe(0);
					expect(image.used).toBeLessThanOrEqual(2);
					expect((await stores.books.verify()).findings).toEqual([]);
				}),
				{ numRuns: name === "embedded" ? 12 : 30, seed: 20_261_124 },
			);
			expect(crashed).toBeGreaterThan(20);
		}, 120_000);

		test("wherever in the life of one job the platform dies, the job is charged what was quoted, once", async () => {
			const shop = openShop(newId("pool"), { starter: { quotas: { image: 1, inpainting: 0 }, runningCap: null } });
			const orders = [{ workflow: "picture", count: 2, cancelAfter: null }];
			const outcomes = [done({ faceCount: 1 })];
			// Every statement is too many for every run of the suite: a stride, and another start for each way to die.
			const stride = name === "embedded" ? 41 : 11;
			let points = 0;
			for (const [mode, start] of [
				["never ran", 0],
				["answer lost", 3],
			] as const)
				for (let after = start; ; after += stride) {
					const tenant = await newTenant(stores, "starter", creditMicroUsd);
					const platform = new CrashingShop(stores.database, shop, workflows);
					const [job] = await platform.run(tenant, orders, { crashes: [{ after, mode }], outcomes });
					expect(job).toMatchObject({ status: "succeeded", chargedMicroUsd: 140_000, quote: { totalMicroUsd: 140_000 } });
					if (job) await expectHonest(job);
					if (platform.crashed === 0) break;
					points++;
				}
			expect(points).toBeGreaterThan(5);
			expect((await stores.books.verify()).findings).toEqual([]);
		}, 120_000);
	});
}
