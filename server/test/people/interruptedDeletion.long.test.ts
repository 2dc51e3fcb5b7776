import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deleteAccounts } from "../../src/domain/people/accountDeletion.ts";
import { picture } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { createMemoryBus } from "../../src/store/bus/memoryBus.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { drawOnly, setUpBench, type Workbench, workOff } from "../support/workbench.ts";

for (const { name, present, open } of storeKinds)
	describe.skipIf(!present)(`deleting an account in the ${name} database`, { timeout: 300_000 }, () => {
		let stores: TestStores;
		let bench: Workbench;
		const bus = createMemoryBus();
		const round = () => deleteAccounts({ ...stores, bus, sweep: async () => {} });

		beforeAll(async () => {
			stores = await open([picture]);
			bench = await setUpBench(stores);
		}, 300_000);
		afterAll(() => stores?.close());

		const count = async (table: "jobs" | "tasks" | "ledger_entries", tenantId: string): Promise<number> => {
			const from = { jobs: sql`jobs`, tasks: sql`tasks`, ledger_entries: sql`ledger_entries` }[table];
			const [row] = await stores.database.query<{ n: number }>(sql`select count(*)::int as n from ${from} where tenant_id = ${tenantId}`);
			return row?.n ?? 0;
		};

		/** The sweep's part, as if every picture's bytes were removed. */
		const forgetBytes = (tenantId: string) =>
			stores.database.query(
				sql`update blobs set removed_at = clock_timestamp(), kept_until = null where tenant_id = ${tenantId} and refs = 0`,
			);

		test("it is killed after every step and goes on; what runs is cancelled, the books add up, and it is complete once", async () => {
			const tenantId = await bench.newTenant();
			for (let nth = 0; nth < 60; nth++) await bench.submit({ tenantId, steps: drawOnly });
			await workOff(stores, bench);
			for (let nth = 0; nth < 3; nth++) await bench.submit({ tenantId, steps: drawOnly });
			const running = await bench.claimOne();
			const receipt = newId("del");
			await stores.deletions.ask(tenantId, receipt);

			await expect(bench.submit({ tenantId, steps: drawOnly })).rejects.toMatchObject({ code: "account_deleted" });
			await expect(stores.accounts.addCredit(tenantId, 1, "late")).rejects.toMatchObject({ code: "account_deleted" });
			await expect(stores.blobIndex.announce({ tenantId, sha256: "b".repeat(64), bytes: 1 }, 1_000)).rejects.toMatchObject({
				code: "account_deleted",
			});
			// One slice, and the process is gone: what is there is as far as that.
			const { jobIds } = await stores.deletions.unfinished(tenantId, 100);
			expect(jobIds).toHaveLength(3);
			await stores.jobs.cancel(tenantId, jobIds[0] ?? "");
			expect(await stores.deletions.removeSome(tenantId)).toBeGreaterThan(0);
			const left = await count("jobs", tenantId);
			expect(left).toBeGreaterThan(0);
			expect(left).toBeLessThan(63);
			expect(await stores.deletions.complete(tenantId)).toBe(false);

			const entries = await count("ledger_entries", tenantId);
			for (let nth = 0; nth < 4; nth++) await Promise.all([round(), round()]);
			expect([await count("jobs", tenantId), await count("tasks", tenantId)]).toEqual([0, 0]);
			await expect(stores.jobs.finish(running.lease, { kind: "succeeded", outputs: {}, data: {}, ms: 1 })).rejects.toMatchObject({
				code: "lease_lost",
			});
			// Its pictures' bytes are still to go.
			expect(await stores.deletions.find(receipt)).toMatchObject({ completedAt: null });
			await forgetBytes(tenantId);
			await Promise.all([round(), round()]);
			expect(await stores.deletions.find(receipt)).toMatchObject({ tenantId, completedAt: expect.any(Date) });
			expect(await count("ledger_entries", tenantId)).toBeGreaterThanOrEqual(entries);
			expect((await stores.books.verify()).findings).toEqual([]);
			const { entries: noted } = await stores.audit.list({
				...{
					tenantId,
					action: "accountDeleted",
					actorId: null,
					target: null,
					outcome: null,
					from: null,
					to: null,
					limit: 10,
					before: null,
				},
			});
			expect(noted).toHaveLength(1);
			await expect(
				stores.database.query(sql`update ledger_entries set amount_micro_usd = 0 where tenant_id = ${tenantId}`),
			).rejects.toThrow("append-only");
		});

		test("of many who ask at once one gets the receipt, and what is submitted meanwhile is made or refused, never left over", async () => {
			const tenantId = await bench.newTenant();
			const asked = Array.from({ length: 5 }, () => stores.deletions.ask(tenantId, newId("del")));
			const submitted = Array.from({ length: 20 }, () => bench.submit({ tenantId, steps: drawOnly }));
			const outcomes = await Promise.allSettled([...asked, ...submitted]);
			expect(outcomes.slice(0, 5).filter(({ status }) => status === "fulfilled")).toHaveLength(1);
			for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "account_deleted" });
			for (let nth = 0; nth < 3; nth++) await round();
			expect(await count("jobs", tenantId)).toBe(0);
		});
	});
