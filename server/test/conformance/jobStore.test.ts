import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Job } from "../../src/domain/jobs/job.ts";
import type { ClaimedTask } from "../../src/domain/jobs/jobStore.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { broke, done, drawOnly, forked, setUpBench, stepMicroUsd, type Workbench, workOff } from "../support/workbench.ts";

const lapse = () => new Promise((resolve) => setTimeout(resolve, 30));
/** What a race may end with. Anything else is a fault. */
const tolerating = (code: string) => (error: { code?: string }) => {
	if (error.code !== code) throw error;
};
const taskOf = (job: Job, stepId: string) => job.runs[0]?.tasks.find((task) => task.stepId === stepId);
const keyOf = (job: Job) => job.runs[0]?.tasks[0]?.orderKey;

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`jobs in the ${name} database`, () => {
		let stores: TestStores;
		let bench: Workbench;
		beforeAll(async () => {
			stores = await open([...shippedWorkflows, forked]);
		});
		beforeEach(async () => {
			bench = await setUpBench(stores);
		});
		afterAll(() => stores?.close());

		const get = (job: Job) => stores.jobs.get(job.tenantId, job.id);
		const eventsOf = (job: Job, after = 0) => stores.jobs.events(job.tenantId, job.id, after, 1_000);
		const balance = (tenantId = bench.tenantId) => stores.accounts.balance(tenantId);
		const untouched = { creditMicroUsd: 1_000_000, heldMicroUsd: 0 };
		const entries = (job: Job, kind: string) =>
			stores.database.query<{ amount: number }>(
				sql`select amount_micro_usd as amount from ledger_entries where job_id = ${job.id} and kind = ${kind} order by id`,
			);

		describe("submitting", () => {
			test("a job that cannot be paid for leaves nothing behind", async () => {
				const tenantId = await bench.newTenant(5 * stepMicroUsd - 1);
				await stores.idempotency.begin(tenantId, "k", "hash");
				const draft = bench.draft({ tenantId, idempotencyKey: "k" });
				await expect(stores.jobs.submit(draft)).rejects.toMatchObject({ code: "insufficient_credit" });
				await expect(stores.jobs.get(tenantId, draft.id)).rejects.toMatchObject({ code: "not_found" });
				const [left] = await stores.database.query(sql`select (select count(*) from jobs where id = ${draft.id})::int as jobs,
					(select count(*) from tasks where job_id = ${draft.id})::int as tasks, (select count(*) from image_runs where job_id = ${draft.id})::int as runs,
					(select count(*) from job_events where job_id = ${draft.id})::int as events,
					(select count(*) from line_tags where tenant_id = ${tenantId})::int as tags,
					(select count(*) from idempotency_keys where tenant_id = ${tenantId} and job_id is not null)::int as keys`);
				expect(left).toEqual({ jobs: 0, tasks: 0, runs: 0, events: 0, tags: 0, keys: 0 });
				expect(await balance(tenantId)).toEqual({ creditMicroUsd: 5 * stepMicroUsd - 1, heldMicroUsd: 0 });
				expect(await bench.claim(10)).toEqual([]);
			});

			test("jobs submitted at once never hold more than the credit", async () => {
				const tenantId = await bench.newTenant(3 * stepMicroUsd);
				const results = await Promise.allSettled(Array.from({ length: 8 }, () => bench.submit({ tenantId, steps: drawOnly })));
				expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(3);
				expect(await balance(tenantId)).toEqual({ creditMicroUsd: 0, heldMicroUsd: 3 * stepMicroUsd });
			});

			test("the price is held, then charged, and nothing stays held", async () => {
				const job = await bench.submit({ pictures: 2 });
				expect(job.status).toBe("queued");
				expect(await balance()).toEqual({ creditMicroUsd: 999_000, heldMicroUsd: 1_000 });
				expect(await workOff(stores, bench)).toHaveLength(10);
				expect(await balance()).toEqual({ creditMicroUsd: 999_000, heldMicroUsd: 0 });
				expect(await get(job)).toMatchObject({ status: "succeeded", chargedMicroUsd: 1_000 });
				expect(await entries(job, "settle")).toHaveLength(10);
				expect(await entries(job, "release")).toEqual([{ amount: 0 }]);
			});

			test("the database refuses to charge one step twice", async () => {
				const job = await bench.submit({ steps: drawOnly });
				await workOff(stores, bench);
				await expect(
					stores.database.query(sql`insert into ledger_entries (tenant_id, job_id, task_id, kind, debit, credit, amount_micro_usd)
					select tenant_id, job_id, task_id, kind, debit, credit, amount_micro_usd from ledger_entries where job_id = ${job.id} and kind = 'settle'`),
				).rejects.toMatchObject({ code: "23505" });
			});

			test("a job for later is not in line until its time, and is tagged only then", async () => {
				const job = await bench.submit({ steps: drawOnly, runAfter: new Date(Date.now() + 3_600_000) });
				expect(job.status).toBe("scheduled");
				await stores.jobs.housekeep();
				expect(await bench.claim()).toEqual([]);
				expect(keyOf(await get(job))).toBeNull();
				const earlier = await bench.submit({ steps: drawOnly });
				await stores.database.query(sql`update jobs set run_after = clock_timestamp() - interval '1 second' where id = ${job.id}`);
				const effects = await stores.jobs.housekeep();
				expect(effects).toMatchObject({ jobIds: expect.arrayContaining([job.id]), pools: expect.arrayContaining([bench.pool]) });
				const released = await get(job);
				expect(released.status).toBe("queued");
				expect(keyOf(released)).toBeGreaterThan(keyOf(earlier) ?? Number.NaN);
				expect((await eventsOf(job)).map((event) => event.type)).toEqual(["job.created", "job.released"]);
				expect(await workOff(stores, bench)).toEqual(["generate", "generate"]);
			});
		});

		describe("claiming", () => {
			test("tasks are handed out in the order of their tags, only to workers that can run them", async () => {
				const jobs = [await bench.submit({ steps: drawOnly }), await bench.submit({ steps: ["generate", "upscale"] })];
				expect(await bench.claim(10, [])).toEqual([]);
				expect(await bench.claim(10, ["generate:another"])).toEqual([]);
				// The second job has an upscale, but it waits for its drawing.
				expect(await bench.claim(10, [bench.capability("upscale")])).toEqual([]);
				const claimed = await bench.claim(10);
				expect(claimed.map((task) => task.jobId)).toEqual(jobs.map((job) => job.id));
				expect(claimed[0]).toMatchObject({ run: { index: 0, seed: 1 }, earlier: {}, lease: { attempt: 1, workerId: bench.workerId } });
			});

			test("eight workers asking at once never get the same task and leave none", async () => {
				await Promise.all(Array.from({ length: 12 }, () => bench.submit({ steps: drawOnly, pictures: 5 })));
				const drain = async () => {
					const mine: ClaimedTask[] = [];
					// A claim skips what another one has locked: empty-handed is no proof of an empty line, so everyone asks a fixed number of times.
					for (let round = 0; round < 20; round++) mine.push(...(await bench.claim(2)));
					return mine;
				};
				const claimed = (await Promise.all(Array.from({ length: 8 }, drain))).flat();
				claimed.push(...(await bench.claim(100)));
				expect(claimed).toHaveLength(60);
				expect(new Set(claimed.map((task) => task.lease.taskId)).size).toBe(60);
				expect(new Set(claimed.map((task) => task.lease.attempt))).toEqual(new Set([1]));
			});

			test("a paused pool hands out nothing", async () => {
				await bench.submit({ steps: drawOnly });
				await stores.database.query(sql`update pools set paused = true where id = ${bench.pool}`);
				expect(await bench.claim()).toEqual([]);
			});
		});

		describe("leases", () => {
			test("a worker that fell silent loses its task, which runs again, and its late answer is refused", async () => {
				const job = await bench.submit({ steps: drawOnly });
				const late = await bench.claimOne(stores.lapsing);
				await lapse();
				await stores.jobs.housekeep();
				const lateWrites = [
					() => stores.jobs.finish(late.lease, done()),
					() => stores.jobs.heartbeat(late.lease, 0.5),
					() => stores.jobs.checkLease(late.lease),
				];
				for (const write of lateWrites) await expect(write()).rejects.toMatchObject({ code: "lease_lost" });
				const next = await bench.claimOne();
				expect(next.lease).toMatchObject({ taskId: late.lease.taskId, attempt: 2 });
				for (const write of lateWrites) await expect(write()).rejects.toMatchObject({ code: "lease_lost" });
				await expect(stores.jobs.finish({ ...next.lease, workerId: "another" }, done())).rejects.toMatchObject({ code: "lease_lost" });
				await stores.jobs.finish(next.lease, done());
				await expect(stores.jobs.finish(next.lease, done())).rejects.toMatchObject({ code: "lease_lost" });
				expect(await get(job)).toMatchObject({ status: "succeeded", chargedMicroUsd: stepMicroUsd });
			});

			test("a heartbeat keeps the lease and its progress never goes back", async () => {
				const job = await bench.submit({ steps: drawOnly });
				const { lease } = await bench.claimOne(stores.lapsing);
				expect(await stores.jobs.heartbeat(lease, 0.5)).toEqual({
					tenantId: job.tenantId,
					jobId: job.id,
					stepId: "generate",
					runIndex: 0,
				});
				await stores.jobs.heartbeat(lease, 0.2);
				await lapse();
				await stores.jobs.housekeep();
				expect(await stores.jobs.checkLease(lease)).toMatchObject({ jobId: job.id });
				expect(taskOf(await get(job), "generate")).toMatchObject({ status: "running", progress: 0.5 });
			});

			test("revoking a worker gives its tasks to others and hands it no more", async () => {
				await bench.submit({ steps: drawOnly });
				const { lease } = await bench.claimOne();
				await stores.workers.revoke(bench.workerId);
				await lapse();
				expect(await stores.jobs.housekeep()).toMatchObject({ stoppedTaskIds: expect.arrayContaining([lease.taskId]) });
				await expect(stores.jobs.finish(lease, done())).rejects.toMatchObject({ code: "lease_lost" });
				expect(await bench.claim()).toEqual([]);
				await expect(stores.workers.seen(bench.workerId, { capabilities: [], loadedModel: null, slots: 1 })).rejects.toMatchObject({
					code: "unauthenticated",
				});
			});
		});

		describe("failing", () => {
			test("a failed attempt waits its delay before the next", async () => {
				const job = await bench.submit({ steps: drawOnly });
				await stores.jobs.finish((await bench.claimOne()).lease, broke(true, 3_600_000));
				expect(await bench.claim()).toEqual([]);
				expect(taskOf(await get(job), "generate")).toMatchObject({ status: "ready", error: { code: "engine_invalid" } });
				await stores.database.query(sql`update tasks set not_before = clock_timestamp() where job_id = ${job.id}`);
				expect((await bench.claimOne()).lease.attempt).toBe(2);
			});

			test("after its last attempt a job fails, nothing is charged and the hold is released", async () => {
				const job = await bench.submit({ steps: ["generate", "encode"] });
				expect(await workOff(stores, bench, () => broke(true))).toEqual(["generate", "generate", "generate"]);
				expect(await get(job)).toMatchObject({ status: "failed", chargedMicroUsd: 0, error: { code: "engine_invalid" } });
				expect(taskOf(await get(job), "encode")?.status).toBe("cancelled");
				expect(await balance()).toEqual(untouched);
				expect(await entries(job, "release")).toEqual([{ amount: 2 * stepMicroUsd }]);
			});

			test("a failure that cannot be cured is not tried again", async () => {
				const job = await bench.submit({ steps: drawOnly });
				expect(await workOff(stores, bench, () => broke(false))).toHaveLength(1);
				expect(await get(job)).toMatchObject({ status: "failed", chargedMicroUsd: 0 });
			});

			test("work given back unharmed does not count as an attempt", async () => {
				const job = await bench.submit({ steps: drawOnly });
				for (let round = 0; round < 6; round++) await stores.jobs.finish((await bench.claimOne()).lease, { kind: "released" });
				const outcomes = [broke(true), broke(true), done()];
				await workOff(stores, bench, () => outcomes.shift() ?? broke(false));
				expect(await get(job)).toMatchObject({ status: "succeeded", chargedMicroUsd: stepMicroUsd });
			});

			test("an optional step that fails keeps its input, and the picture is finished without paying for it", async () => {
				const job = await bench.submit();
				const outcome = ({ task }: ClaimedTask) => (task.stepId === "upscale" ? broke(false) : done({ faceCount: 1 }));
				expect(await workOff(stores, bench, outcome)).toEqual(["generate", "detect_faces", "restore_faces", "upscale", "encode"]);
				const ended = await get(job);
				expect(ended).toMatchObject({ status: "succeeded", chargedMicroUsd: 4 * stepMicroUsd });
				expect(taskOf(ended, "upscale")).toMatchObject({ status: "skipped", skipReason: "step_failed", outputs: {} });
				expect(await balance()).toEqual({ creditMicroUsd: 1_000_000 - 4 * stepMicroUsd, heldMicroUsd: 0 });
			});

			test("without faces none are restored and none are paid for", async () => {
				const job = await bench.submit();
				expect(await workOff(stores, bench, () => done({ faceCount: 0 }))).toEqual(["generate", "detect_faces", "upscale", "encode"]);
				expect(taskOf(await get(job), "restore_faces")).toMatchObject({ status: "skipped", skipReason: "no_faces" });
				expect(await get(job)).toMatchObject({ status: "succeeded", chargedMicroUsd: 4 * stepMicroUsd });
			});

			test("an optional step that no live worker can run any more does not hold the picture back", async () => {
				const job = await bench.submit({ steps: ["generate", "upscale", "encode"] });
				await stores.jobs.finish((await bench.claimOne()).lease, done());
				expect(taskOf(await get(job), "upscale")?.status).toBe("ready");
				const capabilities = bench.capabilities.filter((capability) => !capability.startsWith("upscale"));
				await stores.workers.seen(bench.workerId, { capabilities, loadedModel: null, slots: 1 });
				await stores.jobs.housekeep();
				expect(taskOf(await get(job), "upscale")).toMatchObject({ status: "skipped", skipReason: "model_missing" });
				expect(await workOff(stores, bench)).toEqual(["encode"]);
				expect(await get(job)).toMatchObject({ status: "succeeded", chargedMicroUsd: 2 * stepMicroUsd });
			});

			test("one bad picture of two is not charged and the job is partial", async () => {
				const job = await bench.submit({ steps: drawOnly, pictures: 2 });
				await workOff(stores, bench, ({ run }) => (run.index === 0 ? broke(false) : done()));
				expect(await get(job)).toMatchObject({ status: "partial", chargedMicroUsd: stepMicroUsd });
				expect(await balance()).toEqual({ creditMicroUsd: 1_000_000 - stepMicroUsd, heldMicroUsd: 0 });
			});

			test("when one of two steps side by side fails for good, the other stops and the job ends once", async () => {
				const job = await bench.submit({ workflow: forked });
				const [left, right] = await bench.claim(2);
				if (!left || !right) throw new Error("both sides should run at once");
				expect(await stores.jobs.finish(left.lease, broke(false))).toMatchObject({ stoppedTaskIds: [right.lease.taskId] });
				await expect(stores.jobs.finish(right.lease, done())).rejects.toMatchObject({ code: "lease_lost" });
				expect(await get(job)).toMatchObject({ status: "failed", chargedMicroUsd: 0 });
				expect(await balance()).toEqual(untouched);
			});
		});

		describe("cancelling", () => {
			const reach: Record<string, () => Promise<Job>> = {
				scheduled: () => bench.submit({ runAfter: new Date(Date.now() + 3_600_000) }),
				ready: () => bench.submit(),
				running: async () => {
					const job = await bench.submit();
					await bench.claim();
					return job;
				},
				"between two steps": async () => {
					const job = await bench.submit();
					await stores.jobs.finish((await bench.claimOne()).lease, done());
					return job;
				},
				"waiting to be tried again": async () => {
					const job = await bench.submit();
					await stores.jobs.finish((await bench.claimOne()).lease, broke(true, 3_600_000));
					return job;
				},
			};
			test.each(Object.entries(reach))("a job that is %s ends at once, charges nothing and never runs again", async (_state, submit) => {
				const job = await submit();
				await stores.jobs.cancel(job.tenantId, job.id);
				const seen = await eventsOf(job);
				expect(await stores.jobs.cancel(job.tenantId, job.id)).toEqual({ jobIds: [], pools: [], stoppedTaskIds: [] });
				await stores.jobs.housekeep();
				expect(await bench.claim(10)).toEqual([]);
				const ended = await get(job);
				expect(ended).toMatchObject({ status: "cancelled", chargedMicroUsd: 0, runs: [{ status: "cancelled" }] });
				expect(ended.runs[0]?.tasks.filter((task) => !["cancelled", "done"].includes(task.status))).toEqual([]);
				expect(await balance()).toEqual(untouched);
				expect(await eventsOf(job)).toEqual(seen);
				expect(seen.at(-1)?.type).toBe("job.cancelled");
			});

			test("the worker of a cancelled job is told and its answer is refused", async () => {
				const job = await bench.submit();
				const { lease } = await bench.claimOne();
				expect(await stores.jobs.cancel(job.tenantId, job.id)).toMatchObject({ jobIds: [job.id], stoppedTaskIds: [lease.taskId] });
				await expect(stores.jobs.finish(lease, done())).rejects.toMatchObject({ code: "lease_lost" });
				expect(await get(job)).toMatchObject({ status: "cancelled", chargedMicroUsd: 0 });
			});

			test("a job that ended cannot be cancelled any more", async () => {
				const good = await bench.submit({ steps: drawOnly });
				await workOff(stores, bench);
				const bad = await bench.submit({ steps: drawOnly });
				await workOff(stores, bench, () => broke(false));
				for (const job of [good, bad])
					await expect(stores.jobs.cancel(job.tenantId, job.id)).rejects.toMatchObject({ code: "job_not_cancellable" });
			});

			test("finishing and cancelling at the same moment leaves exactly one outcome", async () => {
				let credit = 1_000_000;
				for (let round = 0; round < 30; round++) {
					const job = await bench.submit({ steps: drawOnly });
					const { lease } = await bench.claimOne();
					const writes = [() => stores.jobs.finish(lease, done()), () => stores.jobs.cancel(job.tenantId, job.id)];
					const results = await Promise.allSettled((round % 2 ? writes : writes.reverse()).map((write) => write()));
					expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
					const { status, chargedMicroUsd } = await get(job);
					expect([`succeeded ${stepMicroUsd}`, "cancelled 0"]).toContain(`${status} ${chargedMicroUsd}`);
					credit -= chargedMicroUsd;
					expect(await balance()).toEqual({ creditMicroUsd: credit, heldMicroUsd: 0 });
					expect((await eventsOf(job)).filter((event) => /^job\.(succeeded|cancelled|failed|partial)$/.test(event.type))).toHaveLength(1);
				}
			});
		});

		describe("everything at once", () => {
			test("several housekeepers put a lapsed task back once", async () => {
				const job = await bench.submit({ steps: drawOnly });
				await bench.claimOne(stores.lapsing);
				await lapse();
				await Promise.all(Array.from({ length: 4 }, () => stores.jobs.housekeep()));
				expect((await eventsOf(job)).filter((event) => event.type === "step.retrying")).toHaveLength(1);
			});

			test("submits, workers, cancels and housekeepers together lose no job and no money", async () => {
				const jobs: Job[] = [];
				const submitting = Array.from({ length: 20 }, async (_, index) => {
					const job = await bench.submit({ pictures: 2, steps: ["generate", "upscale", "encode"], maxAttempts: 100 });
					jobs.push(job);
					if (index % 4 === 0) await stores.jobs.cancel(job.tenantId, job.id).catch(tolerating("job_not_cancellable"));
				});
				const work = async () => {
					for (let round = 0; round < 12; round++) {
						for (const { lease } of await bench.claim(2, bench.capabilities, round % 5 === 4 ? stores.lapsing : stores.jobs)) {
							const outcome = [done(), done(), done(), broke(true), { kind: "released" as const }][lease.taskId % 5] ?? done();
							await stores.jobs.finish(lease, lease.attempt > 1 ? done() : outcome).catch(tolerating("lease_lost"));
						}
						if (round % 4 === 0) await stores.jobs.housekeep();
					}
				};
				await Promise.all([...submitting, ...Array.from({ length: 6 }, work)]);
				await lapse();
				await stores.jobs.housekeep();
				await workOff(stores, bench);
				const ended = await Promise.all(jobs.map(get));
				expect(ended.map((job) => job.status)).toEqual(ended.map((job) => (job.status === "cancelled" ? "cancelled" : "succeeded")));
				expect(ended.filter((job) => job.status === "cancelled").length).toBeLessThanOrEqual(5);
				const charged = ended.reduce((sum, job) => sum + job.chargedMicroUsd, 0);
				expect(await balance()).toEqual({ creditMicroUsd: 1_000_000 - charged, heldMicroUsd: 0 });
				for (const job of ended) {
					const events = await eventsOf(job);
					expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
					expect(events.filter((event) => /^job\.(succeeded|cancelled|failed|partial)$/.test(event.type))).toEqual(events.slice(-1));
				}
			});
		});
	});
}
