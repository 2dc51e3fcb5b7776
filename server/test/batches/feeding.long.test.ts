import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type BatchOptions, createBatch } from "../../src/domain/batches/createBatch.ts";
import { type FeedPorts, feedBatches } from "../../src/domain/batches/feedBatches.ts";
import { retryBatch } from "../../src/domain/batches/retryBatch.ts";
import type { Principal } from "../../src/domain/plans/operatorConfig.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { createMemoryBus } from "../../src/store/bus/memoryBus.ts";
import { openStores, type Stores } from "../../src/store/openStores.ts";
import { sql } from "../../src/store/sql.ts";
import { Crash, crashing } from "../money/crashingDatabase.ts";
import { ask, capabilitiesFor, newTenant, openShop, submitPorts } from "../money/fluxShop.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { broke, done } from "../support/workbench.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

const options: BatchOptions = {
	...{
		name: "",
		budgetMicroUsd: null,
		mailTo: null,
		startAt: null,
		offPeak: false,
		webhook: null,
		webhookPerItem: false,
		metadata: {},
		shuffleSeed: null,
	},
};
const fluxMicroUsd = 120_000;
const prompts = (count: number) => ({ requests: Array.from({ length: count }, (_, n) => ask({ prompt: `number ${n}` })) });

describe.each(storeKinds.filter((kind) => kind.present))("batches on $name", ({ open }) => {
	let stores: TestStores;
	const shop = openShop("batch-pool");
	let workerId: string;

	beforeAll(async () => {
		stores = await open(shippedWorkflows);
		await stores.database.query(sql`insert into pools (id) values ('batch-pool') on conflict do nothing`);
		const worker = { id: "wrk_batches", name: "w", kind: "remote" as const, pools: ["batch-pool"], allowed: null, tokenHash: "h" };
		workerId = (await stores.workers.create(worker)).id;
		await stores.workers.seen(workerId, { capabilities: capabilitiesFor("flux"), loadedModel: null, slots: 1 });
	});
	afterAll(() => stores.close());

	const portsOf = (over: Stores): FeedPorts => ({
		...submitPorts(over, shop),
		...{ jobs: over.jobs, workflows: over.workflows, batches: over.batches, bus: createMemoryBus() },
	});
	const hurry = () => stores.database.query(sql`update batches set feed_after = clock_timestamp() where finished_at is null`);
	const feed = async (over: Stores = stores) => {
		await hurry();
		await feedBatches(portsOf(over));
	};
	/** Works until nothing can be claimed. */
	async function workOff(outcome = () => done({ faceCount: 0 })): Promise<void> {
		for (;;) {
			const [claimed] = await stores.jobs.claim({
				...{ workerId, pool: "batch-pool", capabilities: capabilitiesFor("flux"), loadedModel: null, slots: 1 },
			});
			if (!claimed) return;
			await stores.jobs.finish(claimed.lease, outcome());
		}
	}
	async function untilEnded(who: Principal, id: string): Promise<void> {
		while ((await stores.batches.get(who.tenantId, id)).finishedAt === null) {
			await feed();
			await workOff();
		}
	}
	const jobsOf = async (who: Principal) =>
		(await stores.database.query<{ n: number }>(sql`select count(*)::int as n from jobs where tenant_id = ${who.tenantId}`))[0]?.n;
	const expectRightBooks = async () => expect((await stores.books.verify()).findings).toEqual([]);

	test("whenever the feeding process is killed, every item becomes one job and nothing is paid twice", async () => {
		const count = 3;
		for (const mode of ["never ran", "answer lost"] as const)
			for (let after = 0; ; after++) {
				const who = await newTenant(stores, "starter", 10 * fluxMicroUsd * count);
				await stores.database.query(sql`update tenants set plan = 'pro' where id = ${who.tenantId}`);
				const batch = await createBatch(portsOf(stores), { ...who, plan: "pro" }, prompts(count), options, null);
				const database = crashing(stores.database);
				const dying = await openStores(database, { workflows: shippedWorkflows, leaseMs: 600_000, liveForMs: 600_000, pools: [] });
				await hurry();
				database.plan({ after, mode });
				const died = await feedBatches(portsOf(dying)).then(
					() => false,
					(error: unknown) => error instanceof Crash,
				);
				database.plan(null);
				for (let round = 0; round < 2; round++) await feed();
				expect([mode, after, await jobsOf(who)]).toEqual([mode, after, count]);
				await expectRightBooks();
				await stores.batches.cancel(who.tenantId, batch.id);
				await Promise.all((await stores.batches.unfinishedJobs(batch.id)).map((id) => stores.jobs.cancel(who.tenantId, id)));
				await feed();
				expect((await stores.batches.get(who.tenantId, batch.id)).finishedAt).not.toBeNull();
				if (!died) break;
			}
	});

	test("several processes feed one batch at once, and no item twice", async () => {
		const who = await newTenant(stores, "starter", 100_000_000);
		const batch = await createBatch(portsOf(stores), who, prompts(60), options, null);
		for (let round = 0; round < 6; round++) {
			await hurry();
			await Promise.all([0, 1, 2].map(() => feedBatches(portsOf(stores))));
		}
		expect(await jobsOf(who)).toBe(60);
		// Even two that hold the same item in their hands.
		const other = await createBatch(portsOf(stores), who, prompts(1), options, null);
		const [item] = await stores.batches.waitingItems(other, 1);
		if (!item) throw new Error("no item waits");
		const kinds = await Promise.all(
			[1, 2, 3].map(async (n) => {
				const draft = { ...(await draftOf(who)), id: `job_${who.tenantId}_${n}` };
				return (await stores.batches.feed(item, draft)).kind;
			}),
		);
		expect(kinds.toSorted()).toEqual(["gone", "gone", "job"]);
		await untilEnded(who, batch.id);
		await untilEnded(who, other.id);
		await expectRightBooks();
	});

	async function draftOf(who: Principal) {
		const drafts: Parameters<Stores["jobs"]["submit"]>[0][] = [];
		const submit = async (draft: (typeof drafts)[number]) => {
			drafts.push(draft);
			throw new Crash("only planned");
		};
		const { submitJob } = await import("../../src/domain/jobs/submitJob.ts");
		const ports = { ...submitPorts(stores, shop), jobs: { submit } };
		await submitJob(ports, who, ask()).catch(() => {});
		const [draft] = drafts;
		if (!draft) throw new Error("nothing was planned");
		return draft;
	}

	test("the discount is by the pictures of all items, and the bill is the quote though the plan pays for some", async () => {
		const who = await newTenant(stores, "starter", 100_000_000);
		const batch = await createBatch(portsOf(stores), who, prompts(120), options, null);
		expect(batch).toMatchObject({ pictures: 120, discountPercent: 15 });
		// 100 of a starter's month are included; 20 are paid for.
		expect(batch.quote.totalMicroUsd).toBe(20 * fluxMicroUsd * 0.85);
		expect((await stores.accounts.balance(who.tenantId)).heldMicroUsd).toBe(batch.quote.totalMicroUsd);
		expect((await stores.accounts.quotaUsage(who.tenantId)).units.image).toEqual({ used: 0, held: 100 });
		await untilEnded(who, batch.id);
		const ended = await stores.batches.get(who.tenantId, batch.id);
		expect(ended).toMatchObject({ state: "completed", heldMicroUsd: 0, committedMicroUsd: 0, spentMicroUsd: batch.quote.totalMicroUsd });
		expect((await stores.accounts.balance(who.tenantId)).creditMicroUsd).toBe(100_000_000 - batch.quote.totalMicroUsd);
		expect((await stores.accounts.quotaUsage(who.tenantId)).units.image).toEqual({ used: 100, held: 0 });
		await expectRightBooks();
	});

	test("without credit for all of it a batch is refused, whole", async () => {
		const who = await newTenant(stores, "pro", 10);
		await stores.database.query(sql`insert into ledger_entries (tenant_id, kind, debit, credit, amount_micro_usd, unit, period)
			select ${who.tenantId}, 'hold', 'plan', 'held', 500, 'image', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM')`);
		await expect(createBatch(portsOf(stores), who, prompts(3), options, null)).rejects.toMatchObject({ code: "insufficient_credit" });
		expect((await stores.batches.list(who.tenantId, { limit: 10, before: null })).batches).toEqual([]);
	});

	test("a budget pauses the batch before the item that would exceed it, and raising it goes on", async () => {
		const who = await spentOut(5 * fluxMicroUsd);
		const batch = await createBatch(portsOf(stores), who, prompts(4), { ...options, budgetMicroUsd: 2 * fluxMicroUsd + 1 }, null);
		expect(batch.heldMicroUsd).toBe(2 * fluxMicroUsd + 1);
		await feed();
		const paused = await stores.batches.get(who.tenantId, batch.id);
		expect(paused).toMatchObject({ state: "paused", pauseReason: "budget_paused", committedMicroUsd: 2 * fluxMicroUsd });
		expect(await jobsOf(who)).toBe(2);
		await expect(stores.batches.resume(who.tenantId, batch.id)).rejects.toMatchObject({ code: "budget_too_low" });
		await expect(stores.batches.resume(who.tenantId, batch.id, null)).resolves.toBeUndefined();
		await untilEnded(who, batch.id);
		expect((await stores.batches.get(who.tenantId, batch.id)).spentMicroUsd).toBe(4 * fluxMicroUsd);
		await expectRightBooks();
	});

	/** A tenant whose month is drawn: it pays for every picture. */
	async function spentOut(creditMicroUsd: number): Promise<Principal> {
		const who = await newTenant(stores, "starter", creditMicroUsd);
		await stores.database.query(sql`insert into ledger_entries (tenant_id, kind, debit, credit, amount_micro_usd, unit, period)
			select ${who.tenantId}, 'hold', 'plan', 'held', 100, 'image', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM')`);
		return who;
	}

	test("failed items are tried again as new jobs, charged as new, and keep their history", async () => {
		const who = await spentOut(10 * fluxMicroUsd);
		const batch = await createBatch(portsOf(stores), who, prompts(2), options, null);
		await feed();
		await workOff(() => broke(false));
		await feed();
		const failed = await stores.batches.get(who.tenantId, batch.id);
		expect(failed).toMatchObject({ state: "completed", spentMicroUsd: 0, heldMicroUsd: 0 });
		expect(await retryBatch(portsOf(stores), who, failed, ["failed"])).toBe(2);
		expect(await retryBatch(portsOf(stores), who, failed, ["failed"])).toBe(0);
		await untilEnded(who, batch.id);
		const { items } = await stores.batches.items(failed, { limit: 10, after: null, status: null });
		expect(items.map(({ status, attempt, jobIds }) => [status, attempt, jobIds.length])).toEqual([
			["succeeded", 2, 2],
			["succeeded", 2, 2],
		]);
		expect((await stores.accounts.balance(who.tenantId)).creditMicroUsd).toBe(8 * fluxMicroUsd);
		await expectRightBooks();
	});

	test("cancelling gives back what was set aside and ends what runs", async () => {
		const who = await spentOut(300 * fluxMicroUsd);
		const batch = await createBatch(portsOf(stores), who, prompts(250), options, null);
		await feed();
		const jobIds = await stores.batches.cancel(who.tenantId, batch.id);
		for (const id of jobIds) await stores.jobs.cancel(who.tenantId, id);
		await feed();
		expect(await stores.batches.get(who.tenantId, batch.id)).toMatchObject({
			state: "cancelled",
			heldMicroUsd: 0,
			finishedAt: expect.any(Date),
		});
		expect((await stores.accounts.balance(who.tenantId)).creditMicroUsd).toBe(300 * fluxMicroUsd);
		await expectRightBooks();
	});

	test("a batch is nobody else's", async () => {
		const [who, other] = [await newTenant(stores, "starter", 0), await newTenant(stores, "starter", 0)];
		const { id } = await createBatch(portsOf(stores), who, prompts(1), options, null);
		const { batches } = stores;
		for (const attempt of [
			() => batches.get(other.tenantId, id),
			() => batches.cancel(other.tenantId, id),
			() => batches.resume(other.tenantId, id),
			() => batches.pause(other.tenantId, id, "asked"),
		])
			await expect(attempt()).rejects.toMatchObject({ code: "not_found" });
		await batches.cancel(who.tenantId, id);
	});
});
