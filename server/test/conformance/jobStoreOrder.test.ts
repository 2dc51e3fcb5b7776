import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Job } from "../../src/domain/jobs/job.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { broke, done, drawOnly, forked, setUpBench, type Workbench, workOff } from "../support/workbench.ts";

/** What one step of a second adds to the tags of a tenant of weight 1, in virtual microseconds. */
const second = 1_000_000;

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`the line of jobs in the ${name} database`, () => {
		let stores: TestStores;
		let bench: Workbench;
		beforeAll(async () => {
			stores = await open([...shippedWorkflows, forked]);
		});
		beforeEach(async () => {
			bench = await setUpBench(stores);
		});
		afterAll(() => stores?.close());

		const keyOf = async ({ tenantId, id }: Job) => (await stores.jobs.get(tenantId, id)).runs[0]?.tasks[0]?.orderKey ?? null;
		const cancel = ({ tenantId, id }: Job) => stores.jobs.cancel(tenantId, id);
		const draw = (order: { tenantId?: string; weight?: number; pictures?: number } = {}) => bench.submit({ steps: drawOnly, ...order });
		/** Serves the line's first tasks, one after another. */
		async function serve(count: number): Promise<string[]> {
			const tenants: string[] = [];
			for (let round = 0; round < count; round++) {
				const { lease, tenantId } = await bench.claimOne();
				await stores.jobs.finish(lease, done());
				tenants.push(tenantId);
			}
			return tenants;
		}

		describe("fair shares", () => {
			test("two backlogged tenants of weight 3 and 1 are served 3 to 1, all along", async () => {
				const [starter, pro] = [bench.tenantId, await bench.newTenant()];
				await draw({ tenantId: starter, weight: 1, pictures: 12 });
				await draw({ tenantId: pro, weight: 3, pictures: 36 });
				const served = (await bench.claim(24)).map((task) => task.tenantId);
				expect(served.filter((tenantId) => tenantId === pro)).toHaveLength(18);
				for (let count = 1; count <= served.length; count++) {
					const ofPro = served.slice(0, count).filter((tenantId) => tenantId === pro).length;
					expect(Math.abs(ofPro - count * 0.75)).toBeLessThanOrEqual(1);
				}
			});

			test("a newcomer does not wait behind another's whole backlog", async () => {
				await draw({ pictures: 20 });
				await serve(5);
				const newcomer = await bench.newTenant();
				await draw({ tenantId: newcomer });
				expect((await serve(3)).filter((tenantId) => tenantId === newcomer)).toHaveLength(1);
			});

			test("whoever was away has banked no time: back again, it gets its share and no more", async () => {
				const away = await bench.newTenant();
				await draw({ pictures: 20 });
				await serve(10);
				await draw({ tenantId: away, pictures: 8 });
				const next = await serve(8);
				expect(next.filter((tenantId) => tenantId === away).length).toBeLessThanOrEqual(5);
				expect(next.filter((tenantId) => tenantId === away).length).toBeGreaterThanOrEqual(3);
			});

			test("submitting and cancelling does not improve a later place", async () => {
				const [abuser, honest] = [await bench.newTenant(), await bench.newTenant()];
				await draw({ pictures: 10 });
				await serve(3);
				for (let round = 0; round < 4; round++)
					for (const job of [await draw({ tenantId: abuser, pictures: 3 }), await draw({ tenantId: abuser })]) await cancel(job);
				const later = await keyOf(await draw({ tenantId: abuser }));
				expect(later).toBeGreaterThanOrEqual((await keyOf(await draw({ tenantId: honest }))) ?? Number.NaN);
			});

			test("a big job held back and cancelled does not let a pile of others jump the line", async () => {
				const abuser = await bench.newTenant();
				await draw({ pictures: 20 });
				const big = await bench.submit({ tenantId: abuser, steps: drawOnly, predictedMs: 10_500 });
				await serve(10);
				await draw({ tenantId: abuser, pictures: 8 });
				await cancel(big);
				expect((await serve(8)).filter((tenantId) => tenantId === abuser).length).toBeLessThanOrEqual(5);
			});

			test("a cancelled job gives its place to its tenant's later ones", async () => {
				const jobs = [await draw(), await draw(), await draw()] as const;
				expect(await Promise.all(jobs.map(keyOf))).toEqual([second, 2 * second, 3 * second]);
				await cancel(jobs[0]);
				expect(await Promise.all([jobs[1], jobs[2]].map(keyOf))).toEqual([second, 2 * second]);
				expect(await keyOf(await draw())).toBe(3 * second);
			});

			test("a job that a worker already spent time on gives no place back", async () => {
				const tried = await draw();
				await stores.jobs.finish((await bench.claimOne()).lease, broke(true, 3_600_000));
				const later = await draw();
				await cancel(tried);
				expect(await keyOf(later)).toBe(2 * second);
			});

			test("what was started is finished first: later steps of a picture keep its place", async () => {
				const first = await bench.submit({ steps: ["generate", "encode"] });
				await draw();
				const key = await keyOf(first);
				await stores.jobs.finish((await bench.claimOne()).lease, done());
				expect(await bench.claimOne()).toMatchObject({ jobId: first.id, task: { stepId: "encode", orderKey: key } });
			});

			test("the place shown is the number of tasks before it, plus one", async () => {
				const jobs = [await draw(), await draw(), await draw()];
				const waiting = await stores.jobs.waiting(jobs);
				expect(jobs.map((job) => waiting.get(job.id)?.place)).toEqual([1, 2, 3]);
			});
		});

		describe("reading", () => {
			test("events are numbered from one without a gap and the end comes last", async () => {
				const job = await bench.submit({ pictures: 2 });
				let failures = 2;
				await workOff(stores, bench, () => (failures-- > 0 ? broke(true) : done({ faceCount: 0 })));
				const events = await stores.jobs.events(job.tenantId, job.id, 0, 1_000);
				expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
				expect(events.slice(0, 2).map((event) => event.type)).toEqual(["job.created", "job.started"]);
				expect(events.filter((event) => event.type === "step.retrying")).toHaveLength(2);
				expect(events.filter((event) => event.type === "image.succeeded")).toHaveLength(2);
				expect(events.findIndex((event) => event.type === "job.succeeded")).toBe(events.length - 1);
				expect(await stores.jobs.events(job.tenantId, job.id, 3, 2)).toEqual(events.slice(3, 5));
			});

			test("steps ending at the same moment leave no gap and no double number", async () => {
				const job = await draw({ pictures: 8 });
				const claimed = await bench.claim(8);
				await Promise.all(claimed.map(({ lease }) => stores.jobs.finish(lease, done())));
				const events = await stores.jobs.events(job.tenantId, job.id, 0, 1_000);
				expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
				expect(events.filter((event) => event.type === "image.succeeded")).toHaveLength(8);
				expect(events.at(-1)?.type).toBe("job.succeeded");
			});

			test("of two steps that end at the same moment one puts what waited for both in line, once", async () => {
				const jobs = await Promise.all(Array.from({ length: 12 }, () => bench.submit({ workflow: forked })));
				const sides = await bench.claim(24);
				await Promise.all(sides.map(({ lease }) => stores.jobs.finish(lease, done())));
				expect((await bench.claim(24)).map(({ task }) => task.stepId)).toEqual(jobs.map(() => "join"));
			});

			test("another tenant's job is not found, by any door", async () => {
				const job = await draw();
				const stranger = await bench.newTenant();
				for (const enter of [
					() => stores.jobs.get(stranger, job.id),
					() => stores.jobs.cancel(stranger, job.id),
					() => stores.jobs.events(stranger, job.id, 0, 10),
				])
					await expect(enter()).rejects.toMatchObject({ code: "not_found" });
				expect(await stores.jobs.list(stranger, { limit: 10, before: null, status: null })).toEqual({ jobs: [], next: null });
				expect(await stores.jobs.list(stranger, { limit: 10, before: job.id, status: null })).toEqual({ jobs: [], next: null });
				expect((await stores.jobs.get(job.tenantId, job.id)).status).toBe("queued");
			});

			test("pages cover every job once, newest first, also those of one instant", async () => {
				const jobs: Job[] = [];
				for (let count = 0; count < 7; count++) jobs.push(await draw());
				await stores.database.query(sql`update jobs set created_at = (select min(created_at) from jobs where tenant_id = ${bench.tenantId})
					where id = any(${jobs.slice(1, 5).map((job) => job.id)}::text[])`);
				const seen: Job[] = [];
				for (let before: string | null = null, more = true; more; ) {
					const page = await stores.jobs.list(bench.tenantId, { limit: 3, before, status: null });
					expect(page.jobs.length).toBeLessThanOrEqual(3);
					seen.push(...page.jobs);
					before = page.next;
					more = before !== null;
				}
				expect(seen.map((job) => job.id).sort()).toEqual(jobs.map((job) => job.id).sort());
				const times = seen.map((job) => job.createdAt.getTime());
				expect(times).toEqual([...times].sort((a, b) => b - a));
			});

			test("a list can be cut to one status", async () => {
				const [gone] = [await draw(), await draw()];
				await cancel(gone);
				const page = await stores.jobs.list(bench.tenantId, { limit: 10, before: null, status: "cancelled" });
				expect(page.jobs.map((job) => job.id)).toEqual([gone.id]);
			});
		});

		describe("idempotency keys", () => {
			const begin = (key: string, body = "hash", tenantId = bench.tenantId) => stores.idempotency.begin(tenantId, key, body);
			const unlock = (key: string) =>
				stores.database.query(
					sql`update idempotency_keys set locked_until = now() - interval '1 second' where tenant_id = ${bench.tenantId} and key = ${key}`,
				);

			test("a repeated request gets the first answer, another body is refused, another tenant is free", async () => {
				expect(await begin("k")).toEqual({ kind: "new" });
				await expect(begin("k")).rejects.toMatchObject({ code: "idempotency_in_flight" });
				await expect(begin("k", "other")).rejects.toMatchObject({ code: "idempotency_key_reused" });
				await stores.idempotency.complete(bench.tenantId, "k", 202, '{"id":1}');
				for (let round = 0; round < 2; round++) expect(await begin("k")).toEqual({ kind: "replay", status: 202, body: '{"id":1}' });
				await expect(begin("k", "other")).rejects.toMatchObject({ code: "idempotency_key_reused" });
				expect(await begin("k", "other", await bench.newTenant())).toEqual({ kind: "new" });
			});

			test("of ten equal requests at once one goes through", async () => {
				const key = newId("key");
				const results = await Promise.allSettled(Array.from({ length: 10 }, () => begin(key)));
				expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
				for (const result of results)
					if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "idempotency_in_flight" });
			});

			test("a job whose answer was lost is found again instead of made twice", async () => {
				await begin("k");
				const job = await bench.submit({ steps: drawOnly, idempotencyKey: "k" });
				await stores.idempotency.abandon(bench.tenantId, "k");
				await unlock("k");
				expect(await begin("k")).toEqual({ kind: "accepted", jobId: job.id });
			});

			test("a request that died before its job was accepted can be sent again, by one at a time", async () => {
				await begin("k");
				await unlock("k");
				expect(await begin("k")).toEqual({ kind: "new" });
				await expect(begin("k")).rejects.toMatchObject({ code: "idempotency_in_flight" });
				await stores.idempotency.abandon(bench.tenantId, "k");
				expect(await begin("k", "other")).toEqual({ kind: "new" });
			});
		});
	});
}
