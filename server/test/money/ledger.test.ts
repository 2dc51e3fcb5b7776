import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Job } from "../../src/domain/jobs/job.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { type Query, sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { broke, drawOnly, setUpBench, stepMicroUsd, type Workbench, workOff } from "../support/workbench.ts";

/** Every account the ledger may move between, for entries that should not be there. */
const move = (
	job: Job,
	values: Query,
) => sql`insert into ledger_entries (tenant_id, job_id, kind, debit, credit, amount_micro_usd, unit, period, task_id)
	select ${job.tenantId}, ${job.id}, ${values}`;
const stepOf = (job: Job) => job.runs[0]?.tasks[0]?.id ?? 0;

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`the ledger's check in the ${name} database`, () => {
		let stores: TestStores;
		let bench: Workbench;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
		});
		beforeEach(async () => {
			bench = await setUpBench(stores);
		});
		afterAll(() => stores?.close());

		const found = async (job: Job) =>
			(await stores.books.verify()).findings
				.filter((finding) => finding.tenantId === job.tenantId)
				.map(({ rule, detail }) => `${rule}: ${detail}`);
		async function finished(pictures = 1): Promise<Job> {
			const job = await bench.submit({ steps: drawOnly, pictures });
			await workOff(stores, bench);
			return job;
		}

		test("right books are found right, with jobs waiting, running, done, failed and cancelled", async () => {
			const job = await finished(3);
			await bench.submit();
			await workOff(stores, bench, () => broke(false));
			await bench.submit({ pictures: 2 });
			await bench.claimOne();
			const cancelled = await bench.submit();
			await stores.jobs.cancel(cancelled.tenantId, cancelled.id);
			const verification = await stores.books.verify();
			expect(verification).toMatchObject({ found: 0, findings: [] });
			expect(verification.entries).toBeGreaterThan(8);
			expect(await found(job)).toEqual([]);
		});

		test("a balance that was changed by hand is named with what it should be", async () => {
			const job = await finished();
			await stores.database.query(sql`update balances set amount = amount + 5 where tenant_id = ${job.tenantId} and account = 'credit'`);
			expect(await found(job)).toEqual([
				`balance_differs: usd  credit: kept ${1_000_005 - stepMicroUsd}, entries say ${1_000_000 - stepMicroUsd}`,
			]);
			await stores.database.query(sql`update balances set amount = amount - 5 where tenant_id = ${job.tenantId} and account = 'credit'`);
		});

		test.each([
			[
				"a second release",
				(job: Job) => move(job, sql`'release', 'held', 'credit', 7, 'image', '2026-11', null`),
				["hold_not_released", "negative_balance"],
			],
			[
				"a charge for a step that is not there",
				(job: Job) => move(job, sql`'settle', 'held', 'revenue', 0, 'usd', '', -1`),
				["charged_wrongly"],
			],
			[
				"a unit taken that was never priced",
				(job: Job) => move(job, sql`'settle', 'plan', 'used', 1, 'image', '2026-11', ${stepOf(job)}::bigint`),
				["charged_wrongly", "hold_not_released"],
			],
			[
				"credit below zero",
				(job: Job) => sql`insert into ledger_entries (tenant_id, kind, debit, credit, amount_micro_usd)
				values (${job.tenantId}, 'withdrawal', 'credit', 'funding', 2000000)`,
				["negative_balance"],
			],
			[
				"a job whose row promises another price",
				(job: Job) => sql`update jobs set held_micro_usd = held_micro_usd + 1 where id = ${job.id}`,
				["hold_differs"],
			],
			[
				"a step that was charged and then never ran",
				(job: Job) => sql`update tasks set status = 'failed' where job_id = ${job.id}`,
				["charged_wrongly"],
			],
			[
				"a step that was charged at another price",
				(job: Job) => sql`update tasks set price_micro_usd = 1 where job_id = ${job.id}`,
				["charged_wrongly"],
			],
		] as const)("%s is found", async (_what, tamper, rules) => {
			const job = await finished();
			expect(await found(job)).toEqual([]);
			await stores.database.query(tamper(job));
			expect([...new Set((await found(job)).map((line) => line.split(":")[0]))].sort()).toEqual([...rules].sort());
		});

		test("a step charged twice is found even where the database would not have refused it", async () => {
			const job = await finished();
			await stores.database.query(sql`drop index ledger_once_per_task`);
			await stores.database.query(move(job, sql`'settle', 'held', 'revenue', ${stepMicroUsd}::bigint, 'usd', '', ${stepOf(job)}::bigint`));
			expect((await found(job)).map((line) => line.split(":")[0])).toContain("charged_twice");
		});

		test("a finished picture whose steps were not charged is found", async () => {
			const job = await bench.submit({ steps: drawOnly });
			await stores.database.query(sql`update tasks set status = 'done' where job_id = ${job.id}`);
			await stores.database.query(sql`update image_runs set status = 'succeeded' where job_id = ${job.id}`);
			expect(await found(job)).toEqual([expect.stringMatching(/^not_charged: step \d+: nothing taken in usd$/)]);
		});

		test("entries can be neither changed nor removed", async () => {
			const job = await finished();
			await expect(stores.database.query(sql`delete from ledger_entries where job_id = ${job.id}`)).rejects.toThrow("append-only");
			await expect(stores.database.query(sql`update ledger_entries set note = '' where job_id = ${job.id}`)).rejects.toThrow("append-only");
		});
	});
}
