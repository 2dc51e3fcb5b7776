import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { UsageKey, UsageQuery, UsageRow } from "../../src/domain/usage/usage.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { until } from "../support/until.ts";
import { broke, done, drawOnly, setUpBench, stepMicroUsd, stepMs, type Workbench, workOff } from "../support/workbench.ts";

const nothing = { jobs: 0, jobsFailed: 0, pictures: 0, picturesFailed: 0, steps: 0, stepsFailed: 0, stepsSkipped: 0 };
const ofNoStep = { jobs: null, jobsFailed: null, pictures: null, picturesFailed: null };

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`usage in the ${name} database`, () => {
		let stores: TestStores;
		let bench: Workbench;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
		}, 300_000);
		beforeEach(async () => {
			bench = await setUpBench(stores);
		});
		afterAll(() => stores?.close());

		const everything = (more: Partial<UsageQuery> = {}): UsageQuery => ({
			...{ tenantId: bench.tenantId, from: "2020-01-01", to: "2100-01-01", timeZone: "UTC", keyId: null, model: null, step: null },
			...{ groupBy: [], limit: 100, after: null },
			...more,
		});
		const total = (more: Partial<UsageQuery> = {}) => stores.usage.total({ ...everything(more), isOfSteps: false });
		const rows = async (more: Partial<UsageQuery>) => (await stores.usage.read(everything(more))).rows;

		test("pictures, jobs, steps, time and charges are counted as they end, and nothing before", async () => {
			await bench.submit({ pictures: 2 });
			expect(await total()).toMatchObject(nothing);
			await workOff(stores, bench);
			expect(await total()).toEqual({
				...{ jobs: 1, jobsFailed: 0, pictures: 2, picturesFailed: 0, steps: 10, stepsFailed: 0, stepsSkipped: 0 },
				...{ runtimeMs: 10 * stepMs, chargedMicroUsd: 10 * stepMicroUsd, costMicroUsd: 0, quota: {} },
			});
		});

		test("a picture that failed is counted as such, with its steps, and was not charged", async () => {
			await bench.submit({ pictures: 2 });
			await workOff(stores, bench, (task) => (task.task.kind === "encode" && task.run.index === 1 ? broke(false) : done({ faceCount: 1 })));
			expect(await total()).toMatchObject({ jobs: 1, jobsFailed: 0, pictures: 1, picturesFailed: 1, steps: 9, stepsFailed: 1 });
			expect((await total()).chargedMicroUsd).toBe(5 * stepMicroUsd);
			await bench.submit({ steps: drawOnly });
			await workOff(stores, bench, () => broke(false));
			expect(await total()).toMatchObject({ jobs: 2, jobsFailed: 1, pictures: 1, picturesFailed: 2 });
		});

		test("a skipped step is counted as skipped, and what was cancelled as a job without pictures", async () => {
			await bench.submit();
			await workOff(stores, bench, (task) => (task.task.kind === "upscale" ? broke(false) : done({ faceCount: 1 })));
			const cancelled = await bench.submit();
			await stores.jobs.cancel(cancelled.tenantId, cancelled.id);
			expect(await total()).toMatchObject({ jobs: 2, jobsFailed: 0, pictures: 1, picturesFailed: 0, steps: 4, stepsSkipped: 1 });
			const [upscaled] = await rows({ groupBy: ["step"], step: "upscale" });
			expect(upscaled).toMatchObject({ ...ofNoStep, step: "upscale", steps: 0, stepsSkipped: 1, chargedMicroUsd: 0 });
		});

		test("whatever happens, charges are those of the ledger, by kind of step too", async () => {
			let nth = 0;
			for (let job = 0; job < 6; job++) await bench.submit({ pictures: 1 + (job % 3) });
			await workOff(stores, bench, () => (nth++ % 7 === 3 ? broke(nth % 2 === 0) : done({ faceCount: 1 })));
			const charged = await stores.database.query<{
				kind: string;
				amount: number;
			}>(sql`select t.kind, sum(l.amount_micro_usd)::bigint as amount
				from ledger_entries l join tasks t on t.id = l.task_id where l.kind = 'settle' and l.tenant_id = ${bench.tenantId} group by 1 order by 1`);
			const byStep = await rows({ groupBy: ["step"] });
			expect(byStep.filter((row) => row.chargedMicroUsd > 0).map((row) => ({ kind: row.step, amount: row.chargedMicroUsd }))).toEqual(
				charged,
			);
			expect(byStep.every((row) => row.step !== "")).toBe(true);
			const ended = await stores.database.query<{
				done: number;
				failed: number;
			}>(sql`select count(*) filter (where status = 'succeeded')::int as done,
				count(*) filter (where status = 'failed')::int as failed from image_runs where tenant_id = ${bench.tenantId}`);
			expect(await total()).toMatchObject({ jobs: 6, pictures: ended[0]?.done, picturesFailed: ended[0]?.failed });
		});

		test("what ended before the counting began is counted the same", async () => {
			await bench.submit({ pictures: 3 });
			await workOff(stores, bench, (task) =>
				task.task.kind === "upscale" || task.run.index === 2 ? broke(false) : done({ faceCount: 1 }),
			);
			await stores.jobs.cancel(bench.tenantId, (await bench.submit()).id);
			const counted = await rows({ groupBy: ["key", "model", "step"] });
			const all = await total();
			const [{ between } = { between: new Date() }] = await stores.database.query<{ between: Date }>(
				sql`select clock_timestamp() as between`,
			);
			await stores.database.query(sql`delete from usage_counts`);
			await stores.database.query(sql`insert into usage_backlog (before) values (clock_timestamp())`);
			// What ends while it is counted is the triggers'.
			await bench.submit({ steps: drawOnly });
			await workOff(stores, bench);
			const later = await total();
			expect(later).toMatchObject({ jobs: 1, pictures: 1 });
			await until(async () => (await Promise.all([stores.usage.countPast(), stores.usage.countPast()])).every(Boolean));
			expect(await total()).toMatchObject({ jobs: (all.jobs ?? 0) + 1, pictures: (all.pictures ?? 0) + 1, steps: all.steps + 1 });
			await stores.database.query(sql`delete from usage_counts`);
			await stores.database.query(sql`insert into usage_backlog (before) values (${between})`);
			await until(stores.usage.countPast);
			expect(await rows({ groupBy: ["key", "model", "step"] })).toEqual(counted);
			expect(await total()).toEqual(all);
		});

		test("days begin where the time zone says, also half an hour off", async () => {
			await bench.submit({ steps: drawOnly });
			await workOff(stores, bench);
			await stores.database.query(sql`update usage_counts set starts_at = case span when 'day' then timestamptz '2026-03-10Z' else timestamptz '2026-03-10 18:30Z' end
					where tenant_id = ${bench.tenantId}`);
			const dayIn = async (timeZone: string) => (await rows({ groupBy: ["day"], timeZone }))[0]?.day;
			expect(await dayIn("UTC")).toBe("2026-03-10");
			expect(await dayIn("Asia/Kolkata")).toBe("2026-03-11");
			expect(await dayIn("America/Los_Angeles")).toBe("2026-03-10");
			const on = async (day: string, timeZone: string) => (await total({ from: day, to: day, timeZone })).pictures;
			expect(await on("2026-03-11", "Asia/Kolkata")).toBe(1);
			expect(await on("2026-03-10", "Asia/Kolkata")).toBe(0);
			expect(await on("2026-03-10", "UTC")).toBe(1);
		});

		test("a time zone the database does not know is refused by its field", async () => {
			await expect(total({ timeZone: "Mars/Olympus" })).rejects.toMatchObject({
				code: "invalid_request",
				fields: [{ path: ["time_zone"] }],
			});
		});

		test("pages hold every row once, whatever they are told apart by", async () => {
			await stores.database.query(sql`insert into usage_counts (tenant_id, span, starts_at, key_id, model, kind, steps, pictures)
				select ${bench.tenantId}, 'day', timestamptz '2026-01-01Z' + d * interval '1 day', 'key_' || k, 'model_' || m, s, 1, 1
				from generate_series(0, 4) d, generate_series(1, 3) k, generate_series(1, 3) m, unnest(array['', 'generate', 'encode']) s`);
			for (const groupBy of [["day"], ["key", "model"], ["step"], ["day", "key", "model", "step"], ["tenant", "day", "model"]] as const) {
				const whole = await rows({ groupBy, limit: 1_000 });
				const paged: UsageRow[] = [];
				let after: UsageKey | null = null;
				do {
					const page = await stores.usage.read(everything({ groupBy, limit: 2, after }));
					paged.push(...page.rows);
					after = page.next;
				} while (after);
				expect(paged).toEqual(whole);
				expect(whole.reduce((sum, row) => sum + row.steps, 0)).toBe(groupBy.includes("step" as never) ? 90 : 135);
			}
		});

		test("the key is named, and only its own usage is shown when asked for", async () => {
			const keyId = `key_${bench.tenantId}`;
			const key = { id: keyId, tenantId: bench.tenantId, name: "build", prefix: "gw_", scopes: [], expiresAt: null, secretHash: keyId };
			await stores.accounts.createKey(key);
			await stores.jobs.submit({ ...bench.draft({ steps: drawOnly }), keyId });
			await bench.submit({ steps: drawOnly, pictures: 3 });
			await workOff(stores, bench);
			expect(await rows({ groupBy: ["key"] })).toMatchObject([
				{ key: "", keyName: null, pictures: 3 },
				{ key: keyId, keyName: "build", pictures: 1 },
			]);
			expect(await total({ keyId })).toMatchObject({ pictures: 1, jobs: 1 });
			expect(await total({ keyId: "" })).toMatchObject({ pictures: 3 });
		});

		test("units drawn from the plan's quota are counted by unit", async () => {
			const draft = bench.draft({ steps: drawOnly, pictures: 2 });
			const quotas = [{ unit: "image" as const, period: "2026-11", limit: 10, wanted: 2, drawn: 2 }];
			const runs = draft.runs.map((run) => ({ ...run, tasks: run.tasks.map((task) => ({ ...task, quotaUnits: ["image" as const] })) }));
			await stores.jobs.submit({ ...draft, quotas, runs });
			await workOff(stores, bench);
			expect(await total()).toMatchObject({ pictures: 2, quota: { image: 2 } });
		});
	});
}
