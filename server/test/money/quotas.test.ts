import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GenerationRequest } from "../../src/domain/jobs/generationRequest.ts";
import type { Job } from "../../src/domain/jobs/job.ts";
import type { ClaimedTask, TaskOutcome } from "../../src/domain/jobs/jobStore.ts";
import { submitJob } from "../../src/domain/jobs/submitJob.ts";
import type { OperatorConfig, Principal } from "../../src/domain/plans/operatorConfig.ts";
import { billJob } from "../../src/domain/pricing/billJob.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { openStores } from "../../src/store/openStores.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { broke, done, setUpBench, stepMs, type Workbench, workOff } from "../support/workbench.ts";
import { ask, capabilitiesFor, newTenant, openShop, submitPorts } from "./fluxShop.ts";

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`money in the ${name} database`, () => {
		let stores: TestStores;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
		});
		afterAll(() => stores?.close());

		/** A shop of its own: a pool that no other test sees, with a worker for everything in it. */
		async function openBranch(plans: Parameters<typeof openShop>[1] = {}): Promise<{ shop: OperatorConfig; bench: Workbench }> {
			const bench = await setUpBench(stores);
			await stores.workers.seen(bench.workerId, { capabilities: capabilitiesFor("flux"), loadedModel: "flux", slots: 1 });
			return { shop: openShop(bench.pool, plans), bench };
		}
		const submit = (shop: OperatorConfig, principal: Principal, request: GenerationRequest) =>
			submitJob(submitPorts(stores, shop), principal, request);
		const get = (job: Job) => stores.jobs.get(job.tenantId, job.id);
		const unitsOf = async ({ tenantId }: Principal) => (await stores.accounts.quotaUsage(tenantId)).units;
		/** Runs all that is waiting in the branch. */
		async function finish(
			bench: Workbench,
			outcome: (claimed: ClaimedTask) => TaskOutcome = () => done({ faceCount: 1 }),
			{ model = "flux", over = stores } = {},
		) {
			await workOff(over, { ...bench, claim: (slots) => bench.claim(slots, capabilitiesFor(model)) }, outcome);
		}

		test("pictures use up the month first, then credit", async () => {
			const { shop, bench } = await openBranch({ pro: { quotas: { image: 3, inpainting: 1 }, runningCap: null } });
			const pro = await newTenant(stores, "pro", 1_000_000);
			const job = await submit(shop, pro, ask({ count: 5, restoreFaces: true }));
			expect(job.quote.totalMicroUsd).toBe(280_000);
			expect(await unitsOf(pro)).toMatchObject({ image: { used: 0, held: 3 }, inpainting: { used: 0, held: 0 } });
			await finish(bench);
			expect(await unitsOf(pro)).toMatchObject({ image: { used: 3, held: 0 } });
			expect(await stores.accounts.balance(pro.tenantId)).toEqual({ creditMicroUsd: 720_000, heldMicroUsd: 0 });
			const ended = await get(job);
			expect(billJob(ended)).toEqual({ lines: job.quote.lines, totalMicroUsd: ended.chargedMicroUsd, refunded: [], isFinal: true });
			const next = await submit(shop, pro, ask());
			expect(next.quote.totalMicroUsd).toBe(120_000);
			await finish(bench);
			await expect(submit(shop, pro, ask({ count: 6 }))).rejects.toMatchObject({ code: "insufficient_credit" });
			expect(await unitsOf(pro)).toMatchObject({ image: { used: 3, held: 0 } });
		});

		test("two hundred requests at once draw exactly what the month holds, and each pays for the rest", async () => {
			const { shop } = await openBranch({ pro: { quotas: { image: 90, inpainting: 0 } } });
			const pro = await newTenant(stores, "pro", 200 * 120_000);
			const jobs = await Promise.all(Array.from({ length: 200 }, () => submit(shop, pro, ask())));
			const drawn = jobs.filter((job) => job.runs[0]?.tasks.some((task) => task.quotaUnits.includes("image")));
			expect(drawn).toHaveLength(90);
			expect(jobs.filter((job) => job.quote.totalMicroUsd === 120_000)).toHaveLength(110);
			expect(await unitsOf(pro)).toMatchObject({ image: { used: 0, held: 90 } });
			expect(await stores.accounts.balance(pro.tenantId)).toEqual({ creditMicroUsd: 90 * 120_000, heldMicroUsd: 110 * 120_000 });
		});

		test("a quota that moves under every price ends with unavailable, and nothing is taken", async () => {
			const { shop } = await openBranch({ pro: { quotas: { image: 3, inpainting: 0 } } });
			const pro = await newTenant(stores, "pro", 1_000_000);
			const stale = await stores.accounts.quotaUsage(pro.tenantId);
			await submit(shop, pro, ask({ count: 3 }));
			const ports = { ...submitPorts(stores, shop), accounts: { ...stores.accounts, quotaUsage: async () => stale } };
			await expect(submitJob(ports, pro, ask({ count: 2 }))).rejects.toMatchObject({ code: "unavailable" });
			expect(await unitsOf(pro)).toMatchObject({ image: { used: 0, held: 3 } });
		});

		test("what is cancelled, failed or not needed gives the month back what it had drawn, and the bill names it", async () => {
			const { shop, bench } = await openBranch({ starter: { quotas: { image: 2, inpainting: 1 }, runningCap: null } });
			const starter = await newTenant(stores, "starter", 1_000_000);
			const cancelled = await submit(shop, starter, ask({ count: 3, repaint: true }));
			expect(cancelled.quote.totalMicroUsd).toBe(80_000 + 200_000);
			expect(await unitsOf(starter)).toMatchObject({ image: { used: 0, held: 2 }, inpainting: { used: 0, held: 1 } });
			await stores.jobs.cancel(cancelled.tenantId, cancelled.id);
			expect(await unitsOf(starter)).toMatchObject({ image: { used: 0, held: 0 }, inpainting: { used: 0, held: 0 } });
			expect(billJob(await get(cancelled))).toMatchObject({
				totalMicroUsd: 0,
				refunded: [{ step: "generate", reason: "cancelled", count: 3, amountMicroUsd: 280_000, units: { image: 2, inpainting: 1 } }],
			});
			const failed = await submit(shop, starter, ask({ restoreFaces: true }));
			await finish(bench, ({ task }) => (task.stepId === "encode" ? broke(false) : done({ faceCount: 1 })));
			expect(await unitsOf(starter)).toMatchObject({ image: { used: 0, held: 0 } });
			expect(billJob(await get(failed))).toMatchObject({
				lines: [],
				totalMicroUsd: 0,
				refunded: [
					{ step: "generate", reason: "failed", count: 1, amountMicroUsd: 0, units: { image: 1 } },
					{ step: "restore_faces", reason: "failed", count: 1, amountMicroUsd: 0, units: {} },
				],
			});
			expect(await stores.accounts.balance(starter.tenantId)).toEqual({ creditMicroUsd: 1_000_000, heldMicroUsd: 0 });
		});

		test("the bill of a batch keeps its discount and leaves out what was not done", async () => {
			const { shop, bench } = await openBranch({ pro: { quotas: { image: 0, inpainting: 0 }, runningCap: null } });
			const pro = await newTenant(stores, "pro", 5_000_000);
			const job = await submit(shop, pro, ask({ count: 10, restoreFaces: true, upscale: true }));
			expect(job.quote.totalMicroUsd).toBe(10 * (114_000 + 19_000 + 142_500));
			const outcome = ({ task, run }: ClaimedTask) =>
				task.stepId === "upscale" && run.index === 4 ? broke(false) : done({ faceCount: run.index % 2 });
			await finish(bench, outcome);
			const ended = await get(job);
			const bill = billJob(ended);
			expect(bill.lines.map((line) => [line.label, line.count, line.amountMicroUsd])).toEqual([
				["Picture (flux)", 10, 1_200_000],
				["Face restoration (gfpgan)", 5, 100_000],
				["Upscale 4x (realesr-animevideov3)", 9, 1_350_000],
				["Batch discount 5 %", 1, -132_500],
			]);
			expect(bill.totalMicroUsd).toBe(ended.chargedMicroUsd);
			expect(bill.refunded.map(({ step, reason, count, amountMicroUsd }) => [step, reason, count, amountMicroUsd])).toEqual([
				["restore_faces", "no_faces", 5, 95_000],
				["upscale", "step_failed", 1, 142_500],
			]);
			expect(await stores.accounts.balance(pro.tenantId)).toEqual({ creditMicroUsd: 5_000_000 - ended.chargedMicroUsd, heldMicroUsd: 0 });
		});

		test("last month's pictures do not count against this one", async () => {
			const { shop } = await openBranch({ pro: { quotas: { image: 1, inpainting: 0 } } });
			const pro = await newTenant(stores, "pro", 0);
			await stores.database.query(sql`insert into ledger_entries (tenant_id, kind, debit, credit, amount_micro_usd, unit, period)
				values (${pro.tenantId}, 'hold', 'plan', 'held', 1, 'image', '2001-01')`);
			expect(await unitsOf(pro)).toMatchObject({ image: { used: 0, held: 0 } });
			expect((await submit(shop, pro, ask())).quote.totalMicroUsd).toBe(0);
			await expect(submit(shop, pro, ask())).rejects.toMatchObject({ code: "insufficient_credit" });
			const { period, resetsAt } = await stores.accounts.quotaUsage(pro.tenantId);
			expect(resetsAt.toISOString()).toMatch(/^\d{4}-\d\d-01T00:00:00.000Z$/);
			expect(new Date(resetsAt.getTime() - 1).toISOString().slice(0, 7)).toBe(period);
		});

		test("credit is taken back only as far as it is free, and a repeated request moves it once", async () => {
			const { shop } = await openBranch({ pro: { quotas: { image: 0, inpainting: 0 } } });
			const pro = await newTenant(stores, "pro", 200_000);
			const { tenantId } = pro;
			await submit(shop, pro, ask());
			await expect(stores.accounts.takeCredit(tenantId, 80_001, "too much")).rejects.toMatchObject({ code: "insufficient_credit" });
			for (let time = 0; time < 3; time++) await stores.accounts.takeCredit(tenantId, 30_000, "back", "request-1");
			await expect(stores.accounts.takeCredit(tenantId, 30_001, "back", "request-1")).rejects.toMatchObject({
				code: "idempotency_key_reused",
			});
			await Promise.all(Array.from({ length: 5 }, () => stores.accounts.addCredit(tenantId, 1, "more", "request-2")));
			expect(await stores.accounts.balance(tenantId)).toEqual({ creditMicroUsd: 50_001, heldMicroUsd: 120_000 });
			const takes = await Promise.allSettled(Array.from({ length: 9 }, () => stores.accounts.takeCredit(tenantId, 10_000, "race")));
			expect(takes.filter((take) => take.status === "fulfilled")).toHaveLength(5);
			await expect(stores.accounts.addCredit(newId("ten"), 1, "")).rejects.toMatchObject({ code: "not_found" });
			expect(await stores.accounts.ledger(tenantId, 2)).toMatchObject([
				{ kind: "withdrawal", unit: "usd", amount: 10_000, note: "race" },
				{},
			]);
		});

		test("the operator sees price, what plans paid, own cost and margin by model and step", async () => {
			const { shop, bench } = await openBranch({ pro: { quotas: { image: 2, inpainting: 0 }, runningCap: null } });
			const pro = await newTenant(stores, "pro", 10_000_000);
			const model = `flux-${newId("m")}`;
			const named = {
				...shop,
				models: shop.models.map((entry) => ({ ...entry, name: entry.name === "flux" ? model : entry.name })),
				defaultModel: model,
			};
			await submit(named, pro, ask({ count: 10 }));
			const outcome = ({ run, task }: ClaimedTask) => (run.index === 9 && task.stepId === "encode" ? broke(false) : done());
			await stores.workers.seen(bench.workerId, { capabilities: capabilitiesFor(model), loadedModel: model, slots: 1 });
			const options = { workflows: shippedWorkflows, leaseMs: 600_000, liveForMs: 600_000, pools: [] };
			const costly = await openStores(stores.database, { ...options, costMicroUsdPerHour: () => 3_600_000 });
			await finish(bench, outcome, { model, over: { ...stores, jobs: costly.jobs } });
			const { steps } = await stores.books.earnings(1);
			expect(steps.filter((step) => step.model === model)).toEqual([
				{
					...{ model, kind: "generate", count: 10, listMicroUsd: 1_200_000, takenMicroUsd: 7 * 114_000, includedMicroUsd: 240_000 },
					...{ discountMicroUsd: 7 * 6_000, lostMicroUsd: 120_000, costMicroUsd: 10 * stepMs },
				},
			]);
		});
	});
}
